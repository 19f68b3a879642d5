"""Searching on the desk: words in any order, numbers first, and where the hits stand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.pages import Desk, html, words
from tickets.models import Comment, TicketSequence
from tickets.search.folding import fold
from tickets.search.queries import number_in
from tickets.templatetags.hits import excerpt, marked

LIST = "/desk/tickets/"
BEFORE = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NO_PHRASE = "No ticket has these words as one phrase. These have all of them:"


@pytest.fixture
def desk() -> Desk:
    return Desk(factories.manager())


def titles(desk: Desk, **query: Any) -> list[str]:
    """The titles listed, in order."""
    rows = re.findall(r'<td class="title"><a [^>]*>(.*?)</a>', desk.text(f"{LIST}?{urlencode(query)}"))
    return [unescape(re.sub("<[^>]+>", "", row)) for row in rows]


def created(year: int, sequence: int, **fields: Any) -> None:
    TicketSequence.objects.update_or_create(year=year, defaults={"last_sequence": sequence - 1})
    with time_machine.travel(datetime(year, 6, 1, tzinfo=UTC)):
        factories.ticket(**fields)


@pytest.mark.django_db
def test_all_words_are_found_in_any_order_and_anywhere(desk: Desk) -> None:
    factories.ticket(title="Printer on floor 2 is jammed", description="Paper everywhere")
    factories.ticket(title="Jammed door", description="beside the PRINTER")
    factories.ticket(title="Printer", description="is slow")
    assert titles(desk, q="jammed printer") == ["Jammed door", "Printer on floor 2 is jammed"]
    assert titles(desk, q="paper jam") == ["Printer on floor 2 is jammed"]
    assert titles(desk, q="jammed scanner") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["TKT-2026-000001 ", "\u00a0TKT-2026-000001", "can't print", "from ward", "first line second", "CAN\u00b4T PRINT"],
)
def test_what_people_type_and_paste_is_found_on_the_desk_and_over_rest(desk: Desk, query: str) -> None:
    created(2026, 1, title="can\u2019t print from\u00a0ward 5", description="first line\nsecond line")
    asked = urlencode({"q": query, "severity": "MEDIUM"})  # among filters a full number lists its ticket
    assert titles(desk, q=query, severity="MEDIUM") == ["can\u2019t print from\u00a0ward 5"]
    assert ApiClient(factories.associate()).get(f"/tickets?{asked}").json()["total"] == 1


@pytest.mark.django_db
def test_it_says_where_no_ticket_has_the_words_as_one_phrase(desk: Desk) -> None:
    factories.ticket(title="Printer on floor 2 is jammed")
    assert NO_PHRASE in words(desk.text(f"{LIST}?q=jammed+printer"))
    for query in ("printer+on", "printer", "scanner+jam", ""):
        assert NO_PHRASE not in words(desk.text(f"{LIST}?q={query}")), query
    factories.ticket(title="A jammed\nprinter")
    assert NO_PHRASE not in words(desk.text(f"{LIST}?q=jammed+printer"))


@pytest.mark.django_db
def test_a_bare_number_is_not_found_by_chance_in_the_numbers_of_tickets(desk: Desk) -> None:
    created(2026, 20, title="Printer in the hall")
    created(2026, 31, title="Printer on floor 2")
    created(2026, 42, title="Printer", description="On floor 26")
    assert titles(desk, q="printer 2") == ["Printer", "Printer on floor 2"]
    assert titles(desk, q="printer 26") == ["Printer"]
    assert titles(desk, q="printer 20") == ["Printer in the hall"]
    assert titles(desk, q="2026") == []
    assert titles(desk, q="000 printer") == ["Printer", "Printer on floor 2", "Printer in the hall"]
    client = ApiClient(factories.associate())
    assert client.get("/tickets?q=2026").json()["total"] == 3
    assert "TKT-2026-<mark>000020</mark>" in desk.text(f"{LIST}?q=20")
    assert "TKT-2026-000042" in desk.text(f"{LIST}?q=printer+26")


@pytest.mark.django_db
def test_the_api_looks_for_one_text(desk: Desk) -> None:
    factories.ticket(title="Printer on floor 2 is jammed")
    client = ApiClient(factories.associate())
    assert client.get("/tickets?q=jammed+printer").json()["total"] == 0
    assert client.get("/tickets?q=printer+on").json()["total"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("295", ["this year's", "last year's"]),
        ("#295", ["this year's", "last year's"]),
        (" # 295", []),
        ("000295", ["this year's", "last year's"]),
        ("\u00a0#295\u200b", ["this year's", "last year's"]),
        ("TKT-2025-295", ["last year's"]),
        ("tkt\u20112026\u2011295", ["this year's"]),
    ],
)
@pytest.mark.parametrize("sort", ["", "number", "-updatedAt", "severity"])
def test_the_ticket_with_the_number_stands_first(desk: Desk, query: str, first: list[str], sort: str) -> None:
    created(2025, 295, title="last year's", severity="HIGH")
    created(2026, 295, title="this year's", severity="EASY")
    created(2026, 2950, title="as #295, 0295")
    created(2026, 9999, title="see TKT-2025-295 and tkt-2026-295, #295, 000295")
    factories.ticket("PENDING", title="of no interest")
    found = titles(desk, q=query, sort=sort)
    assert found[: len(first)] == first
    assert not set(found[len(first) :]) & {"last year's", "this year's"}
    assert "see TKT-2025-295 and tkt-2026-295, #295, 000295" in found
    assert "of no interest" not in found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["TKT-2026-000295", "tkt-2026-000295", " Tkt-2026-000295\u00a0", "TKT\u20132026\u2013000295"]
)
@pytest.mark.parametrize("more", [{}, {"sort": "number", "status": "OPEN", "severity": "", "pageSize": "50"}])
def test_a_full_number_leads_there_at_once(desk: Desk, query: str, more: dict[str, str]) -> None:
    created(2026, 295, title="this year's")
    created(2026, 296, title="about TKT-2026-000295")
    address = f"{LIST}?{urlencode({'q': query, **more})}"
    answer = desk.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/tickets/TKT-2026-000295/")
    in_part = desk.get(address, headers={"HX-Request": "true", "HX-Target": "results"})
    assert in_part.headers["HX-Redirect"] == "/desk/tickets/TKT-2026-000295/"


@pytest.mark.django_db
def test_a_number_among_filters_or_of_no_ticket_lists_what_is_found(desk: Desk) -> None:
    created(2026, 295, title="this year's")
    created(2026, 296, title="about TKT-2026-000295 and TKT-2026-000777")
    about = "about TKT-2026-000295 and TKT-2026-000777"
    assert titles(desk, q="TKT-2026-000295", severity="MEDIUM") == ["this year's", about]
    assert titles(desk, q="TKT-2026-000777") == [about]
    assert titles(desk, q="TKT-2026-000295 about") == [about]


@pytest.mark.django_db
def test_comments_are_searched_where_that_is_asked_for_and_lead_to_their_place(desk: Desk) -> None:
    author = factories.associate(name="Ana Sousa")
    written, said, split = (factories.ticket(title=title) for title in ("The red valve", "b", "c"))
    factories.comment(written, text="No valve is red here")
    before = factories.comment(said, author=author, text="A **red** one.\n\nAnd the valve, <b>too</b>")
    Comment.objects.update(created_at=BEFORE)
    newest = factories.comment(said, author=author, text="The valve that was red " + "and so on " * 50)
    factories.comment(split, text="red")
    factories.comment(split, text="valve")
    assert titles(desk, q="red valve") == ["The red valve"]
    assert set(titles(desk, q="red valve", **{"in": "comments"})) == {"The red valve", "b"}
    page = desk.text(f"{LIST}?q=red+valve&in=comments")
    assert page.count(f"&amp;comment={newest.pk}#comment-{newest.pk}") == 1
    assert page.count("#comment-") == 1
    assert str(before.pk) not in page
    hit = words(page.partition('class="hit"')[2].partition("</td>")[0])
    assert hit.startswith('dir="auto"> Ana Sousa The valve that was red and so on')
    assert "also in comments" in words(page)
    assert "No ticket has these words as one phrase" not in words(page)
    assert "q=red+valve&amp;in=comments" in page.partition('name="query"')[2][:100]


@pytest.mark.django_db
def test_a_deleted_ticket_is_not_led_to(desk: Desk) -> None:
    gone = factories.deleted(factories.ticket())
    assert titles(desk, q=gone.ticket_number) == []


@pytest.mark.parametrize(
    "query", ["", "#", "TKT-", "TKT-2026-", "12a", "1 2", "-5", "1" * 10, "\u0661\u0662", "##3", "TKT-26-1"]
)
def test_what_is_no_number(query: str) -> None:
    assert number_in(query) is None


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["0", "#0", "999999999", "TKT-9999-999999", "TKT-0000-000001"])
def test_a_number_that_no_ticket_can_have_finds_nothing(desk: Desk, query: str) -> None:
    factories.ticket(title="t", description="d")
    assert titles(desk, q=f"{query} ") == []


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("o\ufb03ce off", "f", "o<mark>\ufb03</mark>ce o<mark>f</mark><mark>f</mark>"),
        ("o\ufb03ce", "off", "<mark>o\ufb03</mark>ce"),
        ("Stra\u00dfe", "s", "<mark>S</mark>tra<mark>\u00df</mark>e"),
        ("\u00df", "ss", "<mark>\u00df</mark>"),
    ],
)
def test_a_letter_that_is_folded_to_several_is_marked_as_one(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown


@pytest.mark.django_db
@pytest.mark.parametrize("case", [str.lower, str.title, str.upper])
def test_the_page_of_a_ticket_is_found_in_any_case(desk: Desk, case: Any) -> None:
    number = factories.ticket().ticket_number
    answer = desk.get(f"/desk/tickets/{case(number)}/?history=all")
    if case(number) == number:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/tickets/{number}/?history=all")


@pytest.mark.django_db
def test_a_number_of_no_ticket_in_any_case_is_not_found(desk: Desk) -> None:
    gone = factories.deleted(factories.ticket())
    for number in ("tkt-2026-999999", gone.ticket_number.lower(), "tkt-2026-1", "new\u0131"):
        assert Desk(factories.associate()).get(f"/desk/tickets/{number}/").status_code == 404, number


# --- Where the hits stand


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("text", "query", "both"),
    [
        ("The printer", "PRINT", "The [print]er"),
        ("Jammed printer", "printer jam", "[Jam]med [printer]"),
        ("printer jam, printer", "printer jam", "[printer jam], printer"),
        ("can\u2019t print from\u00a0ward 5", "can't print  from ward", "[can\u2019t print from\u00a0ward] 5"),
        ("first\r\n  line", "first line", "[first\r\n  line]"),
        ("\u0130STANBUL ofisi", "istanbul", "[\u0130STANBUL] ofisi"),
        ("die Stra\u00dfe 5", "strasse", "die [Stra\u00dfe] 5"),
        ("e\u0301te\u0301 \u00e9t\u00e9", "\u00e9t\u00e9", "[e\u0301te\u0301] [\u00e9t\u00e9]"),
        ("of\u00adfice", "office", "[of\u00adfice]"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c", "[\u1112\u1161\u11ab]\u1100\u1173\u11af"),
        ("TKT-2026-000295", "#295", "TKT-2026-[000295]"),
        ("  spaces  around  ", "spaces around", "  [spaces  around]  "),
        ("nothing", "else", "nothing"),
        ("nothing", " ", "nothing"),
        ("nothing", "", "nothing"),
        ("\u0301a", "a", "\u0301[a]"),
        ("\u0301\u0316\u0301", "\u0316\u0301\u0301", "[\u0301\u0316\u0301]"),
        ("\u0301\u0316", "a", "\u0301\u0316"),
        ("<b>", "b", "&lt;[b]&gt;"),
    ],
)
def test_hits_are_marked_where_they_stand(text: str, query: str, both: str) -> None:
    assert marked(text, query).replace("<mark>", "[").replace("</mark>", "]") == both


LETTERS = "ab \n<&\u0301\u0316\u00e9\u0130\u00df\u200b\u3164\u1100\u1161\uac00\u2019\u00a0"


@pytest.mark.no_database
@given(st.text(alphabet=LETTERS, max_size=40), st.text(alphabet=LETTERS, max_size=6))
def test_a_text_with_its_hits_marked_is_the_same_text(text: str, query: str) -> None:
    assert unescape(re.sub("</?mark>", "", marked(text, query))) == text


def test_a_mark_behind_a_character_without_width_stands_on_the_letter_before_it() -> None:
    assert marked("xa\u200b\u0301y", "\u00e1") == "x<mark>a\u200b\u0301</mark>y"


@pytest.mark.no_database
@given(st.text(alphabet=LETTERS, min_size=1, max_size=10), st.data())
def test_every_hit_of_a_text_in_a_line_is_marked(text: str, data: st.DataObject) -> None:
    before, after = data.draw(st.sampled_from(["", "x", "x y"])), data.draw(st.sampled_from(["", "z", " z"]))
    line = f"{before} {text} {after}"
    if fold(text) and fold(text) in fold(line):
        assert "<mark>" in marked(line, text)


@pytest.mark.no_database
def test_the_line_around_a_hit_is_found_in_a_long_text() -> None:
    text = f"{'e\u0301 ' * 20_000}the needle\u2019s\n eye{' and on' * 200}"
    assert excerpt(text, "needle's eye").startswith(f"…{'e\u0301 ' * 12}".removesuffix("e\u0301 "))
    assert "the needle\u2019s eye and on" in excerpt(text, "needle's eye")
    assert "the needle\u2019s eye and on" in excerpt(text, "eye needle")
    assert excerpt(text, "haystack") == ""


@pytest.mark.django_db
def test_the_line_around_a_hit_stands_in_the_list(desk: Desk) -> None:
    factories.ticket(title="Title", description=f"{'long ago ' * 500}the n\u00c9edle {'and on ' * 500}")
    page = desk.text(f"{LIST}?q=n\u00e9edle")
    assert re.search(r'<span class="hit"[^>]*>….*the <mark>n\u00c9edle</mark> and on', page)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("query", "queries"), [("printer", 5), ("black+pages", 6), ("pages+black", 6), ("1", 5)])
def test_a_search_asks_no_more_of_the_database_for_more_rows(
    rows: int, query: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    author = factories.associate()
    for _ in range(rows):
        factories.ticket(author=author)
    desk = Desk(author)
    desk.text("/desk/tickets/new/")
    with django_assert_num_queries(queries):
        assert "hidden" in html(desk.get(f"{LIST}?q={query}", headers={"HX-Target": "results"}))
