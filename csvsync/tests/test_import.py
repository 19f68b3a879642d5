"""The import, row by row, against the table of the contract."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from csvsync.errors import InvalidCsv
from csvsync.imports.importer import ImportReport, import_statuses
from tests.support import factories
from tests.support.csv_files import break_history, codes, counts, csv_file, imported_entries, status_of
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def manager() -> User:
    return factories.manager()


@pytest.fixture
def make(author: User, manager: User) -> Callable[[str], Ticket]:
    def make_ticket(status: str) -> Ticket:
        return factories.ticket(status, author=author, reviewer=manager)

    return make_ticket


def run(*lines: str, header: str = "id,ticket_number,status", user: User | None = None) -> ImportReport:
    return import_statuses(csv_file(*lines, header=header), user=user)


# --- Each line of the table, alone -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["{id},OPEN", "{id},,OPEN,x", "{id},,OPEN,,x", "{id}", ",,OPEN", " ,\t,OPEN", '"",,', '""']
)
def test_a_row_that_cannot_be_read_is_an_error(make: Callable[[str], Ticket], line: str) -> None:
    ticket = make("PENDING")
    report = run(line.format(id=ticket.pk))
    assert counts(report) == (0, 0, 1, 1)
    assert codes(report) == [(2, "unreadable_row")]
    assert status_of(ticket) == "PENDING"


@pytest.mark.parametrize("status", ["", " ", "DRAFT", "REVIEW", "DONE", "OPENED", "PENDING OPEN", "ÖPEN", "0"])
def test_a_status_that_is_not_pending_open_or_closed_is_an_error(make: Callable[[str], Ticket], status: str) -> None:
    ticket = make("PENDING")
    report = run(f"{ticket.pk},,{status}")
    assert counts(report) == (0, 0, 1, 1)
    assert codes(report) == [(2, "unknown_status")]


@pytest.mark.parametrize(
    "key",
    [
        "7a0f1a52-6c1b-4d7e-9f6b-0d8a3d0f2b11,",
        ",TKT-2026-999999",
        ",TKT-1",
        "x,",
        "{hex},",
        "{{{id}}},",
        "urn:uuid:{id},",
        "{id}0,",
        "TKT-2026-000001,",
        ",{id}",
        "0,{number}",
        "' OR 1=1 --,",
    ],
)
def test_a_key_of_no_ticket_is_an_error(make: Callable[[str], Ticket], key: str) -> None:
    ticket = make("PENDING")
    report = run(key.format(id=ticket.pk, hex=ticket.pk.hex, number=ticket.ticket_number) + ",OPEN")
    assert counts(report) == (0, 0, 1, 1)
    assert codes(report) == [(2, "unknown_ticket")]
    assert status_of(ticket) == "PENDING"


def test_a_deleted_ticket_is_unknown_until_it_is_restored(make: Callable[[str], Ticket]) -> None:
    ticket = factories.deleted(make("DRAFT"))
    lines = [f"{ticket.pk},,OPEN", f",{ticket.ticket_number},OPEN"]
    assert codes(run(*lines)) == [(2, "unknown_ticket"), (3, "unknown_ticket")]
    factories.restored(ticket)
    assert codes(run(*lines)) == [(2, "illegal_move"), (3, "illegal_move")]


def test_a_number_beside_the_id_has_to_be_that_tickets(make: Callable[[str], Ticket]) -> None:
    ticket, other = make("PENDING"), make("PENDING")
    report = run(
        f"{ticket.pk},{other.ticket_number},OPEN",
        f"{ticket.pk},TKT-1,OPEN",
        f"{other.pk}, {other.ticket_number.lower()} ,OPEN",
    )
    assert counts(report) == (1, 0, 2, 3)
    assert codes(report) == [(2, "ticket_mismatch"), (3, "ticket_mismatch")]
    assert ticket.ticket_number in report.errors[0].message
    assert (status_of(ticket), status_of(other)) == ("PENDING", "OPEN")


def test_two_different_statuses_for_a_ticket_are_an_error_on_each_of_its_rows(make: Callable[[str], Ticket]) -> None:
    ticket, other = make("PENDING"), make("PENDING")
    report = run(
        f"{ticket.pk},,OPEN",
        f"{other.pk},,CLOSED",
        f",{ticket.ticket_number},CLOSED",
        f"{ticket.pk},{ticket.ticket_number},open",
    )
    assert counts(report) == (1, 0, 3, 4)
    assert codes(report) == [(2, "contradictory_rows"), (4, "contradictory_rows"), (5, "contradictory_rows")]
    assert (status_of(ticket), status_of(other)) == ("PENDING", "CLOSED")


MOVES = """
          PENDING       OPEN          CLOSED
DRAFT     illegal_move  illegal_move  illegal_move
REVIEW    illegal_move  illegal_move  illegal_move
PENDING   skipped       updated       updated
OPEN      illegal_move  skipped       updated
CLOSED    illegal_move  illegal_move  skipped
"""
TARGETS, *GRID = [line.split() for line in MOVES.strip().splitlines()]


@pytest.mark.parametrize(
    ("source", "target", "answer"),
    [(source, target, answer) for source, *row in GRID for target, answer in zip(TARGETS, row, strict=True)],
)
@pytest.mark.parametrize("key", ["{0.pk},", ",{0.ticket_number}"], ids=["by id", "by number"])
def test_only_the_moves_of_the_external_system_are_made(
    make: Callable[[str], Ticket], source: str, target: str, answer: str, key: str
) -> None:
    ticket = make(source)
    before = len(imported_entries(ticket))
    report = run(f"{key.format(ticket)},{target}")
    assert counts(report) == {"updated": (1, 0, 0, 1), "skipped": (0, 1, 0, 1), "illegal_move": (0, 0, 1, 1)}[answer]
    assert codes(report) == ([(2, "illegal_move")] if answer == "illegal_move" else [])
    assert status_of(ticket) == (target if answer == "updated" else source)
    assert len(imported_entries(ticket)) == before + (answer == "updated")


def test_a_row_repeated_is_skipped(make: Callable[[str], Ticket]) -> None:
    ticket = make("PENDING")
    report = run(f"{ticket.pk},,OPEN", f",{ticket.ticket_number},open", f"{str(ticket.pk).upper()},,Open")
    assert counts(report) == (1, 2, 0, 3)
    assert status_of(ticket) == "OPEN"
    assert len(imported_entries(ticket)) == 1


# --- The first line that fits decides --------------------------------------------------------------------------------

PRECEDENCE = [
    ("too many cells before unknown status", "PENDING", ["{id},,DONE,x"], ["unreadable_row"]),
    ("too few cells before unknown ticket", "PENDING", ["x"], ["unreadable_row"]),
    ("no key before unknown status", "PENDING", [",,DONE"], ["unreadable_row"]),
    ("unknown status before unknown ticket", "PENDING", ["x,,DONE"], ["unknown_status"]),
    ("unknown status before mismatch", "PENDING", ["{id},TKT-1,DONE"], ["unknown_status"]),
    ("unknown ticket before mismatch", "PENDING", ["x,{number},OPEN"], ["unknown_ticket"]),
    ("mismatch before same status", "PENDING", ["{id},TKT-1,PENDING"], ["ticket_mismatch"]),
    ("mismatch before illegal move", "DRAFT", ["{id},TKT-1,OPEN"], ["ticket_mismatch"]),
    (
        "contradiction before same status",
        "PENDING",
        ["{id},,PENDING", "{id},,OPEN"],
        ["contradictory_rows", "contradictory_rows"],
    ),
    (
        "contradiction before illegal move",
        "CLOSED",
        ["{id},,PENDING", "{id},,OPEN"],
        ["contradictory_rows", "contradictory_rows"],
    ),
    ("same status before repetition", "OPEN", ["{id},,OPEN", "{id},,OPEN"], ["skipped", "skipped"]),
    ("illegal move before repetition", "DRAFT", ["{id},,OPEN", "{id},,OPEN"], ["illegal_move", "illegal_move"]),
    (
        "an unreadable row contradicts nothing",
        "PENDING",
        ["{id},,OPEN", "{id},,CLOSED,x"],
        ["updated", "unreadable_row"],
    ),
    ("an unknown status contradicts nothing", "PENDING", ["{id},,DONE", "{id},,OPEN"], ["unknown_status", "updated"]),
    ("a mismatch contradicts nothing", "PENDING", ["{id},TKT-1,CLOSED", "{id},,OPEN"], ["ticket_mismatch", "updated"]),
    (
        "another ticket's number beside an id contradicts nothing",
        "PENDING",
        ["x,{number},CLOSED", ",{number},OPEN"],
        ["unknown_ticket", "updated"],
    ),
    (
        "a mismatch is no earlier row",
        "PENDING",
        ["{id},TKT-1,OPEN", "{id},,OPEN", "{id},,OPEN"],
        ["ticket_mismatch", "updated", "skipped"],
    ),
]


@pytest.mark.parametrize(
    ("status", "lines", "answers"), [row[1:] for row in PRECEDENCE], ids=[row[0] for row in PRECEDENCE]
)
def test_the_first_line_that_fits_decides(
    make: Callable[[str], Ticket], status: str, lines: list[str], answers: list[str]
) -> None:
    ticket = make(status)
    report = run(*(line.format(id=ticket.pk, number=ticket.ticket_number) for line in lines))
    errors = [(line, answer) for line, answer in enumerate(answers, 2) if answer not in ("updated", "skipped")]
    assert codes(report) == errors
    assert counts(report) == (answers.count("updated"), answers.count("skipped"), len(errors), len(answers))


def test_a_bad_row_never_stops_the_good_ones(make: Callable[[str], Ticket]) -> None:
    first, second, draft = make("PENDING"), make("OPEN"), make("DRAFT")
    report = run(
        f"{first.pk},,OPEN",
        "x",
        f"{draft.pk},,CLOSED",
        ",x,",
        f"{second.pk},,CLOSED",
        "x,,OPEN",
    )
    assert counts(report) == (2, 0, 4, 6)
    assert codes(report) == [(3, "unreadable_row"), (4, "illegal_move"), (5, "unknown_status"), (7, "unknown_ticket")]
    assert (status_of(first), status_of(second), status_of(draft)) == ("OPEN", "CLOSED", "DRAFT")


# --- Keys and columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("id,status", "{id},OPEN"),
        ("ticket_number,status", "{number},OPEN"),
        ("status;title;id", "OPEN;x;{id}"),
        ("STATUS\tTicket_Number", " open \t {number} "),
        ("Status , ID ", " Open , {ID} "),
        ("id,ticket_number,status,severity,title,due_date", "{id},{number},OPEN,EASY,other,2020-01-01"),
        ("id,ticket_number,status", ",{number},OPEN"),
        ("id,ticket_number,status", "\u00a0,{number},OPEN"),
        ("x,id,x,status,", "1,{id},2,OPEN,3"),
    ],
)
def test_columns_and_keys_are_found(make: Callable[[str], Ticket], header: str, line: str) -> None:
    ticket = make("PENDING")
    text = line.format(id=ticket.pk, ID=str(ticket.pk).upper(), number=ticket.ticket_number)
    assert counts(run(text, header=header)) == (1, 0, 0, 1)
    assert status_of(ticket) == "OPEN"


@pytest.mark.parametrize(
    ("line", "ticket"),
    [
        (" AbC ,,OPEN", "AbC"),
        (", tkt-1 ,OPEN", "tkt-1"),
        ("abc,tkt-1,OPEN", "abc"),
        (",,OPEN", None),
        ("abc", "abc"),
        (f"{'x' * 100_000},,OPEN", "x" * 200),
    ],
    ids=["id", "number", "both", "neither", "too few cells", "a very long one"],
)
def test_errors_name_the_key_as_written(line: str, ticket: str | None) -> None:
    [error] = run(line).errors
    assert error.ticket == ticket


def test_errors_say_what_is_wrong_and_what_to_do(make: Callable[[str], Ticket]) -> None:
    draft = make("DRAFT")
    report = run("x", ",,OPEN", "x,,done", "x,,", ",x,OPEN", "x,,OPEN", f"{draft.pk},,OPEN")
    assert [error.message for error in report.errors] == [
        "This row has another number of cells (1) than the header (3)."
        " Look for a missing separator or one that needs quotes.",
        "This row names no ticket. Fill in id or ticket_number.",
        "“done” cannot be imported. Write PENDING, OPEN or CLOSED.",
        "The status is missing. Write PENDING, OPEN or CLOSED.",
        "There is no such ticket, or it was deleted. Check the id or ticket number.",
        "The column id is not ours: “x” is no id of this desk. Leave that column out or empty, and tickets are found by"
        " their ticket_number.",
        "A ticket in DRAFT cannot become OPEN. Leave the row out, or begin with a new export.",
    ]


def test_the_first_hundred_errors_are_listed(make: Callable[[str], Ticket]) -> None:
    ticket = make("PENDING")
    report = run(*(f"x{n},,OPEN" for n in range(120)), f"{ticket.pk},,OPEN", *("y" for _ in range(30)))
    assert counts(report) == (1, 0, 150, 151)
    assert [(error.row, error.ticket) for error in report.errors] == [(n + 2, f"x{n}") for n in range(100)]


def test_rows_are_numbered_by_the_line_at_which_they_begin(make: Callable[[str], Ticket]) -> None:
    content = b'\r\nid,status,title\r\nx,OPEN,"a\r\nb\nc"\r\n\r\n y ,OPEN,"1\r2"\r\nz\r\n'
    report = import_statuses(io.BytesIO(content), user=None)
    assert [(error.row, error.ticket) for error in report.errors] == [(3, "x"), (7, "y"), (9, "z")]


# --- What an import changes ------------------------------------------------------------------------------------------

KEPT = [
    field.attname for field in Ticket._meta.concrete_fields if field.attname not in ("status", "updated_at", "version")
]


def test_an_update_changes_status_and_time_and_writes_one_entry(manager: User, make: Callable[[str], Ticket]) -> None:
    uploader = factories.manager()
    ticket, untouched = make("PENDING"), make("PENDING")
    entries = HistoryEntry.objects.count()
    report = run(f"{ticket.pk},,CLOSED,EASY,x", header="id,ticket_number,status,severity,title", user=uploader)
    assert counts(report) == (1, 0, 0, 1)
    after = Ticket.objects.get(pk=ticket.pk)
    assert [getattr(after, name) for name in KEPT] == [getattr(ticket, name) for name in KEPT]
    assert after.status == "CLOSED"
    assert timedelta(0) <= after.updated_at - ticket.updated_at < timedelta(minutes=1)
    assert after.updated_at.microsecond % 1000 == 0
    assert HistoryEntry.objects.count() == entries + 1
    [entry] = imported_entries(after)
    assert (entry.from_status, entry.to_status, entry.reason) == ("PENDING", "CLOSED", "csv import")
    assert (entry.from_severity, entry.to_severity, entry.changes) == (None, None, {})
    assert (entry.user_id, entry.actor_role) == (uploader.pk, "MANAGER")
    assert entry.created_at == after.updated_at
    assert Ticket.objects.filter(pk=untouched.pk).values().get() == {
        field.attname: getattr(untouched, field.attname) for field in Ticket._meta.concrete_fields
    }


def test_the_nightly_job_has_no_user(make: Callable[[str], Ticket]) -> None:
    ticket = make("PENDING")
    run(f"{ticket.pk},,OPEN", user=None)
    [entry] = imported_entries(ticket)
    assert (entry.user_id, entry.actor_role) == (None, None)


def test_importing_twice_changes_nothing_the_second_time(make: Callable[[str], Ticket]) -> None:
    tickets = [make(status) for status in ("PENDING", "PENDING", "PENDING", "OPEN", "DRAFT")]
    targets = ["PENDING", "OPEN", "CLOSED", "CLOSED", "OPEN"]
    lines = [f"{ticket.pk},,{target}" for ticket, target in zip(tickets, targets, strict=True)]
    assert counts(run(*lines)) == (3, 1, 1, 5)
    before = list(Ticket.objects.order_by("pk").values()), list(HistoryEntry.objects.order_by("pk").values())
    assert counts(run(*lines)) == (0, 4, 1, 5)
    assert before == (list(Ticket.objects.order_by("pk").values()), list(HistoryEntry.objects.order_by("pk").values()))


def test_two_imports_fit_into_one_transaction(make: Callable[[str], Ticket]) -> None:
    ticket = make("PENDING")
    with transaction.atomic():
        assert counts(run(f"{ticket.pk},,OPEN")) == (1, 0, 0, 1)
        with pytest.raises(InvalidCsv), transaction.atomic():
            run(f"{ticket.pk},,CLOSED", '"')
        assert counts(run(f"{ticket.pk},,CLOSED")) == (1, 0, 0, 1)
    assert [entry.to_status for entry in imported_entries(ticket)] == ["OPEN", "CLOSED"]


@pytest.mark.parametrize(
    "end", [b'"', b'x,"OPEN\n', b"\0", b'"' + b"y\n" * 100_000], ids=["quote", "cell", "nul", "row"]
)
def test_a_file_that_breaks_off_at_its_end_leaves_nothing_applied(make: Callable[[str], Ticket], end: bytes) -> None:
    ticket = make("PENDING")
    before = HistoryEntry.objects.count()
    rows = f"id,status\n{ticket.pk},OPEN\n".encode() + b"x,OPEN\n" * 3000
    with pytest.raises(InvalidCsv):
        import_statuses(io.BytesIO(rows + end), user=None)
    assert status_of(ticket) == "PENDING"
    assert HistoryEntry.objects.count() == before


def test_a_fault_while_applying_leaves_nothing_applied(make: Callable[[str], Ticket]) -> None:
    ticket = make("PENDING")
    with transaction.atomic():
        break_history()
        with pytest.raises(IntegrityError, match="broken"):
            run(f"{ticket.pk},,OPEN")
        assert status_of(ticket) == "PENDING"
        transaction.set_rollback(True)
    assert counts(run(f"{ticket.pk},,OPEN")) == (1, 0, 0, 1)


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(make: Callable[[str], Ticket]) -> None:
    tickets = [make("PENDING") for _ in range(12)]
    expected = {"sqlite": 16, "postgresql": 21}[connection.vendor]
    for chosen in (tickets[:1], tickets[1:]):
        lines = [f"{ticket.pk},,OPEN" for ticket in chosen] + [f"{uuid.uuid4()},,OPEN" for _ in chosen]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert run(*lines).updated == len(chosen)
        assert len(queries) == expected, [query["sql"][:80] for query in queries]
