"""GET /ai/quality: what authors made of suggestions, and where managers moved the tickets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support.client import ApiClient, assert_error
from tests.support.factories import DUE_DATE, associate, manager
from tickets import actions
from tickets.models import Ticket
from triage import ledger, matching
from triage.models import Suggestion

PATH = "/ai/quality"
NOTHING = {
    "tickets": 0,
    "accepted": 0,
    "acceptanceRate": None,
    "reviewed": 0,
    "overridden": 0,
    "overrideRate": None,
    "confirmed": 0,
    "agreementRate": None,
    "raised": 0,
    "lowered": 0,
}

pytestmark = pytest.mark.django_db


def suggestion(user: User | None, title: str = "Blue", description: str = "Green", **fields: Any) -> Suggestion:
    """One in the ledger, made now."""
    values = {"severity": "MEDIUM", "source": "HEURISTIC", "latency_ms": 1} | fields
    made = Suggestion(asked_by=user, text_hash=ledger.text_hash(title, description), **values)
    ledger.record(made)
    return made


def by_model(user: User, model: str, **fields: Any) -> Suggestion:
    return suggestion(user, source="LLM", model=model, server="http://x/v1", prompt_version="1", **fields)


def ticket(author: User, severity: str = "MEDIUM", *, title: str = "Blue", suggested: str | None = None) -> Ticket:
    return actions.create_ticket(
        author,
        title=title,
        description="Green",
        due_date=DUE_DATE,
        severity=severity,
        ai_suggested_severity=suggested,
    )


def quality() -> dict[str, Any]:
    answer = ApiClient(manager()).get(PATH)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def linked(made: Suggestion) -> Ticket | None:
    matching.match_tickets()
    made.refresh_from_db()
    return made.ticket


# Who may see it.


def test_managers_only() -> None:
    assert_error(ApiClient(associate()).get(PATH), 403, "forbidden_role", "Forbidden resource")
    assert_error(ApiClient().get(PATH), 401, "unauthorized", "Unauthorized")


def test_an_empty_desk_has_no_rates() -> None:
    assert quality() == {
        "suggestions": 0,
        "fallbacks": {},
        "overall": NOTHING,
        "bySource": [],
        "byModel": [],
        "byMonth": [],
        "bySeverity": [],
        "latency": [],
    }


# Which ticket came of a suggestion.


def test_a_ticket_with_the_same_text_by_the_same_person_belongs_to_the_suggestion() -> None:
    author = associate()
    made = suggestion(author)
    created = ticket(author)
    assert linked(made) == created


def test_another_persons_ticket_does_not() -> None:
    made = suggestion(associate())
    ticket(associate())
    assert linked(made) is None


def test_a_ticket_with_another_text_does_not() -> None:
    author = associate()
    made = suggestion(author)
    ticket(author, title="Red")
    assert linked(made) is None


def test_a_ticket_from_before_does_not() -> None:
    author = associate()
    ticket(author)
    with time_machine.travel(timezone.now() + timedelta(seconds=1)):
        made = suggestion(author)
        assert linked(made) is None


@pytest.mark.parametrize(("hours", "belongs"), [(23.9, True), (24.1, False)])
def test_a_ticket_belongs_within_a_day(hours: float, belongs: bool) -> None:
    author, start = associate(), datetime(2026, 3, 1, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        made = suggestion(author)
    with time_machine.travel(start + timedelta(hours=hours), tick=False):
        ticket(author)
    assert (linked(made) is not None) == belongs


def test_the_last_of_several_suggestions_counts() -> None:
    author, start = associate(), timezone.now()
    with time_machine.travel(start - timedelta(minutes=2)):
        first = suggestion(author)
    last = suggestion(author)
    created = ticket(author)
    assert (linked(last), linked(first)) == (created, None)


def test_each_of_two_equal_tickets_has_its_own_suggestion() -> None:
    author, start = associate(), datetime(2026, 3, 1, tzinfo=UTC)
    pairs = []
    for minute in (0, 10):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            pairs.append((suggestion(author), ticket(author)))
    assert [linked(made) for made, _ in pairs] == [created for _, created in pairs]


def test_a_ticket_that_was_edited_since_is_found_by_its_first_text() -> None:
    author = manager()
    made = suggestion(author)
    created = ticket(author)
    other = manager()
    actions.change_severity(other, created.pk, severity="HIGH", reason="Say more")
    actions.edit_ticket(manager(), created.pk, title="Red", description="Yellow")
    actions.change_severity(other, created.pk, severity="VERY_HIGH", reason="Say more")
    actions.edit_ticket(manager(), created.pk, title="Black")
    assert linked(made) == created


def test_looking_again_changes_nothing() -> None:
    author = associate()
    made, created = suggestion(author), ticket(author)
    assert [matching.match_tickets(), matching.match_tickets()] == [1, 0]
    assert linked(made) == created


def test_what_is_too_old_is_not_looked_at_again(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    author = associate()
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        suggestion(author)
    assert matching.match_tickets() == 0
    assert Suggestion.objects.unmatched().count() == 0
    with django_assert_num_queries(2):
        matching.match_tickets()


def test_a_ticket_has_one_suggestion_at_most() -> None:
    author = associate()
    created = ticket(author)
    suggestion(author, ticket=created, matched_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        suggestion(author, ticket=created, matched_at=timezone.now())


@pytest.mark.parametrize(
    "broken",
    [
        {"severity": "URGENT"},
        {"source": "ORACLE"},
        {"source": "LLM"},
        {"source": "HEURISTIC", "model": "m"},
        {"source": "LLM", "model": "m", "server": "s", "prompt_version": "1", "fallback": "timeout"},
        {"matched_at": None, "ticket": True},
    ],
    ids=["level", "source", "llm without model", "heuristic with model", "llm with fallback", "ticket unmatched"],
)
def test_the_database_refuses_what_cannot_be(broken: dict[str, Any]) -> None:
    if broken.get("ticket"):
        broken = {**broken, "ticket": ticket(associate())}
    with pytest.raises(IntegrityError), transaction.atomic():
        suggestion(associate(), **broken)


# The figures.


def test_what_author_and_manager_made_of_it() -> None:
    author, reviewer = associate(), manager()
    # (suggested, chosen, what the manager made of it; None: not reviewed)
    cases: list[tuple[str, str, str | None]] = [
        ("MEDIUM", "MEDIUM", None),
        ("MEDIUM", "LOW", None),
        ("MEDIUM", "MEDIUM", "MEDIUM"),
        ("MEDIUM", "MEDIUM", "HIGH"),
        ("MEDIUM", "LOW", "MEDIUM"),
        ("HIGH", "HIGH", "LOW"),
    ]
    for number, (suggested, chosen, decided) in enumerate(cases):
        suggestion(author, f"Ticket {number}", severity=suggested)
        created = ticket(author, chosen, title=f"Ticket {number}", suggested=suggested)
        if decided == chosen:
            actions.approve_ticket(reviewer, created.pk)
        elif decided:
            actions.change_severity(reviewer, created.pk, severity=decided, reason="Because")
    body = quality()
    assert body["overall"] == {
        "tickets": 6,
        "accepted": 4,
        "acceptanceRate": 4 / 6,
        "reviewed": 4,
        "overridden": 3,
        "overrideRate": 0.75,
        "confirmed": 2,
        "agreementRate": 0.5,
        "raised": 1,
        "lowered": 1,
    }
    assert [(row["severity"], row["tickets"], row["reviewed"]) for row in body["bySeverity"]] == [
        ("MEDIUM", 5, 3),
        ("HIGH", 1, 1),
    ]


def test_slices_by_source_model_and_month() -> None:
    author = associate()
    with time_machine.travel(datetime(2026, 2, 28, 23, 59, tzinfo=UTC), tick=False):
        suggestion(author, "One")
        ticket(author, title="One")
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        by_model(author, "small", title="Two")
        ticket(author, title="Two")
        by_model(author, "large", title="Three")
        ticket(author, title="Three")
        by_model(author, "large", title="Four")
        ticket(author, title="Four")
    body = quality()
    assert [(row["source"], row["tickets"]) for row in body["bySource"]] == [("LLM", 3), ("HEURISTIC", 1)]
    assert [(row["model"], row["tickets"]) for row in body["byModel"]] == [("large", 2), ("small", 1)]
    assert [(row["month"], row["tickets"]) for row in body["byMonth"]] == [("2026-03", 3), ("2026-02", 1)]


def test_a_suggestion_that_only_the_ticket_knows_counts_without_a_source() -> None:
    ticket(associate(), "LOW", suggested="HIGH")
    body = quality()
    assert (body["overall"]["tickets"], body["overall"]["accepted"]) == (1, 0)
    assert [row["source"] for row in body["bySource"]] == [None]


def test_tickets_without_a_suggestion_and_deleted_ones_do_not_count() -> None:
    author = associate()
    ticket(author)
    gone = ticket(author, title="Red", suggested="MEDIUM")
    actions.delete_ticket(author, gone.pk)
    assert quality()["overall"] == NOTHING


def test_fallbacks_and_latencies() -> None:
    author = associate()
    for milliseconds in (10, 20, 30):
        by_model(author, "m", latency_ms=milliseconds)
    suggestion(author, fallback="timeout", latency_ms=2500)
    body = quality()
    assert body["suggestions"] == 4
    assert body["fallbacks"] == {"timeout": 1}
    assert body["latency"] == [
        {"source": "HEURISTIC", "count": 1, "medianMs": 2500, "p99Ms": 2500},
        {"source": "LLM", "count": 3, "medianMs": 20, "p99Ms": 30},
    ]


def test_queries_do_not_grow_with_the_ledger(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client, author = ApiClient(manager()), associate()
    for size in (1, 3):
        for number in range(size):
            suggestion(author, f"Ticket {size} {number}")
            ticket(author, title=f"Ticket {size} {number}")
        matching.match_tickets()
        with django_assert_num_queries(1 + 2 + 4):  # who asks; matching; the figures
            client.get(PATH)
