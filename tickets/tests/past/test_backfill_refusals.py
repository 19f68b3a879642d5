"""tickets/backfill refuses what could not have come about by the contract, and then writes nothing of the call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.apps import apps

from accounts.models import User
from tests.support.past_tickets import (
    DUE,
    People,
    at,
    changed,
    closed,
    cut,
    deleted,
    draft,
    draft_deleted,
    lowered,
    moved,
)
from tickets import status_counts
from tickets.backfill import writing
from tickets.backfill.errors import BackfillRefused, Rule
from tickets.backfill.records import TicketRecord
from tickets.backfill.writing import backfill_tickets
from tickets.models import Ticket
from tickets.workflow import Severity, Status

type Case = Callable[[People], TicketRecord]
LONG = "x" * 100_001
FIRST = UUID("00000000-0000-4000-8000-000000000001")
FIRST_ENTRY = UUID("00000000-0000-4000-8000-000000000002")


def edited(**changes: tuple[str, str]) -> Case:
    """The story of `closed`, where the edit and the ticket that it leads to have other texts."""
    reason = f"edited ({', '.join(changes)})"
    return lambda p: changed(
        closed(p, **{name: new for name, (_, new) in changes.items()}), 5, changes=changes, reason=reason
    )


def without(number: int) -> Case:
    def record(p: People) -> TicketRecord:
        entries = closed(p).entries
        return closed(p, entries=[*entries[: number - 1], *entries[number:]])

    return record


def own_review(p: People) -> TicketRecord:
    """The author has become a manager meanwhile, and reviews what they wrote."""
    return changed(closed(p, reviewer=p.author), 6, user=p.author, role="MANAGER")


def stranger() -> User:
    """Somebody who has no account."""
    return User(email="nobody@example.com", role="MANAGER")


REFUSED: list[tuple[str, str, Case]] = [
    ("NUMBER_FORM", "no number at all", lambda p: closed(p, number="17")),
    ("NUMBER_FORM", "small letters", lambda p: closed(p, number="tkt-2020-000001")),
    ("NUMBER_FORM", "another year", lambda p: closed(p, number="TKT-2021-000001")),
    ("NUMBER_FORM", "too short", lambda p: closed(p, number="TKT-2020-00001")),
    ("NUMBER_FORM", "padded too much", lambda p: closed(p, number="TKT-2020-0000001")),
    ("NUMBER_FORM", "zero", lambda p: closed(p, number="TKT-2020-000000")),
    ("NUMBER_FORM", "more than the column holds", lambda p: closed(p, number="TKT-2020-9999999999")),
    ("NUMBER_RISES", "given before", lambda p: closed(p, number="TKT-2020-000005")),
    ("NUMBER_RISES", "lower than one before", lambda p: closed(p, number="TKT-2020-000004")),
    ("CREATION_RISES", "older than the one before", lambda p: moved(closed(p), 1, at(1, hour=7))),
    ("TITLE", "empty", lambda p: draft(p, title="")),
    ("TITLE", "blank", lambda p: draft(p, title="\u200b")),
    ("TITLE", "not trimmed", lambda p: draft(p, title="Printer ")),
    ("TITLE", "too long", lambda p: draft(p, title="x" * 201)),
    ("TITLE", "NUL", lambda p: draft(p, title="Prin\0ter")),
    ("TITLE", "an old one too long", edited(title=("x" * 201, "Printer, ground floor"))),
    ("DESCRIPTION", "blank", lambda p: draft(p, description=" \n")),
    ("DESCRIPTION", "too long", lambda p: draft(p, description=LONG)),
    ("DESCRIPTION", "lone surrogate", lambda p: draft(p, description="\ud83d")),
    ("DESCRIPTION", "an old one too long", edited(description=(LONG, "All are out."))),
    ("BEGINS_WITH_CREATION", "no entry", lambda p: draft(p, entries=[])),
    ("BEGINS_WITH_CREATION", "no creation", without(1)),
    ("BEGINS_WITH_CREATION", "created twice", lambda p: draft(p, entries=[*draft(p).entries, *draft(p).entries])),
    ("MOVE", "from where it does not stand", lambda p: changed(closed(p), 6, from_status=Status.REVIEW)),
    ("MOVE", "to where no move leads", lambda p: changed(closed(p), 6, to_status=Status.OPEN)),
    ("MOVE", "back by import", lambda p: changed(closed(p), 8, to_status=Status.PENDING)),
    ("MOVE", "a step is missing", without(4)),
    ("MOVE", "restored though not deleted", without(2)),
    ("MOVE", "reviewed though deleted", without(3)),
    ("ACTOR", "created by somebody else", lambda p: changed(closed(p), 1, user=p.other)),
    ("ACTOR", "created by nobody", lambda p: changed(closed(p), 1, user=None, role=None)),
    ("ACTOR", "approved by an associate", lambda p: changed(closed(p), 6, user=p.other, role="ASSOCIATE")),
    ("ACTOR", "approved by the author", own_review),
    ("ACTOR", "approved by who was no manager then", lambda p: changed(closed(p), 6, role="ASSOCIATE")),
    ("ACTOR", "edited by another associate", lambda p: changed(closed(p), 5, user=p.other)),
    ("ACTOR", "deleted by another associate", lambda p: changed(closed(p), 2, user=p.other)),
    ("ACTOR", "restored by who did not delete it", lambda p: changed(closed(p), 3, user=p.other)),
    ("ACTOR", "imported by an associate", lambda p: changed(closed(p), 8, user=p.author, role="ASSOCIATE")),
    ("ACTOR", "somebody without a role", lambda p: changed(closed(p), 8, role=None)),
    ("ACTOR", "nobody with a role", lambda p: changed(closed(p), 7, role="MANAGER")),
    ("ACTOR", "an unknown role", lambda p: changed(closed(p), 8, role="CHIEF")),
    ("SEVERITY", "created without", lambda p: changed(closed(p), 1, to_severity=None)),
    ("SEVERITY", "created from another", lambda p: changed(closed(p), 1, from_severity=Severity.EASY)),
    ("SEVERITY", "changed from another", lambda p: changed(closed(p), 4, from_severity=Severity.EASY)),
    ("SEVERITY", "changed to nothing", lambda p: changed(closed(p), 4, to_severity=None)),
    ("SEVERITY", "changed to the same", lambda p: changed(closed(p), 4, to_severity=Severity.LOW)),
    ("SEVERITY", "lowered but sent back", lambda p: changed(closed(p), 4, to_severity=Severity.EASY)),
    ("SEVERITY", "named by an approval", lambda p: changed(closed(p), 6, to_severity=Severity.HIGH)),
    ("CHANGES", "by an approval", lambda p: changed(closed(p), 6, changes={"title": ("a", "b")})),
    ("CHANGES", "of something else", lambda p: changed(closed(p), 5, changes={"status": ("a", "b")})),
    ("CHANGES", "to the same", edited(title=("Printer, ground floor", "Printer, ground floor"))),
    ("REASON", "another word", lambda p: changed(closed(p), 6, reason="APPROVE")),
    ("REASON", "none for a change of severity", lambda p: changed(closed(p), 4, reason="severity changed: ")),
    ("REASON", "without its beginning", lambda p: changed(closed(p), 4, reason="A whole floor waits.")),
    ("REASON", "too long", lambda p: changed(closed(p), 4, reason="severity changed: " + "x" * 501)),
    ("REASON", "another text edited", lambda p: changed(closed(p), 5, reason="edited (title)")),
    ("TIMES", "going back", lambda p: changed(closed(p), 6, at=at(4))),
    ("TIMES", "in the future", lambda p: moved(closed(p), 8, datetime(9999, 1, 1, tzinfo=UTC))),
    ("TIMES", "finer than milliseconds", lambda p: moved(closed(p), 8, at(8).replace(microsecond=1))),
    ("TIMES", "an entry without zone", lambda p: moved(closed(p), 8, at(8).replace(tzinfo=None))),
    ("TIMES", "created without zone", lambda p: moved(closed(p), 1, at(1).replace(tzinfo=None))),
    ("TIMES", "due without zone", lambda p: closed(p, due_date=DUE.replace(tzinfo=None))),
    ("ENDS_AT_STATUS", "still open", lambda p: closed(p, status=Status.OPEN)),
    ("ENDS_AT_STATUS", "closed by nothing", lambda p: cut(closed(p), 7)),
    ("ENDS_AT_SEVERITY", "as at the beginning", lambda p: closed(p, severity=Severity.LOW)),
    ("ENDS_AT_TEXT", "title", lambda p: closed(p, title="Printer")),
    ("ENDS_AT_TEXT", "description", lambda p: closed(p, description="It is out.")),
    ("ENDS_AT_REVIEWER", "none", lambda p: closed(p, reviewer=None)),
    ("ENDS_AT_REVIEWER", "the one before", lambda p: closed(p, reviewer=p.second)),
    ("ENDS_AT_DELETION", "not marked", lambda p: cut(draft_deleted(p), 2, deleted_at=None, deleted_by=None)),
    ("ENDS_AT_DELETION", "at another time", lambda p: draft_deleted(p, deleted_at=at(12))),
    ("ENDS_AT_DELETION", "by somebody else", lambda p: draft_deleted(p, deleted_by=p.manager)),
    ("ENDS_AT_DELETION", "marked without an entry", lambda p: draft(p, deleted_at=at(10), deleted_by=p.author)),
    ("ENDS_AT_TIMES", "created earlier", lambda p: draft(p, created_at=at(9))),
    ("ENDS_AT_TIMES", "updated later", lambda p: closed(p, updated_at=at(9))),
    ("ID_IS_NEW", "of a ticket", lambda p: closed(p, id=FIRST)),
    ("ID_IS_NEW", "of an entry", lambda p: changed(closed(p), 3, id=FIRST_ENTRY)),
    ("ID_IS_NEW", "of two entries", lambda p: changed(changed(closed(p), 3, id=FIRST), 4, id=FIRST)),
    ("PEOPLE_ARE_THERE", "an uploader", lambda p: changed(closed(p), 8, user=stranger())),
    ("PEOPLE_ARE_THERE", "a reviewer", lambda p: changed(closed(p, reviewer=(who := stranger())), 6, user=who)),
]


@pytest.fixture
def people(db: None) -> People:
    return People()


def counts() -> dict[str, int]:
    """How many rows each table of tickets has, and how many tickets each status."""
    models = apps.get_app_config("tickets").get_models()
    return {model._meta.db_table: model._default_manager.count() for model in models} | status_counts.by_status()


def before(people: People) -> TicketRecord:
    """A good one, written before each bad one in the same call."""
    good = moved(draft(people, id=FIRST, number="TKT-2020-000005"), 1, at(1, hour=8))
    return changed(good, 1, id=FIRST_ENTRY)


@pytest.mark.parametrize(("rule", "what", "record"), REFUSED, ids=[f"{rule}: {what}" for rule, what, _ in REFUSED])
def test_what_could_not_have_come_about_is_refused_and_nothing_is_written(
    rule: str, what: str, record: Case, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BATCH", 1)
    empty = counts()
    bad = record(people)
    with pytest.raises(BackfillRefused) as refused:
        backfill_tickets([before(people), bad, draft(people)])
    assert refused.value.rule is Rule[rule]
    assert refused.value.record is bad
    assert counts() == empty


@pytest.mark.parametrize("good", [closed, lowered, deleted, draft, draft_deleted])
def test_what_the_bad_ones_were_made_of_is_good(good: Case, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 1)
    assert backfill_tickets([before(people), good(people), draft(people, 14)]) == 3


def test_every_rule_is_broken_by_some_record() -> None:
    assert {rule for rule, _, _ in REFUSED} == {rule.name for rule in Rule}


def test_the_limits_themselves_are_no_violation(people: People) -> None:
    title, description = "x" * 200, "x" * 100_000
    record = changed(closed(people), 4, reason="severity changed: " + "x" * 500)
    backfill_tickets([record, draft(people, title=title, description=description)])
    assert Ticket.objects.filter(title=title, description=description).count() == 1


def test_a_refusal_names_the_ticket_the_entry_and_the_rule(people: People) -> None:
    bad = changed(closed(people, number="TKT-2020-000009"), 6, to_status=Status.OPEN)
    with pytest.raises(BackfillRefused) as refused:
        backfill_tickets([bad])
    assert str(refused.value) == (
        "TKT-2020-000009 'Printer, ground floor', entry 6:"
        " an entry takes the ticket from where it stands along a move of tickets/workflow.py."
    )
