"""The list of tickets over REST: every parameter, its good and bad values, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.models import Ticket, TicketSequence

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> ApiClient:
    return ApiClient(factories.associate())


def found(client: ApiClient, **query: Any) -> list[str]:
    """The titles listed, in order."""
    response = client.get(f"/tickets?{urlencode(query)}")
    assert response.status_code == 200, response.content
    items = response.json()["items"]
    assert response.json()["total"] == len(items)
    return [item["title"] for item in items]


def refused(client: ApiClient, query: str, *names: str) -> None:
    body = assert_error(client.get(f"/tickets?{query}"), 400, "invalid_input")
    assert sorted(body["fields"]) == sorted(names)


# --- Pages


def test_pages_of_twenty_newest_first(client: ApiClient) -> None:
    author = factories.associate()
    for n in range(25):
        factories.ticket(author=author, title=f"t{n}")
    first, second = client.get("/tickets").json(), client.get("/tickets?page=2").json()
    assert [item["title"] for item in first["items"]] == [f"t{n}" for n in range(24, 4, -1)]
    assert [item["title"] for item in second["items"]] == [f"t{n}" for n in range(4, -1, -1)]
    assert {name: second[name] for name in ("total", "page", "pageSize")} == {"total": 25, "page": 2, "pageSize": 20}


@pytest.mark.parametrize("size", [2, 3, 7, 100])
def test_pages_cover_every_ticket_once_in_any_order(client: ApiClient, size: int) -> None:
    author = factories.associate()
    for n in range(7):
        factories.ticket(author=author, title=f"t{n}", severity=["LOW", "HIGH"][n % 2])
    for sort in ("", "number", "severity", "-severity", "-status"):
        pages = [
            [item["title"] for item in client.get(f"/tickets?sort={sort}&pageSize={size}&page={page}").json()["items"]]
            for page in range(1, 5)
        ]
        whole = found(client, sort=sort)
        assert [title for page in pages for title in page] == whole
        assert sorted(whole) == ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]
        assert all(len(page) <= size for page in pages)


def test_newest_is_by_year_and_then_sequence(client: ApiClient) -> None:
    author = factories.associate()
    for year, last in ((2025, 41), (2026, 2)):
        TicketSequence.objects.create(year=year, last_sequence=last)
        with time_machine.travel(datetime(year, 6, 1, tzinfo=UTC)):
            factories.ticket(author=author, title=str(year))
    assert found(client) == ["2026", "2025"]
    assert found(client, sort="number") == ["2025", "2026"]


@pytest.mark.parametrize("page", ["2", "3", "99999", "9223372036854775808", "1" + "0" * 30])
def test_a_page_past_the_end_is_empty(client: ApiClient, page: str) -> None:
    factories.ticket()
    response = client.get(f"/tickets?page={page}")
    assert response.status_code == 200
    assert response.json() == {"items": [], "total": 1, "page": int(page), "pageSize": 20}


@pytest.mark.parametrize("size", ["200", "201", "1000", "9223372036854775808", "1" + "0" * 30])
def test_a_page_size_over_200_is_taken_as_200(client: ApiClient, size: str) -> None:
    made = factories.ticket()
    answer = client.get(f"/tickets?pageSize={size}").json()
    assert (answer["pageSize"], answer["items"][0]["id"]) == (200, str(made.pk))


def test_two_hundred_is_the_most_that_a_page_holds(client: ApiClient) -> None:
    author = factories.associate()
    for _ in range(202):
        factories.ticket(author=author)
    answer = client.get("/tickets?pageSize=500").json()
    assert (len(answer["items"]), answer["total"], answer["pageSize"]) == (200, 202, 200)


@pytest.mark.parametrize("name", ["page", "pageSize"])
@pytest.mark.parametrize(
    "value",
    "0 -1 -0 %2B1 1.0 1e1 abc 1a 0x1 %20 %201 1%20 %00 1%00 %EF%BC%91 NaN 1_0 -99999999999999999999999 1,000".split(),
)
def test_what_is_no_whole_number_from_one_is_refused(client: ApiClient, name: str, value: str) -> None:
    refused(client, f"{name}={value}", name)


@pytest.mark.parametrize("name", ["page", "pageSize"])
def test_a_number_of_thousands_of_digits_is_no_server_error(client: ApiClient, name: str) -> None:
    assert client.get(f"/tickets?{name}={'1' * 5000}").status_code in (200, 400)


def test_every_bad_number_is_named_at_once(client: ApiClient) -> None:
    refused(client, "page=0&pageSize=abc", "page", "pageSize")


def test_an_empty_value_counts_as_absent(client: ApiClient) -> None:
    factories.ticket()
    names = ("status", "q", "page", "pageSize", "severity", "createdBy", "dueBefore", "updatedSince", "sort")
    answer = client.get("/tickets?" + "&".join(f"{name}=" for name in names)).json()
    assert (answer["total"], answer["page"], answer["pageSize"]) == (1, 1, 20)


def test_unknown_parameters_are_ignored(client: ApiClient) -> None:
    factories.ticket()
    assert client.get("/tickets?colour=red&format=csv&Status=FOO&%00=1&page%5B%5D=0").json()["total"] == 1


# --- Filters


def test_status_and_severity(client: ApiClient) -> None:
    for status in ("DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"):
        factories.ticket(status, title=status, severity="MEDIUM")
    assert [found(client, status=s) for s in ("DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED")] == [
        ["DRAFT"],
        ["REVIEW"],
        ["PENDING"],
        ["OPEN"],
        ["CLOSED"],
    ]
    assert found(client, severity="HIGH") == ["REVIEW"]
    assert found(client, severity="MEDIUM", status="OPEN") == ["OPEN"]
    assert found(client, severity="VERY_HIGH") == []


@pytest.mark.parametrize("name", ["status", "severity", "sort"])
@pytest.mark.parametrize(
    "value", ["FOO", "draft", "low", "DRAFT,OPEN", "%00", "DRAFT%00", "%20", "-", "id", "1", "%FF"]
)
def test_an_unknown_level_is_refused(client: ApiClient, name: str, value: str) -> None:
    refused(client, f"{name}={value}", name)


def test_created_by(client: ApiClient) -> None:
    me, other = factories.associate(), factories.manager()
    factories.ticket(author=me, title="mine")
    factories.ticket(author=other, title="other's")
    assert found(client, createdBy=me.pk) == ["mine"]
    assert found(client, createdBy=str(other.pk).upper()) == ["other's"]
    assert found(ApiClient(me), createdBy="me") == ["mine"]
    assert found(client, createdBy="me") == []


@pytest.mark.parametrize(
    "value",
    [
        "ME",
        "you",
        "1",
        "%00",
        "me%00",
        "00000000-0000-4000-8000-000000000000",
        "00000000000040008000000000000000",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "%7B00000000-0000-4000-8000-000000000000%7D",
        "associate@example.com",
    ],
)
def test_an_unknown_author_is_refused(client: ApiClient, value: str) -> None:
    refused(client, f"createdBy={value}", "createdBy")


def test_a_written_differently_id_of_an_author_is_malformed(client: ApiClient) -> None:
    author = factories.associate()
    for value in (author.pk.hex, f"{{{author.pk}}}", f"urn:uuid:{author.pk}"):
        refused(client, urlencode({"createdBy": value}), "createdBy")


def test_due_before_is_exclusive_and_updated_since_inclusive(client: ApiClient) -> None:
    for hour in (8, 9, 10):
        with time_machine.travel(datetime(2026, 3, 1, hour, tzinfo=UTC), tick=False):
            factories.ticket(title=f"{hour}", due_date=datetime(2026, 4, 1, hour, tzinfo=UTC))
    assert found(client, dueBefore="2026-04-01T09:00:00Z") == ["8"]
    assert found(client, dueBefore="2026-04-01T09:00:00.001Z") == ["9", "8"]
    assert found(client, dueBefore="2026-04-01T09:00:00") == ["8"]
    assert found(client, dueBefore="2026-04-01T11:00:00+02:00") == ["8"]
    assert found(client, dueBefore="2026-04-02") == ["10", "9", "8"]
    assert found(client, dueBefore="0001-01-01T00:00:00Z") == []
    assert found(client, updatedSince="2026-03-01T09:00:00.000Z") == ["10", "9"]
    assert found(client, updatedSince="2026-03-01T09:00:00.001Z") == ["10"]
    assert found(client, updatedSince="9999-12-31T23:59:59.999Z") == []


def test_sub_second_times_compare_as_times(client: ApiClient) -> None:
    factories.ticket(title="half", due_date=datetime(2026, 4, 1, 9, 0, 0, 500000, tzinfo=UTC))
    assert found(client, dueBefore="2026-04-01T09:00:00Z") == []
    assert found(client, dueBefore="2026-04-01T09:00:01Z") == ["half"]
    assert found(client, dueBefore="2026-04-01T09:00:00.5Z") == []


@pytest.mark.parametrize("name", ["dueBefore", "updatedSince"])
@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "%20",
        "%00",
        "1766568600",
        "2026-02-30",
        "2026-12-24T25:00:00Z",
        "0001-01-01T00:00:00%2B01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-12-24T09:30:00Z%00",
        "2026-12-24T09:30:00+01:00",  # an unescaped plus is a space
        "2026-12-24x09:30",
        "%D9%A2026-01-01",
    ],
)
def test_a_malformed_time_is_refused(client: ApiClient, name: str, value: str) -> None:
    refused(client, f"{name}={value}", name)


def test_every_bad_parameter_is_named_at_once(client: ApiClient) -> None:
    refused(client, "status=FOO&severity=BAR&dueBefore=x&sort=y", "status", "severity", "dueBefore", "sort")


def test_deleted_tickets_are_not_listed_or_counted(client: ApiClient) -> None:
    kept = factories.ticket(title="kept")
    gone = factories.deleted(factories.ticket(title="gone"))
    assert found(client) == ["kept"]
    assert found(client, q="gone") == []
    assert found(client, createdBy=gone.created_by_id) == []
    assert found(client, status="DRAFT") == ["kept"]
    assert found(client, createdBy=kept.created_by_id) == ["kept"]


# --- Order


def test_sort_orders_by_rank_and_breaks_ties_by_number_newest_first(client: ApiClient) -> None:
    for title, severity, day in [
        ("a", "HIGH", 3),
        ("b", "EASY", 1),
        ("c", "VERY_HIGH", 3),
        ("d", "EASY", 2),
        ("e", "LOW", 1),
        ("f", "MEDIUM", 1),
    ]:
        with time_machine.travel(datetime(2026, 3, day, tzinfo=UTC), tick=False):
            factories.ticket(title=title, severity=severity, due_date=datetime(2026, 5, day, tzinfo=UTC))
    assert found(client, sort="number") == ["a", "b", "c", "d", "e", "f"]
    assert found(client, sort="-number") == ["f", "e", "d", "c", "b", "a"]
    assert found(client, sort="severity") == ["d", "b", "e", "f", "a", "c"]
    assert found(client, sort="-severity") == ["c", "a", "f", "e", "d", "b"]
    for key in ("dueDate", "createdAt", "updatedAt"):
        assert found(client, sort=key) == ["f", "e", "b", "d", "c", "a"]
        assert found(client, sort=f"-{key}") == ["c", "a", "d", "f", "e", "b"]


def test_sort_by_status_follows_a_tickets_life(client: ApiClient) -> None:
    for status in ("OPEN", "DRAFT", "CLOSED", "REVIEW", "DRAFT", "PENDING"):
        factories.ticket(status, title=status)
    assert found(client, sort="status") == ["DRAFT", "DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"]
    assert found(client, sort="-status") == ["CLOSED", "OPEN", "PENDING", "REVIEW", "DRAFT", "DRAFT"]


def test_updated_at_moves_with_the_last_action(client: ApiClient) -> None:
    older, _newer = factories.ticket(title="older"), factories.ticket(title="newer")
    factories.advance(older, "PENDING")
    assert found(client, sort="-updatedAt") == ["older", "newer"]


# --- Search

TEXTS = [
    # what is stored as title, what finds it, what does not
    ("VPN is down", ["vpn", "VPN IS", "n is d", "vpn is down"], ["vpnis", "v p n"]),
    ("Éclair não imprime", ["éclair", "ÉCLAIR", "e\u0301clair", "E\u0301CLAIR", "NÃO", "na\u0303o"], ["nao"]),
    ("e\u0301te\u0301", ["été", "ÉTÉ", "e\u0301te\u0301"], []),
    ("Straße gesperrt", ["straße", "STRASSE", "strasse", "STRAẞE"], ["strase"]),
    ("ПРИНТЕР не печатает", ["принтер", "Принтер", "ПЕЧАТ"], []),
    ("Οδός ΟΔΟΣ", ["οδοσ", "ΟΔΌΣ", "οδός"], []),
    ("100% full", ["100%", "%", "0% f"], ["1%l", "100_"]),
    ("snake_case", ["snake_case", "_"], ["snake%", "snakexcase", "%"]),
    ("C:\\temp\\new", ["\\", "c:\\TEMP", "\\temp\\n"], ["\\\\", "/"]),
    (
        'it\'s "quoted"; DROP TABLE',
        ["it's", '"quoted"', "; drop", "it\u2019s", "\u201cquoted\u201d", "it`s", "\u00abQUOTED\u00bb"],
        ["'s'"],
    ),
    ("two\nlines", ["two\nlines", "two lines", "two\u00a0LINES", "two\r\n lines"], ["twolines"]),
    ("Ω is Ohm, \u2126 too", ["ω is", "Ω", "\u2126 TOO"], []),
    ("🦔 hedgehog", ["🦔"], ["🦊"]),
    ("İstanbul ofisi", ["İSTANBUL", "i\u0307stanbul", "istanbul", "ISTANBUL", "ıstanbul"], []),
    ("ﬁle server", ["file", "FILE", "ﬁle"], []),
    ("日本語のプリンター", ["日本語", "プリンタ"], ["日語"]),
    ("a  b", ["a  b", " a b ", "a\u2003b"], ["ab"]),
    (
        "can\u2019t print from\u00a0ward 5",
        ["can't print", "from ward", "can\u02bct", "ward 5\u200b", "\u00ad5"],
        ["cant"],
    ),
    ("Wi\u2011Fi \u2013 down \u2212 4", ["wi-fi", "wi\u2010fi - down", "-  4", "\uff0d 4"], ["wifi"]),
    ("off\u00adice\u200b printer", ["office printer", "of\u2060fice"], []),
    ("null", ["null", "NULL"], []),
]


@pytest.mark.parametrize(("text", "finds", "misses"), TEXTS, ids=range(len(TEXTS)))
def test_search_in_the_title(client: ApiClient, text: str, finds: list[str], misses: list[str]) -> None:
    factories.ticket(title=text, description="-")
    factories.ticket(title="unrelated", description="-")
    assert [q for q in finds if found(client, q=q) != [text]] == []
    assert [q for q in misses if text in found(client, q=q)] == []


@pytest.mark.parametrize(("text", "finds", "misses"), TEXTS, ids=range(len(TEXTS)))
def test_search_in_the_description(client: ApiClient, text: str, finds: list[str], misses: list[str]) -> None:
    factories.ticket(title="here", description=f"x {text} y")
    assert [q for q in finds if found(client, q=q) != ["here"]] == []
    assert [q for q in misses if found(client, q=q) != []] == []


def test_search_by_number_whatever_its_case(client: ApiClient) -> None:
    with time_machine.travel("2026-06-01T12:00:00Z"):
        for n in range(12):
            factories.ticket(title=f"t{n + 1}")
    assert found(client, q="TKT-2026-000007") == ["t7"]
    assert found(client, q="tkt-2026-000007") == ["t7"]
    assert found(client, q="-00001") == ["t12", "t11", "t10"]
    assert found(client, q="tkt_2026") == []


def test_search_does_not_reach_across_fields(client: ApiClient) -> None:
    with time_machine.travel("2026-06-01T12:00:00Z"):
        factories.ticket(title="alpha", description="beta")
    for q in ("alphabeta", "alpha beta", "alpha\nbeta", "000001alpha", "000001 alpha", "1Ωalpha", "alphaΩbeta", "aωb"):
        assert found(client, q=q) == [], q
    assert found(client, q="alpha") == ["alpha"]
    assert found(client, q="beta") == ["alpha"]


def test_search_goes_with_filters(client: ApiClient) -> None:
    factories.ticket("PENDING", title="printer one")
    factories.ticket(title="printer two")
    assert found(client, q="printer", status="PENDING") == ["printer one"]
    assert found(client, q="PRINTER", sort="number") == ["printer one", "printer two"]


def test_search_finds_the_end_of_a_long_description(client: ApiClient) -> None:
    factories.ticket(title="long", description="x" * 99_990 + " Needle")
    assert found(client, q="x NEEDLE") == ["long"]


@pytest.mark.parametrize("value", ["%00", "a%00b"])
def test_nul_in_a_search_is_refused(client: ApiClient, value: str) -> None:
    refused(client, f"q={value}", "q")


@pytest.mark.parametrize(
    "value",
    [
        "%ED%A0%80",
        "%FF%FE",
        "%C3",
        "%",
        "%zz",
        "%25%25%25",
        "%5C",
        "x" * 1000,
        "%EF%AC%83" * 1000,
        "%CD%85",
        "%27%22%3B--",
    ],
    ids=range(11),
)
def test_any_search_gets_an_answer(client: ApiClient, value: str) -> None:
    factories.ticket()
    assert client.get(f"/tickets?q={value}").status_code == 200


def test_a_search_beyond_all_measure_is_no_server_error(client: ApiClient) -> None:
    assert client.get(f"/tickets?q={'x' * 60_000}").status_code in (200, 400)


# --- Cost


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", 4),
        ("?q=printer", 3),  # has no tag
        ("?status=DRAFT&severity=MEDIUM&sort=-severity&createdBy=me", 4),
        ("?pageSize=200&sort=updatedAt&dueBefore=2030-01-01&updatedSince=2020-01-01", 4),
    ],
)
def test_the_number_of_queries_does_not_depend_on_the_rows(
    rows: int, query: str, queries: int, django_assert_num_queries: Any
) -> None:
    """The person, the tag, the count, the page."""
    author = factories.associate()
    for _ in range(rows):
        factories.ticket(author=author)
    client = ApiClient(author)
    with django_assert_num_queries(queries):
        answer = client.get(f"/tickets{query}").json()
    assert answer["total"] == rows


def test_a_list_of_nothing_and_a_page_past_the_end_ask_for_no_rows(
    client: ApiClient, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        assert client.get("/tickets").json()["items"] == []
    factories.ticket()
    with django_assert_num_queries(3):
        assert client.get("/tickets?page=5").json()["items"] == []
    assert Ticket.objects.count() == 1
