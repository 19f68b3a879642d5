"""Files as they come from the field, or from an enemy: each gets a clear answer, and those refused change nothing."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import status_of, upload
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tickets.csv", "id,status\n")
    return buffer.getvalue()


# What the problem has to mention. Good rows stand before the fault wherever there can be any: {id} is a PENDING ticket.
REFUSED: list[tuple[str, str | bytes, str]] = [
    ("nothing", "", "empty"),
    ("a line feed", "\n", "empty"),
    ("empty lines", "\r\n\r\n\n\n", "empty"),
    ("only a BOM", b"\xef\xbb\xbf", "empty"),
    ("only a BOM of UTF-16", b"\xff\xfe", "empty"),
    ("spaces", "   \n", "header"),
    ("only a header", "id,status", "no rows"),
    ("a header and empty lines", "id,status\n\n\r\n\n", "no rows"),
    ("a header without status", "id,ticket_number,state\n{id},,OPEN\n", "status"),
    ("a header without a key", "number,status\n{id},OPEN\n", "ticket_number"),
    ("a header of another language", "Nummer;Zustand\n{id};OPEN\n", "header"),
    ("no header", "{id},OPEN\n{id},OPEN\n", "header"),
    ("a blank header", ",,\n{id},OPEN,\n", "header"),
    ("a single column", "status\nOPEN\n", "header"),
    ("a delimiter of bars", "id|status\n{id}|OPEN\n", "commas"),
    ("a delimiter of spaces", "id status\n{id} OPEN\n", "commas"),
    ("two delimiters in the header", "id,ticket_number;status\n{id},;OPEN\n", "header"),
    ("a line of title above the header", "Tickets of today\nid,status\n{id},OPEN\n", "header"),
    ("a separator named that the file does not have", "sep=;\nid,status\n{id},OPEN\n", "header"),
    ("a separator named, and nothing else", "sep=;\n", "empty"),
    ("a separator of letters", "sep=x\nid,status\n{id},OPEN\n", "header"),
    ("the id twice", "id,status,id\n{id},OPEN,{id}\n", "column id twice"),
    ("the id twice in different case", "id,status, ID \n{id},OPEN,{id}\n", "column id twice"),
    ("the status twice", "id,status,Status\n{id},OPEN,OPEN\n", "column status twice"),
    ("the number twice", "id,ticket_number,TICKET_NUMBER,status\n{id},,,OPEN\n", "column ticket_number twice"),
    ("a NUL in a cell", "id,status\n{id},OPEN\nx\0,OPEN\n", "line 3 holds a nul"),
    ("a NUL in the header", "id,status,\0\n{id},OPEN,\n", "line 1 holds a nul"),
    ("a NUL in the last row", "id,status\n{id},OPEN\nx,OPEN\0", "line 3 holds a nul"),
    ("a NUL behind the last row", "id,status\n{id},OPEN\n\0", "line 3 holds a nul"),
    ("a NUL in a column that is ignored", "id,status,x\n{id},OPEN,\0\n", "line 2 holds a nul"),
    ("a NUL within quotes", 'id,status,x\n{id},OPEN,"\n\0"\n', "line 3 holds a nul"),
    ("a NUL in UTF-16", "\ufeffid,status\n{id},OPEN\n\0", "line 3 holds a nul"),
    ("a NUL in Windows-1252", b"id,status\n\xe9,OPEN\n\0", "line 3 holds a nul"),
    ("a quote open at the end", 'id,status\n{id},OPEN\n"x,OPEN\n', "line 3"),
    ("nothing but a quote at the end", 'id,status\n{id},OPEN\n"', "line 3"),
    ("a quote and a line feed at the end", 'id,status\n{id},OPEN\n"\n', "line 3"),
    ("a quote open in the first row", 'id,status\n{id},"OPEN\n{id},OPEN\n', "line 2"),
    ("a quote open in a column that is ignored", 'id,status,x\n{id},OPEN,"\n', "line 2"),
    ("a quote open in the header", 'id,status,"x\n{id},OPEN,\n', "line 1"),
    ("a quote doubled but not closed", 'id,status,x\n{id},OPEN,"""\n', "line 2"),
    ("text behind a closing quote in the header", 'id,status,"x"y\n{id},OPEN,\n', "line 1"),
    ("a header that has swallowed a row", 'id,status,"x\n{id},OPEN,y\nz"\n{id},OPEN,\n', "line 1"),
    ("only rows of separators", "id,status\n,\n \n ,\t\n", "no rows"),
    ("UTF-16 without BOM", "id,status\n{id},OPEN\n".encode("utf-16-le"), "nul"),
    ("UTF-16 cut within a character", "\ufeffid,status\nx,OPEN\n".encode("utf-16-le") + b"x", "nul"),
    ("UTF-16 with half a surrogate pair", "\ufeffid,status\nx,OPEN".encode("utf-16-le") + b"\x00\xd8", "nul"),
    ("UTF-32", "\ufeffid,status\nx,OPEN\n".encode("utf-32-le"), "nul"),
    ("a zip renamed", zipped(), "nul"),
    ("a PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "nul"),
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "header"),
    ("HTML", "<!doctype html>\n<html><body>502 Bad Gateway</body></html>\n", "header"),
    ("JSON", '[{"id": "x", "status": "OPEN"}]', "header"),
    ("noise", bytes(range(1, 256)) * 40, "header"),
    ("a header of many megabytes", "id,status" + ",x" * 1_500_000 + "\n{id},OPEN\n", "line 1"),
]

# What each row counts as: u(pdated), s(kipped), or the code of its error.
TAKEN: list[tuple[str, str | bytes, list[str]]] = [
    ("no line feed at the end", "id,status\n{id},OPEN", ["u"]),
    ("empty lines everywhere", "\n\nid,status\n\n\n{id},OPEN\n\n\n", ["u"]),
    ("a line of one space", "id,status\n \n{id},OPEN\n", ["u"]),
    ("a line of delimiters", "id,status\n,\n{id},OPEN\n,,,,\n \u200b , \u00a0\n", ["u"]),
    ("a row of empty quotes", 'id,status\n""\n{id},OPEN\n', ["unreadable_row", "u"]),
    ("a footer of totals", "id,status\n{id},OPEN\n1 row\n", ["u", "unreadable_row"]),
    ("a header again in the middle", "id,status\n{id},OPEN\nid,status\n", ["u", "unknown_status"]),
    ("delimiters at the end of rows", "id,status,\n{id},OPEN,\n", ["u"]),
    ("delimiters at the end of rows only", "id,status\n{id},OPEN,\n{id},OPEN,,, \n", ["u", "s"]),
    ("a full cell behind empty ones", "id,status\n{id},OPEN,,,x\n", ["unreadable_row"]),
    ("a comma unquoted in a title", "id,status,title\n{id},OPEN,one, two\n", ["unreadable_row"]),
    ("quotes around everything", '"id","status"\n"{id}","OPEN"\n', ["u"]),
    ("a space before the quote", 'id,status,title\n{id},OPEN, "x"\n', ["u"]),
    ("a quote in the middle of a cell", 'id,status,title\n{id},OPEN,19" rack\n', ["u"]),
    ("spaces before the quote", 'id,status\n{id}, \u00a0\u200b"OPEN"\n', ["u"]),
    ("spaces behind the quote", 'id,status,title\n{id} ,"OPEN" , "x, y" \n', ["u"]),
    ("text behind a closing quote", 'id,status\n{id},"OPEN"ED\n{id},"OPEN"\n', ["unreadable_row", "u"]),
    ("a quote in a cell that is not doubled", 'id,status,x\n{id},OPEN,"19" rack"\n', ["unreadable_row"]),
    ("an escape by backslash", 'id,status,x\n{id},OPEN,"19\\" rack"\n', ["unreadable_row"]),
    ("a cell of many megabytes", "id,status,x\n{id},OPEN," + "x" * 3_000_000 + "\n{id},OPEN,\n", ["u", "s"]),
    ("a quoted one", 'id,status,x\n{id},OPEN,"' + ("x" * 150 + "\n") * 20_000 + '"\n{id},OPEN,\n', ["u", "s"]),
    ("one before the status", "id,x,status\n{id}," + "x" * 5_000_000 + ",OPEN\n{id},,OPEN\n", ["u", "s"]),
    ("a key of many megabytes", "id,status\n{id},OPEN\n" + "x" * 3_000_000 + ",OPEN", ["u", "unknown_ticket"]),
    ("a line of many megabytes", "id,status\n{id},OPEN\n" + "x" * 3_000_000, ["u", "unreadable_row"]),
    ("endless empty cells behind a row", "id,status\n{id},OPEN" + "," * 300_000, ["u"]),
    ("endless full ones", "id,status\n{id},OPEN" + ",x" * 300_000 + "\n{id},OPEN\n", ["unreadable_row", "u"]),
    ("one quote of a pair open, closed by the next row", 'id,status\n{id},"OPEN\nx,"\n', ["unknown_status"]),
    ("BOM of UTF-8", "\ufeffid,status\n{id},OPEN\n".encode(), ["unknown_ticket"]),
    ("a BOM twice", "\ufeff\ufeffid,ticket_number,status\n,x,OPEN\n".encode(), ["unknown_ticket"]),
    ("a BOM of UTF-16 twice", "\ufeff\ufeffid,status\n{id},OPEN\n", ["u"]),
    ("two BOMs before Windows-1252", b"\xef\xbb\xbf\xef\xbb\xbfid,status\n\xe9,OPEN\n", ["unknown_ticket"]),
    ("control characters", "id,status,title\n{id},OPEN,\x01\x07\x1b[31m\x7f\n", ["u"]),
    ("a vertical tab as a line break", "id,status\n{id},OPEN\x0b\n", ["u"]),
    ("a formula", "id,status,title\n{id},OPEN,=1+1\n", ["u"]),
    ("SQL", "id,status\n'; DROP TABLE tickets_ticket; --,OPEN\n{id},OPEN\n", ["unknown_ticket", "u"]),
    ("percent signs and braces", "id,status\n%s{{}}%(x)s,OPEN\n{id},%d\n", ["unknown_ticket", "unknown_status"]),
    ("backslashes for COPY", "id,status,t\n\\.,OPEN,\\N\n{id},OPEN,\\t\n", ["unknown_ticket", "u"]),
    ("a line of only backslash and dot", "id,status\n\\.\n{id},OPEN\n", ["unreadable_row", "u"]),
    ("ten thousand columns", "id,status" + ",x" * 10_000 + "\n{id},OPEN" + "," * 10_000, ["u"]),
    ("undefined bytes of Windows-1252", b"id,status,t\nx,OPEN,\x81\x8d\x8f\x90\x9d\n", ["unknown_ticket"]),
    ("mixed line ends", "id,status\r\n{id},OPEN\nx,OPEN\r{id},OPEN\r\n", ["u", "unknown_ticket", "s"]),
    ("a key of half a million characters", "id,status\n" + "x" * 500_000 + ",OPEN\n", ["unknown_ticket"]),
]


@pytest.fixture
def client() -> ApiClient:
    return ApiClient(factories.manager())


def filled(content: str | bytes, ticket: Ticket) -> bytes:
    if isinstance(content, bytes):
        return content
    text = content.replace("{id}", str(ticket.pk)).replace("{{", "{").replace("}}", "}")
    return text.encode("utf-16-le" if text.startswith("\ufeff") else "utf-8")


@pytest.mark.parametrize(("content", "word"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_file_that_is_no_csv_of_statuses_is_refused(client: ApiClient, content: str | bytes, word: str) -> None:
    ticket = factories.ticket("PENDING")
    entries = HistoryEntry.objects.count()
    for path in ("/csv/import", "/csv/auto-process"):
        body = assert_error(upload(client, path, filled(content, ticket)), 400, "invalid_csv", "Empty or invalid CSV")
        [problem] = body["fields"]["file"]
        assert word in problem.lower()
    assert status_of(ticket) == "PENDING"
    assert HistoryEntry.objects.count() == entries


@pytest.mark.parametrize(("content", "rows"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_a_file_with_bad_rows_is_taken(client: ApiClient, content: str | bytes, rows: list[str]) -> None:
    ticket = factories.ticket("PENDING")
    processed = upload(client, "/csv/auto-process", filled(content, ticket))
    assert processed.status_code == 201
    assert b"status" in processed.getvalue().lower()
    response = upload(client, "/csv/import", filled(content, ticket))
    assert response.status_code == 201, response.content
    report: dict[str, Any] = response.json()
    assert [error["code"] for error in report["errors"]] == [row for row in rows if row not in ("u", "s")]
    assert (report["updatedCount"], report["skippedCount"]) == (rows.count("u"), rows.count("s"))
    assert report["totalRows"] == len(rows)
    assert status_of(ticket) == ("OPEN" if "u" in rows else "PENDING")
