"""Reviewing over REST: the shape of bodies, the rules of the moves, and the order in which they are checked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import factories
from tests.support.client import ApiClient, assert_error

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, ["action"]),
        ({"action": None}, ["action"]),
        ({"action": "approve"}, ["action"]),
        ({"action": "REJECT"}, ["action"]),
        ({"action": 1}, ["action"]),
        ({"action": ["APPROVE"]}, ["action"]),
        ({"action": {"APPROVE": 1}}, ["action"]),
        ({"newSeverity": "LOW", "severityChangeReason": "x"}, ["action"]),
        ({"action": "APPROVE", "comment": "fine"}, ["comment"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "URGENT", "severityChangeReason": "x"}, ["newSeverity"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "low", "severityChangeReason": "x"}, ["newSeverity"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "", "severityChangeReason": "x"}, ["newSeverity"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": 3, "severityChangeReason": "x"}, ["newSeverity"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": ["LOW"], "severityChangeReason": "x"}, ["newSeverity"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": 5}, ["severityChangeReason"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": ["x"]}, ["severityChangeReason"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": {}}, ["severityChangeReason"]),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": True}, ["severityChangeReason"]),
        (
            {"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": "x" * 501},
            ["severityChangeReason"],
        ),
        (
            {"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": "x" * 600},
            ["severityChangeReason"],
        ),
        (
            {"action": "CHANGE_SEVERITY", "newSeverity": "LOW", "severityChangeReason": "a\x00b"},
            ["severityChangeReason"],
        ),
        (
            {"action": "CHANGE_SEVERITY", "newSeverity": "X", "severityChangeReason": 5},
            ["newSeverity", "severityChangeReason"],
        ),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else None,
)
def test_a_review_of_the_wrong_shape_is_refused_before_the_ticket_is_looked_for(sent: Any, named: list[str]) -> None:
    own = factories.manager()
    draft = factories.ticket(author=own)
    for path in (
        f"/tickets/{draft.pk}/review",
        "/tickets/00000000-0000-4000-8000-000000000000/review",
        "/tickets/x/review",
    ):
        body = assert_error(ApiClient(own).patch(path, sent), 400, "invalid_input")
        assert sorted(body["fields"]) == named


@pytest.mark.parametrize("reason", ["x", "x" * 500, "  " + "é" * 500 + "\n", "two\nlines"], ids=len)
def test_a_reason_has_up_to_500_characters_after_trimming(reason: str) -> None:
    client = ApiClient(factories.manager())
    draft = factories.ticket(severity="LOW")
    sent = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": reason}
    assert client.patch(f"/tickets/{draft.pk}/review", sent).status_code == 200
    newest = client.get(f"/tickets/{draft.pk}/history").json()[0]
    assert newest["reason"] == f"severity changed: {reason.strip()}"


@pytest.mark.parametrize("ignored", [{"severityChangeReason": "x" * 600}, {"newSeverity": 5}, {"newSeverity": "LOW"}])
def test_what_belongs_to_another_action_is_ignored(ignored: dict[str, Any]) -> None:
    draft = factories.ticket(severity="HIGH")
    response = ApiClient(factories.manager()).patch(f"/tickets/{draft.pk}/review", {"action": "APPROVE", **ignored})
    assert (response.status_code, response.json()["severity"]) == (200, "HIGH")


SEVERITY_MOVES = """
from \\ to   EASY     LOW      MEDIUM   HIGH     VERY_HIGH
EASY         -        REVIEW   REVIEW   REVIEW   REVIEW
LOW          PENDING  -        REVIEW   REVIEW   REVIEW
MEDIUM       PENDING  PENDING  -        REVIEW   REVIEW
HIGH         PENDING  PENDING  PENDING  -        REVIEW
VERY_HIGH    PENDING  PENDING  PENDING  PENDING  -
"""


def severity_moves() -> list[tuple[str, str, str]]:
    header, *rows = [line.split() for line in SEVERITY_MOVES.strip().splitlines()]
    return [(row[0], to, status) for row in rows for to, status in zip(header[3:], row[1:], strict=True)]


@pytest.mark.parametrize(("old", "new", "status"), severity_moves())
def test_up_is_sent_back_down_is_approved_and_the_same_is_refused(old: str, new: str, status: str) -> None:
    reviewer = factories.manager()
    draft = factories.ticket(severity=old)
    sent = {"action": "CHANGE_SEVERITY", "newSeverity": new, "severityChangeReason": "because"}
    response = ApiClient(reviewer).patch(f"/tickets/{draft.pk}/review", sent)
    if status == "-":
        assert_error(response, 400, "same_severity")
        return
    answer = response.json()
    assert (response.status_code, answer["status"], answer["severity"]) == (200, status, new)
    assert answer["reviewedById"] == str(reviewer.pk)
    newest = ApiClient(reviewer).get(f"/tickets/{draft.pk}/history").json()[0]
    assert (newest["fromSeverity"], newest["toSeverity"]) == (old, new)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"action": "CHANGE_SEVERITY"}, "new_severity_required"),
        ({"action": "CHANGE_SEVERITY", "newSeverity": None, "severityChangeReason": None}, "new_severity_required"),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": None}, "reason_required"),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": ""}, "reason_required"),
        ({"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": " \n\t"}, "reason_required"),
    ],
    ids=str,
)
def test_null_and_blank_are_as_absent(sent: dict[str, Any], code: str) -> None:
    draft = factories.ticket(severity="LOW")
    assert_error(ApiClient(factories.manager()).patch(f"/tickets/{draft.pk}/review", sent), 400, code)


def test_a_staff_flag_is_no_role() -> None:
    draft = factories.ticket()
    staff = factories.associate(is_staff=True)
    response = ApiClient(staff).patch(f"/tickets/{draft.pk}/review", {"action": "APPROVE"})
    assert_error(response, 403, "forbidden_role", "Forbidden resource")


# --- The order of checks


def test_role_comes_before_shape_shape_before_the_ticket_and_its_state() -> None:
    closed = factories.ticket("CLOSED")
    nobody_s, bad = "00000000-0000-4000-8000-000000000000", {"action": "BURN", "title": 5}
    colleague, boss = ApiClient(factories.associate()), ApiClient(factories.manager())
    for ticket_id in (closed.pk, nobody_s, "x"):
        assert_error(colleague.patch(f"/tickets/{ticket_id}/review", bad), 403, "forbidden_role")
        assert_error(boss.patch(f"/tickets/{ticket_id}/review", bad), 400, "invalid_input")
        assert_error(colleague.patch(f"/tickets/{ticket_id}", bad), 400, "invalid_input")


def test_shape_comes_before_permission() -> None:
    sent_back = factories.ticket("REVIEW")
    colleague = ApiClient(factories.associate())
    assert_error(colleague.patch(f"/tickets/{sent_back.pk}", {"title": ""}), 400, "invalid_input")
    assert_error(colleague.patch(f"/tickets/{sent_back.pk}", {"title": "x"}), 403, "not_allowed_on_this_ticket")
