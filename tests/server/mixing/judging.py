"""Whether what many clients were told, and what the history holds, is one and the same.

Each client acts as a person of their own, one request after the other, so an entry of the history names the client that
must know of it. What was answered with success stands in the history, once. What was cut off may stand there or not,
but where it was sent again with its `Idempotency-Key`, the answer to that tells. What was refused does not stand there,
and said by a code why. Nothing else stands there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.server.mixing.client import AWAY, CUT, KEY_IN_USE

type Note = dict[str, Any]

# With what each act may be refused, however it was asked for: by what somebody else did before, or by who asked.
REFUSALS = {
    "read": {"ticket_not_found"},
    "created": set[str](),
    "approved": {"ticket_not_found", "changed_meanwhile", "not_in_draft", "own_ticket", "forbidden_role"},
    "severity_changed": {
        "ticket_not_found", "changed_meanwhile", "not_in_draft", "own_ticket", "forbidden_role", "same_severity",
    },
    "edited": {"ticket_not_found", "changed_meanwhile", "not_in_review", "not_allowed_on_this_ticket"},
    "deleted": {"ticket_not_found", "changed_meanwhile", "past_deleting", "not_allowed_on_this_ticket"},
    "restored": {"ticket_not_found", "changed_meanwhile", "not_deleted", "not_allowed_on_this_ticket"},
    "imported": {"forbidden_role", "cycle_running"},
}  # fmt: skip
CLASH = 409  # of the page for editing, which shows both texts


@dataclass(frozen=True)
class Entry:
    """An entry of the history as the database has it."""

    user: str
    ticket: str
    version: int
    action: str


@dataclass
class Told:
    """What one person was told."""

    user: str
    notes: list[Note]

    def answered(self) -> list[Note]:
        return [note for note in self.notes if note["status"] not in (AWAY, CUT)]

    def cut(self) -> list[Note]:
        """What may have been done: nobody was ever told."""
        settled = {note.get("key") for note in self.answered() if note.get("code") != KEY_IN_USE} - {None}
        cut = [note for note in self.notes if note["status"] == CUT and note["act"] != "read"]
        return [note for note in cut if note.get("key") not in settled]

    def refused(self) -> list[Note]:
        return [note for note in self.answered() if 400 <= note["status"] < 500]

    def done(self) -> list[Note]:
        return [note for note in self.answered() if note["status"] in (200, 201, 302) and note["act"] != "read"]


def unexplained_refusals(told: Told) -> list[Note]:
    """Refusals that do not say why, or say what cannot be the reason."""
    refused = [note for note in told.refused() if not (note.get("key") and note.get("code") == KEY_IN_USE)]
    notes = [note for note in refused if note.get("code") not in REFUSALS[note["act"]]]
    codes = [
        (note, code)
        for note in told.done()
        for code in note.get("results", {}).values()
        if code is not None and code not in REFUSALS[note["act"]]
    ]
    clashes = [note for note in notes if (note["by"], note["act"], note["status"]) == ("page", "edited", CLASH)]
    return [note for note in notes if note not in clashes] + [note for note, _code in codes]


def untrue_versions(told: Told, entries: Iterable[Entry]) -> list[Note]:
    """What was answered with a version that the history knows otherwise, or that is not next to the one expected."""
    known = {(entry.ticket, entry.version): entry for entry in entries}
    found = []
    for note in told.done():
        if note.get("version") is None:
            continue
        entry = known.get((note["tickets"][0], note["version"]))
        is_true = entry is not None and (entry.user, entry.action) == (told.user, note["act"])
        expected = note.get("match")
        if not is_true or (expected is not None and note["version"] != expected + 1):
            found.append(note)
    return found


def wrong_counts(told: Told, entries: Iterable[Entry]) -> list[str]:
    """Acts of this person of which the history holds less than were answered, or more than those and the cut ones."""
    held = Counter((entry.action, entry.ticket) for entry in entries if entry.user == told.user)
    answered, cut = Counter(_named(told.done())), Counter(_named(told.cut()))
    wrong = [
        f"{told.user} {key}: {held[key]} held, {answered[key]} answered, {cut[key]} cut"
        for key in {*held, *answered}
        if key[0] not in ("created", "imported") and not answered[key] <= held[key] <= answered[key] + cut[key]
    ]
    return wrong + _wrong_creations(told, held) + _wrong_imports(told, held)


def _named(notes: Iterable[Note]) -> Iterable[tuple[str, str]]:
    """Each ticket to which something was done, where the request names it; of a bulk those that it was done to."""
    for note in notes:
        if note["act"] not in ("created", "imported"):
            done = (
                [id for id, code in note["results"].items() if code is None] if "results" in note else note["tickets"]
            )
            yield from ((note["act"], id) for id in done)


def _wrong_creations(told: Told, held: Counter[tuple[str, str]]) -> list[str]:
    count = sum(number for (action, _ticket), number in held.items() if action == "created")
    answered = [note for note in told.done() if note["act"] == "created"]
    cut = [note for note in told.cut() if note["act"] == "created"]
    lost = [id for note in answered for id in note["tickets"] if held["created", id] != 1]
    is_wrong = lost or not len(answered) <= count <= len(answered) + len(cut)
    return [f"{told.user} created {count}: {len(answered)} answered, {len(cut)} cut, {lost} lost"] if is_wrong else []


def _wrong_imports(told: Told, held: Counter[tuple[str, str]]) -> list[str]:
    """A cycle that was cut off may have moved any number of tickets."""
    count = sum(number for (action, _ticket), number in held.items() if action == "imported")
    answered = sum(note["updated"] for note in told.done() if note["act"] == "imported")
    cut = [note for note in told.cut() if note["act"] == "imported"]
    most = float("inf") if any(note["tickets"] is None for note in cut) else sum(len(note["tickets"]) for note in cut)
    is_wrong = not answered <= count <= answered + most
    return [f"{told.user} imported {count}: {answered} answered, {len(cut)} requests cut"] if is_wrong else []
