"""What the rules draw: who acts, on which ticket, with which texts, and what belongs to it by the contract.

Nothing that is drawn depends on what has happened before, so an example that fails can be made smaller.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from tests.stateful.contract import ASSOCIATE, LEVELS, MANAGER, STATUSES, Match

# dee becomes an associate and a manager again in the course of it, ina is deactivated and comes back.
PEOPLE = {"ann": ASSOCIATE, "bob": ASSOCIATE, "meg": MANAGER, "max": MANAGER, "dee": MANAGER, "ina": ASSOCIATE}
NOBODY = "nobody"


@dataclass(frozen=True)
class Who:
    """`outdated`: with the token and the session of before their role or activity changed, where there are any."""

    name: str
    outdated: bool


@dataclass(frozen=True)
class Pick:
    """One of the tickets. `fitting`: one of those that the act may be done to; `unknown`: an id of none."""

    kind: str
    at: int


@dataclass(frozen=True)
class Key:
    """An `Idempotency-Key`; empty is none."""

    text: str
    names_a_cycle: bool = False

    @property
    def header(self) -> dict[str, str]:
        return {"Idempotency-Key": self.text} if self.text else {}

    @property
    def is_readable(self) -> bool:
        return " " not in self.text and len(self.text) <= 200


NO_KEY = Key("")
WHO = st.builds(Who, st.sampled_from(["meg", "max", *PEOPLE] * 3 + [NOBODY]), st.sampled_from([False] * 9 + [True]))
PICK = st.builds(Pick, st.sampled_from(["fitting"] * 8 + ["any"] * 5 + ["unknown"]), st.integers(0, 11))
PICKS = st.lists(PICK, min_size=1, max_size=5)
LEVEL = st.sampled_from(LEVELS)
MATCH = st.sampled_from(["none"] * 4 + ["right"] * 3 + ["old", "old", "list", "any", "foreign", "malformed"])
VERSION = st.sampled_from(["none", "right", "right", "right", "old"])
KEY = st.builds(Key, st.sampled_from(["", "", "", "one", "one", "two", "no key", "k" * 201]))
BAD = st.sampled_from([False] * 7 + [True])


def if_match(how: str, version: int) -> tuple[dict[str, str], Match, bool]:
    """The header, the versions that it names, and whether it can be read."""
    old = version - 1 or 7
    headers: dict[str, tuple[str, Match]] = {
        "right": (f'"{version}"', frozenset({version})),
        "old": (f'"{old}"', frozenset({old})),
        "list": (f'"{version + 3}", W/"{version}"', frozenset({version, version + 3})),
        "any": ("*", None),
        "foreign": ('"abc"', frozenset()),
        "malformed": (str(version), None),
    }
    if how == "none":
        return {}, None, True
    header, match = headers[how]
    return {"If-Match": header}, match, how != "malformed"


# --- Bodies -----------------------------------------------------------------------------------------------------------

# As sent, and as stored.
TITLES = [
    ("Printer", "Printer"),
    ("  Drucker im Büro ", "Drucker im Büro"),
    ("İstanbul: É 100%_\\", "İstanbul: É 100%_\\"),
    ("No network\nsince nine", "No network\nsince nine"),
    ("x" * 200, "x" * 200),
]
DESCRIPTIONS = ["It prints black pages.", " Kept as sent: 100 %\n", "Since nine.\nEverybody.", "Ω 漢字 🙂"]
DUE = [
    ("2026-12-24T09:30:00.000Z", datetime(2026, 12, 24, 9, 30, tzinfo=UTC)),
    ("2020-01-01T00:00:00", datetime(2020, 1, 1, tzinfo=UTC)),
    ("2027-03-01T10:00:00+02:00", datetime(2027, 3, 1, 8, tzinfo=UTC)),
]
NEW = st.fixed_dictionaries(
    {
        "title": st.sampled_from(TITLES),
        "description": st.sampled_from(DESCRIPTIONS),
        "due": st.sampled_from(DUE),
        "severity": LEVEL,
        "suggested": st.sampled_from([None, *LEVELS]),
    }
)
# What makes any body of a new ticket one of the wrong shape.
BAD_NEW: list[dict[str, Any]] = [
    {"title": " \n"},
    {"title": "x" * 201},
    {"title": None},
    {"description": ""},
    {"description": "a\0b"},
    {"severity": "HUGE"},
    {"severity": 3},
    {"dueDate": "soon"},
    {"aiSuggestedSeverity": "NONE"},
    {"status": "CLOSED"},
]
TEXTS = st.fixed_dictionaries(
    {}, optional={"title": st.sampled_from(TITLES), "description": st.sampled_from(DESCRIPTIONS)}
)
BAD_TEXTS: list[dict[str, Any]] = [
    {},
    {"title": None},
    {"title": "\t"},
    {"title": "y" * 201},
    {"description": " "},
    {"title": "x", "severity": "LOW"},
    {"title": ["x"]},
]
REASON = st.sampled_from(["Everybody is affected.", " one room only ", "r" * 500, None, "", " \n"])
REVIEW = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["APPROVE", "CHANGE_SEVERITY", "CHANGE_SEVERITY"]),
        "newSeverity": st.sampled_from([*LEVELS, None]),
        "severityChangeReason": REASON,
    }
)
BAD_REVIEWS: list[dict[str, Any]] = [
    {},
    {"action": None},
    {"action": "DELETE"},
    {"action": "CHANGE_SEVERITY", "newSeverity": "HUGE", "severityChangeReason": "x"},
    {"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": "r" * 501},
    {"action": "APPROVE", "status": "CLOSED"},
]
BULK_ACTION = st.sampled_from(["APPROVE", "CHANGE_SEVERITY", "DELETE", "DELETE", "RESTORE", "RESTORE"])
# How each id of a bulk is accompanied by a version.
BULK_VERSIONS = st.sampled_from(["none", "right", "right", "old"])
BAD_BULKS: list[dict[str, Any]] = [
    {"ids": []},
    {"ids": [str(uuid.UUID(int=1)), str(uuid.UUID(int=1))]},
    {"ids": "all"},
    {"versions": {str(uuid.UUID(int=99)): 1}},
    {"more": 1},
]

# --- Lists ------------------------------------------------------------------------------------------------------------

QUERY = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(STATUSES),
        "severity": LEVEL,
        "createdBy": st.sampled_from(["me", *PEOPLE]),
        "reviewedBy": st.sampled_from(["me", *PEOPLE]),
        "q": st.sampled_from(
            ["PRINTER", "büro", " É ", "istanbul", "%", "_", "\\", "since nine", "-000002", "TKT", "zz"]
        ),
        "dueBefore": st.sampled_from([moment for _text, moment in DUE]),
        "updatedSince": st.integers(0, 11),
        "sort": st.sampled_from(
            [
                sign + name
                for name in ("number", "createdAt", "updatedAt", "dueDate", "severity", "status")
                for sign in ("", "-")
            ]
        ),
        "page": st.integers(1, 3),
        "pageSize": st.sampled_from([1, 2, 5, 200, 1000]),
    },
)
BAD_QUERIES = [
    "page=0",
    "pageSize=x",
    "status=NEW",
    "severity=easy",
    "createdBy=you",
    "reviewedBy=you",
    "sort=title",
    "dueBefore=soon",
    "updatedSince=0",
]

# --- Files ------------------------------------------------------------------------------------------------------------

ROW_KINDS = ["id", "id", "id", "number", "number", "both", "loud", "mismatch", "unknown", "none", "short"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(ROW_KINDS),
        PICK,
        st.sampled_from(["PENDING", "OPEN", "OPEN", "CLOSED", "CLOSED", "DONE", "DRAFT"]),
    ),
    min_size=1,
    max_size=6,
)
BAD_FILES = [
    b"",
    b"id,status\n",
    b"number,state\nx,OPEN\n",
    b"id,status,status\nx,OPEN,OPEN\n",
    b'id,status\n"x,OPEN\n',
    b"id,status\n\0,OPEN\n",
]
