"""Any file, made of valid and broken rows in any order, dialect and encoding, against a model of the contract."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from csvsync.external.simulation import Simulation
from csvsync.imports.importer import import_statuses
from tests.support import factories
from tickets.models import HistoryEntry, Ticket

IMPORTABLE = {"PENDING", "OPEN", "CLOSED"}
LEGAL = {("PENDING", "OPEN"), ("PENDING", "CLOSED"), ("OPEN", "CLOSED")}
STATUSES = ["DRAFT", "REVIEW", "PENDING", "PENDING", "PENDING", "OPEN", "OPEN", "CLOSED"]


@dataclass(frozen=True)
class Known:
    """A ticket as it stands before the import."""

    id: str
    number: str
    status: str
    live: bool
    title: str


@dataclass(frozen=True)
class Line:
    """What one row says, and how many cells too many (or too few) it has, or how many empty ones behind them."""

    id: str
    number: str
    status: str
    title: str
    surplus: int
    empty_behind: int
    blank_before: int


@dataclass
class Expected:
    updated: int = 0
    skipped: int = 0
    errors: list[tuple[int, str | None, str]] = field(default_factory=list)
    moves: dict[str, str] = field(default_factory=dict)


def clean(text: str) -> str:
    """The text without what is taken off around keys and values."""
    text = text.strip().strip("\u00ad").strip()
    return text[2:-1] if text.startswith('="') else text


def has_swallowed(line: Line, ticket: Known | None, delimiter: str) -> bool:
    """Whether a line within the title, which all of these rows have, is that of another ticket."""
    if ticket is not None and line.title == ticket.title:
        return False
    _first, *inner = line.title.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    own = (ticket.id, ticket.number) if ticket else ()
    others = [key for key in NAMED_KEYS if key not in own]
    return any(
        text.lstrip().startswith(key)
        and text.lstrip()[len(key) :].lstrip(" \t".replace(delimiter, ""))[:1] == delimiter
        for text in inner
        for key in others
    )


def judged(rows: list[tuple[int, Line]], known: list[Known], delimiter: str) -> Expected:
    """The table of the contract, row by row, as a person would do it."""
    expected = Expected()
    live_ids = {ticket.id: ticket for ticket in known if ticket.live}
    live_numbers = {ticket.number: ticket for ticket in known if ticket.live}
    good: list[tuple[int, Line, Known, str]] = []
    wrong: list[tuple[int, Line, str]] = []
    for number, line in rows:
        key, other, status = clean(line.id).lower(), clean(line.number).upper(), clean(line.status).upper()
        ticket = live_ids.get(key) if key else live_numbers.get(other)
        if line.surplus or not (key or other) or has_swallowed(line, ticket, delimiter):
            wrong.append((number, line, "unreadable_row"))
        elif status not in IMPORTABLE:
            wrong.append((number, line, "unknown_status"))
        elif ticket is None:
            wrong.append((number, line, "unknown_ticket"))
        elif key and other and other != ticket.number:
            wrong.append((number, line, "ticket_mismatch"))
        else:
            good.append((number, line, ticket, status))
    for number, line, ticket, status in good:
        if any(ticket == twin and status != said for _, _, twin, said in good):
            wrong.append((number, line, "contradictory_rows"))
        elif status == ticket.status:
            expected.skipped += 1
        elif (ticket.status, status) not in LEGAL:
            wrong.append((number, line, "illegal_move"))
        elif ticket.id in expected.moves:
            expected.skipped += 1
        else:
            expected.updated += 1
            expected.moves[ticket.id] = status
    for number, line, code in sorted(wrong, key=lambda item: item[0]):
        # Where cells are missing or too many, nothing is said about which of them names the ticket.
        expected.errors.append((number, None if line.surplus else line.id.strip() or line.number.strip() or None, code))
    return expected


# --- Files -----------------------------------------------------------------------------------------------------------

# Keys of no ticket: whose they are does not matter, but that they look like it.
NAMED_KEYS = ["TKT-2019-000003", "tkt-2019-1000004", "00000000-0000-4000-8000-00000000002a"]
CELL_TEXT = st.text(alphabet='ab ,;\t"\n\ré', max_size=8)
NAMES = {"id": ["id", "ID", " Id "], "number": ["ticket_number", "Ticket_Number"], "status": ["status", " STATUS"]}


@dataclass(frozen=True)
class Form:
    """How a file is written down."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    delimiter: str
    line_end: str
    encoding: str
    quote_all: bool
    blank_lines_before: int
    end_at_last: bool
    names_separator: bool
    space_before_quotes: bool


@st.composite
def forms(draw: st.DrawFn) -> Form:
    columns = tuple(draw(st.permutations(["id", "number", "status", "title", "title"])))
    return Form(
        columns,
        tuple(draw(st.sampled_from(NAMES.get(column, ["title", "", "x y"]))) for column in columns),
        draw(st.sampled_from(",;\t")),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])),
        draw(st.booleans()),
        draw(st.integers(0, 2)),
        draw(st.booleans()),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([False, False, True])),
    )


def written(rows: list[Line], form: Form) -> tuple[bytes, list[tuple[int, Line]]]:
    """The file, and each row with the line at which it begins."""
    text = f"sep={form.delimiter}{form.line_end}" if form.names_separator else ""
    text += form.line_end * form.blank_lines_before + record(list(form.names), form)
    numbered = []
    for row in rows:
        text += form.line_end * (1 + row.blank_before)
        numbered.append((lines_in(text) + 1, row))
        cells = [getattr(row, column) for column in form.columns]
        cells = cells[: row.surplus] if row.surplus < 0 else cells + ["x"] * row.surplus
        cells += [""] * row.empty_behind if row.surplus >= 0 else []
        written_row = record(cells, form)
        if not written_row.strip(form.delimiter + " \t"):
            numbered.pop()  # it has become a line of separators
        text += written_row
    text += form.line_end if form.end_at_last else ""
    return text.encode(form.encoding), numbered


def record(cells: list[str], form: Form) -> str:
    special = (form.delimiter, '"', "\n", "\r")
    space = " " if form.space_before_quotes else ""
    quoted = [space + '"' + cell.replace('"', '""') + '"' for cell in cells]
    return form.delimiter.join(
        quote if form.quote_all or any(mark in cell for mark in special) else cell
        for cell, quote in zip(cells, quoted, strict=True)
    )


def lines_in(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def lines_of_others() -> st.SearchStrategy[str]:
    """Titles with lines that begin like a row."""
    return st.builds(
        lambda before, end, key, mark, after: f"{before}{end}{key}{mark}{after}",
        CELL_TEXT,
        st.sampled_from(["\n", "\n", "\r\n", "\r"]),
        st.sampled_from(NAMED_KEYS),
        st.sampled_from([",", ";", "\t", ":"]),
        CELL_TEXT,
    )


def lines(known: list[Known]) -> st.SearchStrategy[Line]:
    def cased(text: str) -> st.SearchStrategy[str]:
        dressed = [f" {text} ", f"{text}\t", f"\u00a0{text}\u00ad", f"\u00ad{text}", f'="{text}"']
        return st.sampled_from([text, text, text.lower(), text.upper(), *dressed])

    keys = st.one_of(
        st.sampled_from(known).flatmap(lambda t: st.tuples(cased(t.id), st.just(""))),
        st.sampled_from(known).flatmap(lambda t: st.tuples(st.sampled_from(["", " "]), cased(t.number))),
        st.sampled_from(known).flatmap(lambda t: st.tuples(cased(t.id), cased(t.number))),
        st.tuples(st.sampled_from([t.id for t in known]), st.sampled_from([t.number for t in known])),
        st.sampled_from([("", ""), (" ", "\t"), ("x", ""), ("", "TKT-1"), (str(uuid.UUID(int=7)), "")]),
        st.sampled_from([(t.id.replace("-", ""), "") for t in known]),
    )
    statuses = st.one_of(
        st.sampled_from(sorted(IMPORTABLE)).flatmap(cased), st.sampled_from(["", "DRAFT", "REVIEW", "DONE", "OPEN."])
    )
    return st.builds(
        lambda key, status, title, *numbers: Line(key[0], key[1], status, title, *numbers),
        keys,
        statuses,
        st.one_of(CELL_TEXT, CELL_TEXT, st.sampled_from([ticket.title for ticket in known]), lines_of_others()),
        st.sampled_from([0] * 12 + [-1, -2, 1, 3]),
        st.sampled_from([0] * 6 + [1, 3]),
        st.sampled_from([0] * 6 + [1, 2]),
    )


@pytest.mark.django_db
def test_any_file_ends_as_the_model_predicts(long_run: bool) -> None:
    author, reviewer = factories.associate(), factories.manager()
    titles = ["Printer", f"Again:\n{NAMED_KEYS[0]},OPEN\n{NAMED_KEYS[2]};x", f"Why\n{NAMED_KEYS[1]}\tOPEN"]
    tickets = [
        factories.ticket(status, author=author, reviewer=reviewer, title=titles[n % 3])
        for n, status in enumerate(STATUSES)
    ]
    tickets.append(factories.deleted(factories.ticket("DRAFT", author=author)))
    known = [Known(str(t.pk), t.ticket_number, t.status, t.deleted_at is None, t.title) for t in tickets]
    before = {ticket.id: ticket.status for ticket in known}
    entries = HistoryEntry.objects.count()

    @settings(
        max_examples=3000 if long_run else 60, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(lines(known), min_size=1, max_size=25), forms())
    def check(rows: list[Line], form: Form) -> None:
        content, numbered = written(rows, form)
        assume(numbered)  # one without rows is refused
        expected = judged(numbered, known, form.delimiter)
        with transaction.atomic():
            tried = import_statuses(io.BytesIO(content), user=reviewer, dry_run=True)
            assert {str(pk): status for pk, status in Ticket.objects.values_list("pk", "status")} == before
            assert HistoryEntry.objects.count() == entries
            report = import_statuses(io.BytesIO(content), user=reviewer)
            assert report == tried
            assert (report.updated, report.skipped, report.total) == (expected.updated, expected.skipped, len(numbered))
            assert report.errors_count == len(expected.errors)
            ragged = {number for number, line in numbered if line.surplus}
            shown = [(e.row, None if e.row in ragged else e.ticket, e.verdict.value) for e in report.errors]
            assert shown == expected.errors
            after = {ticket.id: expected.moves.get(ticket.id, ticket.status) for ticket in known}
            assert {str(pk): status for pk, status in Ticket.objects.values_list("pk", "status")} == after
            assert HistoryEntry.objects.count() == entries + expected.updated
            again = import_statuses(io.BytesIO(content), user=None)
            assert again.updated == 0
            assert HistoryEntry.objects.count() == entries + expected.updated
            transaction.set_rollback(True)
        answer = b"".join(Simulation(io.BytesIO(content)))
        if form.delimiter == "," or not any(has_swallowed(line, None, ",") for line in rows):
            assert b"".join(Simulation(io.BytesIO(answer))) == answer

    check()
