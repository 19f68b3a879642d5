"""The database itself refuses what no ticket and no history entry may be."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from tests.support import factories
from tickets.models import HistoryEntry, Ticket, TicketSequence

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def fields(**changed: Any) -> dict[str, Any]:
    """The columns of a draft that every constraint allows, with these changed."""
    return {
        "ticket_number": "TKT-2026-000007",
        "year": 2026,
        "sequence": 7,
        "title": "t",
        "description": "d",
        "due_date": NOW,
        "severity": "LOW",
        "status": "DRAFT",
        "created_at": NOW,
        "updated_at": NOW,
        **changed,
    }


def refused(name: str, *sqlite_words: str) -> Any:
    """IntegrityError that names the constraint; of a unique one SQLite names the columns."""
    words = " ".join(sqlite_words) if sqlite_words and connection.vendor == "sqlite" else name
    return pytest.raises(IntegrityError, match=rf"{words}\b")


def insert(**changed: Any) -> None:
    with transaction.atomic():
        Ticket.objects.bulk_create([Ticket(**({"created_by": factories.associate()} | fields(**changed)))])


def run(statement: str, *keys: uuid.UUID | None) -> None:
    """One statement in a transaction of its own, foreign keys checked at its end."""
    written = [key.hex if key and connection.vendor == "sqlite" else key for key in keys]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, written)
        connection.check_constraints()


def test_the_draft_that_the_other_tests_spoil_is_allowed() -> None:
    insert()
    insert(ticket_number="TKT-2026-1000000", sequence=1_000_000)
    insert(ticket_number="TKT-2026-000008", sequence=8, ai_suggested_severity="HIGH", version=3)


BROKEN_TICKETS = [
    ("ticket_sequence_from_one", {"sequence": 0, "ticket_number": "TKT-2026-000000"}),
    ("ticket_year_of_creation", {"year": 2025, "ticket_number": "TKT-2025-000007"}),
    ("ticket_year_of_creation", {"created_at": datetime(2025, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)}),
    ("ticket_number_matches", {"ticket_number": "TKT-2026-000008"}),
    ("ticket_number_matches", {"ticket_number": "TKT-2026-7"}),
    ("ticket_number_matches", {"ticket_number": "tkt-2026-000007"}),
    ("ticket_number_matches", {"ticket_number": "TKT-2025-000007"}),
    ("ticket_number_matches", {"ticket_number": "TKT-2026-000000", "sequence": 1_000_000}),
    ("ticket_severity_known", {"severity": "URGENT"}),
    ("ticket_severity_known", {"severity": "low"}),
    ("ticket_severity_known", {"severity": ""}),
    ("ticket_suggestion_known", {"ai_suggested_severity": "URGENT"}),
    ("ticket_suggestion_known", {"ai_suggested_severity": ""}),
    ("ticket_status_known", {"status": "LOST", "reviewed_by": "manager"}),
    ("ticket_title_length", {"title": ""}),
    ("ticket_description_length", {"description": ""}),
    ("ticket_description_length", {"description": "x" * 100_001}),
    ("ticket_reviewer_is_not_creator", {"created_by": "manager", "reviewed_by": "manager"}),
    ("ticket_past_draft_is_reviewed", {"status": "REVIEW"}),
    ("ticket_past_draft_is_reviewed", {"status": "PENDING"}),
    ("ticket_past_draft_is_reviewed", {"status": "OPEN"}),
    ("ticket_past_draft_is_reviewed", {"status": "CLOSED"}),
    (
        "ticket_deleted_in_draft_or_review",
        {"status": "PENDING", "deleted_at": NOW, "deleted_by": "manager", "reviewed_by": "manager"},
    ),
    (
        "ticket_deleted_in_draft_or_review",
        {"status": "CLOSED", "deleted_at": NOW, "deleted_by": "manager", "reviewed_by": "manager"},
    ),
    ("ticket_deletion_names_deleter", {"deleted_at": NOW}),
    ("ticket_deletion_names_deleter", {"deleted_by": "manager"}),
    ("ticket_updated_after_creation", {"updated_at": NOW - timedelta(milliseconds=1)}),
    ("ticket_version_from_one", {"version": 0}),
]


@pytest.mark.parametrize(
    ("constraint", "changed"), [pytest.param(*case, id=f"{case[0]} {n}") for n, case in enumerate(BROKEN_TICKETS)]
)
def test_a_ticket_that_breaks_a_rule_is_refused(constraint: str, changed: dict[str, Any]) -> None:
    a_manager = factories.manager()
    changed = {name: a_manager if value == "manager" else value for name, value in changed.items()}
    with refused(constraint):
        insert(**changed)


def test_a_title_of_201_characters_is_refused() -> None:
    """PostgreSQL's column is too narrow for it before any constraint is asked."""
    draft = factories.ticket()
    with pytest.raises(Exception, match=r"ticket_title_length|value too long"), transaction.atomic():
        Ticket.objects.filter(pk=draft.pk).update(title="x" * 201)
    Ticket.objects.filter(pk=draft.pk).update(title="🦔" * 200)


def test_numbers_are_unique() -> None:
    insert()
    with number_may_be_anything(), refused("tickets_ticket_ticket_number_key", "tickets_ticket.ticket_number"):
        insert(sequence=8)


def test_sequences_are_unique_within_a_year() -> None:
    insert()
    insert(year=2025, ticket_number="TKT-2025-000007", created_at=NOW.replace(year=2025))
    with (
        number_may_be_anything(),
        refused("ticket_year_sequence_unique", "tickets_ticket.year, tickets_ticket.sequence"),
    ):
        insert(ticket_number="TKT-2026-000009")


@contextmanager
def number_may_be_anything() -> Iterator[None]:
    """Lift the check that a number matches year and sequence, behind which the unique ones cannot be reached."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE tickets_ticket DROP CONSTRAINT ticket_number_matches")  # until the test ends
            yield


@pytest.mark.parametrize("wrong", [{"status": "LOST"}, {"severity": "LOST"}, {"version": -1}, {"sequence": F("year")}])
def test_an_update_breaks_no_rule_either(wrong: dict[str, Any]) -> None:
    made = factories.ticket("PENDING")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=made.pk).update(**wrong)


def test_people_with_tickets_are_not_deleted() -> None:
    made = factories.ticket("PENDING")
    for user in (made.created_by_id, made.reviewed_by_id):
        with pytest.raises(IntegrityError):
            run("DELETE FROM accounts_user WHERE id = %s", user)


# --- History


def entry(**changed: Any) -> dict[str, Any]:
    """The columns of the entry of an approval, with these changed."""
    return {
        "version": 2,
        "created_at": NOW,
        "actor_role": "MANAGER",
        "action": "approved",
        "from_status": "DRAFT",
        "to_status": "PENDING",
        "reason": "approved",
        **changed,
    }


def write_entry(**changed: Any) -> None:
    by = {} if "user" in changed else {"user": factories.manager()}
    with transaction.atomic():
        HistoryEntry.objects.bulk_create([HistoryEntry(ticket=factories.ticket(), **by, **entry(**changed))])


ALLOWED_ENTRIES: list[dict[str, Any]] = [
    {},
    {"action": "severity_changed", "to_status": "REVIEW", "from_severity": "LOW", "to_severity": "HIGH"},
    {"action": "severity_changed", "to_status": "PENDING", "from_severity": "HIGH", "to_severity": "LOW"},
    {"action": "edited", "from_status": "REVIEW", "to_status": "DRAFT"},
    {"action": "deleted", "from_status": "REVIEW", "to_status": "REVIEW"},
    {"action": "restored", "from_status": "DRAFT", "to_status": "DRAFT"},
    {"action": "imported", "from_status": "OPEN", "to_status": "CLOSED"},
    {"action": "imported", "from_status": "PENDING", "to_status": "CLOSED", "user": None, "actor_role": None},
]
ILLEGAL_MOVES = [
    ("approved", "REVIEW", "PENDING"),
    ("approved", "DRAFT", "OPEN"),
    ("approved", "DRAFT", "DRAFT"),
    ("approved", None, "PENDING"),
    ("edited", "DRAFT", "DRAFT"),
    ("edited", "REVIEW", "PENDING"),
    ("deleted", "PENDING", "PENDING"),
    ("deleted", "DRAFT", "REVIEW"),
    ("restored", "CLOSED", "CLOSED"),
    ("imported", "DRAFT", "OPEN"),
    ("imported", "PENDING", "PENDING"),
    ("imported", "CLOSED", "OPEN"),
    ("imported", "OPEN", "PENDING"),
    ("burnt", "DRAFT", "PENDING"),
]
BROKEN_ENTRIES: list[tuple[str, dict[str, Any]]] = [
    *[
        ("historyentry_is_a_legal_move", {"action": action, "from_status": old, "to_status": new})
        for action, old, new in ILLEGAL_MOVES
    ],
    ("historyentry_severity_where_subject", {"from_severity": "LOW", "to_severity": "HIGH"}),
    ("historyentry_severity_where_subject", {"to_severity": "HIGH"}),
    ("historyentry_severity_where_subject", {"action": "severity_changed"}),
    (
        "historyentry_severity_where_subject",
        {"action": "severity_changed", "from_severity": "LOW", "to_severity": "LOW"},
    ),
    (
        "historyentry_severity_where_subject",
        {"action": "severity_changed", "from_severity": "LOW", "to_severity": "URGENT"},
    ),
    ("historyentry_severity_where_subject", {"action": "severity_changed", "from_severity": "LOW"}),
    (
        "historyentry_severity_decides_status",
        {"action": "severity_changed", "to_status": "PENDING", "from_severity": "LOW", "to_severity": "MEDIUM"},
    ),
    (
        "historyentry_severity_decides_status",
        {"action": "severity_changed", "to_status": "REVIEW", "from_severity": "HIGH", "to_severity": "EASY"},
    ),
    ("historyentry_starts_with_creation", {"version": 1}),
    ("historyentry_starts_with_creation", {"version": 0}),
    ("historyentry_actor_has_role", {"actor_role": None}),
    ("historyentry_actor_has_role", {"actor_role": "ADMIN"}),
    ("historyentry_actor_has_role", {"user": None}),
    ("historyentry_actor_has_role", {"user": None, "actor_role": None}),
]


@pytest.mark.parametrize("changed", ALLOWED_ENTRIES, ids=str)
def test_an_entry_of_a_legal_move_is_allowed(changed: dict[str, Any]) -> None:
    write_entry(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"), [pytest.param(*case, id=f"{case[0]} {n}") for n, case in enumerate(BROKEN_ENTRIES)]
)
def test_an_entry_that_breaks_a_rule_is_refused(constraint: str, changed: dict[str, Any]) -> None:
    with refused(constraint):
        write_entry(**changed)


def test_a_creation_is_the_first_entry_of_its_ticket() -> None:
    created = {"action": "created", "from_status": None, "to_status": "DRAFT", "to_severity": "LOW"}
    with refused("historyentry_starts_with_creation"):
        write_entry(**created)


def test_one_change_has_one_entry() -> None:
    made = factories.ticket("PENDING")
    with refused("historyentry_one_for_each_version", "tickets_historyentry.ticket_id, tickets_historyentry.version"):
        HistoryEntry.objects.bulk_create([HistoryEntry(ticket=made, user=factories.manager(), **entry())])


def test_tickets_with_history_are_not_deleted() -> None:
    made = factories.ticket()
    run("DELETE FROM tickets_tickettext WHERE ticket_id = %s", made.pk)
    with pytest.raises(IntegrityError):
        run("DELETE FROM tickets_ticket WHERE id = %s", made.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_historyentry SET reason = 'nothing happened'",
        "UPDATE tickets_historyentry SET id = id",
        "DELETE FROM tickets_historyentry",
        "TRUNCATE tickets_historyentry CASCADE",
        "TRUNCATE tickets_ticket CASCADE",
    ],
)
def test_history_is_append_only(statement: str) -> None:
    factories.ticket("CLOSED")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The tests' own connections may empty tables between tests.
            cursor.execute("SET LOCAL service_ticket.allow_truncate = 'off'")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    elif statement.startswith("TRUNCATE"):
        return  # SQLite knows none
    with pytest.raises(IntegrityError, match="History is append-only"):
        run(statement)
    assert HistoryEntry.objects.count() == 3


def test_a_sequence_row_stands_for_one_year() -> None:
    TicketSequence.objects.create(year=2026)
    with refused("tickets_ticketsequence_pkey", "tickets_ticketsequence.year"), transaction.atomic():
        TicketSequence.objects.bulk_create([TicketSequence(year=2026)])


def test_every_ticket_has_an_author_that_exists() -> None:
    made = factories.ticket()
    with pytest.raises(IntegrityError):
        run("UPDATE tickets_ticket SET created_by_id = %s", uuid.uuid4())
    assert Ticket.objects.get().created_by_id == made.created_by_id
