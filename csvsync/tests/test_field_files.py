"""Files as other systems, spreadsheets and people write them: taken where their meaning is plain, and never guessed at.

Where a quote went astray, nothing of the lines that it swallowed may pass for data.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csvsync.exchange.export import export_pending
from csvsync.external.simulation import Simulation
from csvsync.imports.importer import import_statuses
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import codes, counts, status_of, upload
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def tickets() -> list[Ticket]:
    author, reviewer = factories.associate(), factories.manager()
    return [factories.ticket("PENDING", author=author, reviewer=reviewer) for _ in range(3)]


def filled(content: str, tickets: list[Ticket]) -> bytes:
    """The text with numbers of tickets in place of {1}, {2}, {3} and their ids in place of {id1}, {id2}, {id3}."""
    for index, ticket in enumerate(tickets, 1):
        content = content.replace(f"{{{index}}}", ticket.ticket_number).replace(f"{{id{index}}}", str(ticket.pk))
    return content.encode()


def imported(content: bytes) -> Any:
    response = upload(ApiClient(factories.manager()), "/csv/import", content)
    assert response.status_code == 201, response.content
    return response.json()


# Updated, skipped, errors, total, then the statuses of the three tickets.
READ: dict[str, tuple[str, tuple[int, int, int, int], str]] = {
    "a space before the quote": (
        '"ticket_number", "title", "status"\n"{1}", "Mouse, wireless", "OPEN"\n',
        (1, 0, 0, 1),
        "OPEN PENDING PENDING",
    ),
    "a line that names the separator": ("sep=;\r\nticket_number;status\r\n{1};OPEN\r\n", (1, 0, 0, 1), "OPEN . ."),
    "the same with quotes": ('"sep=;"\r\nticket_number;status\r\n{1};OPEN\r\n', (1, 0, 0, 1), "OPEN . ."),
    "the same behind a BOM": ("\ufeffSEP=;;\r\nticket_number;status\r\n{1};OPEN\r\n", (1, 0, 0, 1), "OPEN . ."),
    "a comma named": ("\nsep=,\nticket_number,status\n{1},OPEN\n", (1, 0, 0, 1), "OPEN . ."),
    "a tab named": ("sep=\t\nticket_number\tstatus\n{1}\tOPEN\n", (1, 0, 0, 1), "OPEN . ."),
    "a bar named": ("sep=|\nticket_number|status\n{1}|OPEN\n", (1, 0, 0, 1), "OPEN . ."),
    "a character without width": (
        "ticket_number,status\n{1}\u200b,OPEN\n{2},OPEN\u200b\n",
        (2, 0, 0, 2),
        "OPEN OPEN .",
    ),
    "characters without width around everything": (
        "\u2060ticket_number\u200b,\u200dstatus\u00ad\n\u200e {1} \u200f,\u202aclosed\u202c\n\ufeff{2}, \u200bOPEN\n",
        (2, 0, 0, 2),
        "CLOSED OPEN .",
    ),
    "a BOM twice": ("\ufeff\ufeffticket_number,status\n{1},OPEN\n", (1, 0, 0, 1), "OPEN . ."),
    "text as a formula": ('ticket_number,status\n"=""{1}""",OPEN\n', (1, 0, 0, 1), "OPEN . ."),
    "text as a formula without quotes": ('ticket_number,status\n="{1}",="OPEN"\n', (1, 0, 0, 1), "OPEN . ."),
    "rows of separators": ("ticket_number,title,status\n{1},x,OPEN\n,,\n,,\n,,\n", (1, 0, 0, 1), "OPEN . ."),
    "empty cells behind the last column": ("ticket_number,status\n{1},OPEN,,\n", (1, 0, 0, 1), "OPEN . ."),
    "a large cell that nobody reads": (
        "ticket_number,status,x\n{1},OPEN,\n{2},OPEN," + "x" * 1_000_001 + "\n{3},OPEN,\n",
        (3, 0, 0, 3),
        "OPEN OPEN OPEN",
    ),
}


@pytest.mark.parametrize(("content", "expected", "statuses"), READ.values(), ids=READ)
def test_what_is_plainly_meant_is_read(
    tickets: list[Ticket], content: str, expected: tuple[int, int, int, int], statuses: str
) -> None:
    answer = b"".join(Simulation(io.BytesIO(filled(content, tickets)))).decode()
    assert len(answer.splitlines()) == 1 + expected[3]
    report = imported(filled(content, tickets))
    assert tuple(report[f"{name}"] for name in ("updatedCount", "skippedCount", "errorsCount", "totalRows")) == expected
    assert report["errors"] == []
    wanted = [status if status != "." else "PENDING" for status in statuses.split()]
    assert [status_of(ticket) for ticket in tickets] == wanted


@pytest.mark.parametrize("hyphen", "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d")
def test_any_hyphen_is_one(tickets: list[Ticket], hyphen: str) -> None:
    number, key = (text.replace("-", hyphen) for text in (tickets[0].ticket_number, str(tickets[1].pk)))
    report = import_statuses(io.BytesIO(f"id,ticket_number,status\n,{number},OPEN\n{key},,OPEN\n".encode()), user=None)
    assert counts(report) == (2, 0, 0, 2)


def test_a_key_may_hold_characters_without_width(tickets: list[Ticket]) -> None:
    number = tickets[0].ticket_number.replace("-", "-\u200b")
    report = import_statuses(io.BytesIO(f"ticket_number,status\n{number},OPEN\n".encode()), user=None)
    assert counts(report) == (1, 0, 0, 1)


def test_messages_show_what_one_cannot_see(tickets: list[Ticket]) -> None:
    content = f"ticket_number,status\n{tickets[0].ticket_number},OP\u200bEN\nTKT-1\u200b,OPEN\n"
    unknown_status, unknown_ticket = imported(content.encode())["errors"]
    assert unknown_status["message"] == "“OP<U+200B>EN” cannot be imported. Write PENDING, OPEN or CLOSED."
    assert unknown_ticket["message"] == (
        "There is no such ticket, or it was deleted. Check the id or ticket number."
        " It holds characters that one cannot see: U+200B ZERO WIDTH SPACE."
    )


def test_an_id_that_is_not_ours_is_called_so(tickets: list[Ticket]) -> None:
    [error] = imported(filled("id,ticket_number,status\n1595,{1},CLOSED\n", tickets))["errors"]
    assert (error["code"], error["ticket"]) == ("unknown_ticket", "1595")
    assert error["message"] == (
        "The column id is not ours: “1595” is no id of this desk. Leave that column out or empty, and tickets are found"
        " by their ticket_number."
    )
    assert status_of(tickets[0]) == "PENDING"


# --- Stray quotes ----------------------------------------------------------------------------------------------------

# The rows with their errors' lines, and what the message of the first error says about lines.
SWALLOWED: dict[str, tuple[str, list[int], int, str]] = {
    "quotes at the beginning of titles": (
        'ticket_number,title,status\n{1},"Screen flickers,OPEN\n{2},fine,OPEN\n{3},"Printer,CLOSED\n',
        [2],
        1,
        "lines 3 to 4",
    ),
    "closed by a quote at the end of a title": (
        'ticket_number,title,status\n{1},"Screen,OPEN\n{2},fine,OPEN\n{3},Printer",CLOSED\n',
        [2],
        1,
        "lines 3 to 4",
    ),
    "by id": ('id,title,status\n{id1},"Screen,OPEN\n{id2},19",CLOSED\n{id3},x,OPEN\n', [2], 2, "line 3"),
    "by the other key": (
        'id,ticket_number,title,status\n{id1},{1},"Screen,OPEN\n{2},19",CLOSED\n',
        [2],
        1,
        "line 3",
    ),
    "of semicolons": ('ticket_number;title;status\n{1};"Screen;OPEN\n{2};19";CLOSED\n', [2], 1, "line 3"),
    "of tabs": ('ticket_number\ttitle\tstatus\n{1}\t"Screen\tOPEN\n{2}\t19"\tCLOSED\n', [2], 1, "line 3"),
    "in lower case": ('ticket_number,title,status\n{1},"Screen,OPEN\ntkt-2026-000002 ,19",CLOSED\n', [2], 1, "line 3"),
    "of carriage returns": ('ticket_number,title,status\r{1},"Screen,OPEN\r{2},19",CLOSED\r', [2], 1, "line 3"),
    "of a number that is nobody's": (
        'ticket_number,title,status\n{1},"Screen,OPEN\nTKT-2026-999999,19",CLOSED\n',
        [2],
        1,
        "line 3",
    ),
    "with an unknown status": ('ticket_number,title,status\n{1},"Screen,OPEN\n{2},19",DONE\n', [2], 1, "line 3"),
    "with too many cells": ('ticket_number,title,status\n{1},"Screen,OPEN\n{2},19",a,b,CLOSED\n', [2], 1, "line 3"),
    "with too few cells": (
        'ticket_number,title,status\n{1},"Screen,OPEN\n{2},fine,OPEN"\n{3},x,OPEN\n',
        [2],
        2,
        "line 3",
    ),
    "in the key": ('ticket_number,status\n"{1},OPEN\n{2},x",OPEN\n{3},"OPEN"\n', [2], 2, "line 3"),
    "text behind a quote on one line": ('ticket_number,title,status\n{1},"19" rack",OPEN\n{3},x,OPEN\n', [2], 2, ""),
    "many of them": (
        'ticket_number,title,status\n{1},"Screen,OPEN\n' + "{2},fine,OPEN\n" * 40 + '19",CLOSED\n{3},x,OPEN\n',
        [2],
        2,
        "lines 3 to 43",
    ),
}


@pytest.mark.parametrize(("content", "rows", "total", "words"), SWALLOWED.values(), ids=SWALLOWED)
def test_nothing_of_swallowed_lines_is_applied(
    tickets: list[Ticket], content: str, rows: list[int], total: int, words: str
) -> None:
    data = filled(content.replace("tkt-2026-000002", "{2}"), tickets)
    report = imported(data)
    assert [error["row"] for error in report["errors"]] == rows
    assert {error["code"] for error in report["errors"]} == {"unreadable_row"}
    assert (report["totalRows"], report["errorsCount"], report["updatedCount"]) == (total, 1, total - 1)
    assert words in report["errors"][0]["message"]
    assert [status_of(ticket) for ticket in tickets[:2]] == ["PENDING", "PENDING"]
    assert status_of(tickets[2]) == ("OPEN" if total == 2 else "PENDING")


@pytest.mark.parametrize(("content", "rows", "total", "words"), SWALLOWED.values(), ids=SWALLOWED)
def test_auto_process_gives_no_status_to_what_swallowed_lines(
    tickets: list[Ticket], content: str, rows: list[int], total: int, words: str
) -> None:
    simulation = Simulation(io.BytesIO(filled(content, tickets)))
    answer = b"".join(simulation)
    assert sum(simulation.distribution.values()) == total - 1
    report = import_statuses(io.BytesIO(answer), user=None)
    assert report.errors_count == 1
    assert [status_of(ticket) for ticket in tickets[:2]] == ["PENDING", "PENDING"]
    damaged = filled(content, tickets).decode().replace("\r", "\n").split("\n")[1]
    assert damaged.replace('"', "") in answer.decode().replace('"', "").replace("\r", "\n")


INNOCENT = {
    "a line break": '"one\ntwo"',
    "the ticket's own number": '"one\n{1},two"',
    "the ticket's own id": '"one\n{id1},two"',
    "a number within a line": '"one\nsee {2}, it is the same"',
    "a number with no delimiter behind": '"one\n{2}: the same"',
    "a number on the first line": '"{2},one\ntwo"',
    "another delimiter": '"one\n{2};two"',
}


@pytest.mark.parametrize("cell", INNOCENT.values(), ids=INNOCENT)
def test_lines_within_cells_that_are_no_rows_are_let_be(tickets: list[Ticket], cell: str) -> None:
    report = imported(filled("id,title,status\n{id1}," + cell + ",OPEN\n", tickets))
    assert (report["updatedCount"], report["errorsCount"]) == (1, 0)


def test_the_tickets_own_title_is_let_be_in_any_column_and_with_any_line_end(tickets: list[Ticket]) -> None:
    title = f'Again\n{tickets[0].ticket_number},"x",OPEN\n{tickets[1].pk},CLOSED'
    ticket = factories.ticket("PENDING", title=title)
    for line_end, number in (("\n", 1), ("\r\n", 0)):
        cell = '"' + title.replace('"', '""').replace("\n", line_end) + '"'
        content = f"note,ticket_number,status\n{cell},{ticket.ticket_number},OPEN\n"
        assert counts(import_statuses(io.BytesIO(content.encode()), user=None)) == (number, 1 - number, 0, 1)
        other = f"note,ticket_number,status\n{cell},{tickets[2].ticket_number},OPEN\n"
        assert codes(import_statuses(io.BytesIO(other.encode()), user=None)) == [(2, "unreadable_row")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_title_of_many_lines_is_let_be_as_another_system_writes_it(
    tickets: list[Ticket], delimiter: str, line_end: str
) -> None:
    """With line ends of two characters it is almost twice as long as any title that can be stored."""
    title = "x" + "\n" * 180 + f"{tickets[1].ticket_number}{delimiter}y"
    assert len(title) == 198
    ticket = factories.ticket("PENDING", title=title)
    cells = [["ticket_number", "title", "status"], [ticket.ticket_number, title.replace("\n", line_end), "OPEN"]]
    answer = io.StringIO(newline="")
    csv.writer(answer, delimiter=delimiter, lineterminator=line_end).writerows(cells)
    report = import_statuses(io.BytesIO(answer.getvalue().encode()), user=None)
    assert (codes(report), counts(report)) == ([], (1, 0, 0, 1))


def test_suspicious_rows_are_looked_up_many_at_a_time() -> None:
    author, reviewer = factories.associate(), factories.manager()
    made = [
        factories.ticket("PENDING", author=author, reviewer=reviewer, title=f"x\nTKT-2024-{n:06d},") for n in range(40)
    ]
    content = b"".join(export_pending()).replace(b",PENDING,", b",OPEN,")
    with CaptureQueriesContext(connection) as few:
        assert import_statuses(io.BytesIO(content), user=None).updated == len(made)
    assert len(few) < 25


# --- What our own export has written ---------------------------------------------------------------------------------


def titles() -> st.SearchStrategy[str]:
    keys = ["{1}", "{2}", "{3}", "{id1}", "{id2}", "{id3}", "TKT-2020-000009"]
    marks = ["\n", "\r\n", "\r", '"', '""', ",", ";", "\t", " ", "=", "\u200b", "\u00a0", "'", "sep=;"]
    pieces = st.sampled_from([*keys, *marks, "a", "é", "OPEN"])
    return st.lists(pieces, min_size=1, max_size=7).map("".join)


def test_what_our_export_writes_is_always_taken_back(tickets: list[Ticket], long_run: bool) -> None:
    manager = factories.manager()

    @settings(
        max_examples=1500 if long_run else 40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(titles(), min_size=3, max_size=3))
    def check(wanted: list[str]) -> None:
        with transaction.atomic():
            for ticket, title in zip(tickets, wanted, strict=True):
                text = filled(title, tickets).decode().strip()[:200].strip() or "x"
                Ticket.objects.filter(pk=ticket.pk).update(title=text)
            exported = b"".join(export_pending())
            simulation = Simulation(io.BytesIO(exported))
            answer = b"".join(simulation)
            assert simulation.distribution == {"PENDING": 1, "OPEN": 1, "CLOSED": 1}
            cells = list(csv.reader(io.StringIO(exported.decode(), newline="")))
            assert [row[:2] + row[3:] for row in csv.reader(io.StringIO(answer.decode(), newline=""))] == [
                row[:2] + row[3:] for row in cells
            ]
            for content, expected in ((exported, (0, 3, 0, 3)), (answer, (2, 1, 0, 3))):
                assert counts(import_statuses(io.BytesIO(content), user=manager)) == expected, content
            transaction.set_rollback(True)

    check()
