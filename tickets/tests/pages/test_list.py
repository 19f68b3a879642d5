"""The list of tickets as a page: tabs, filters, search, pages, selection, download."""

from __future__ import annotations

import csv
import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, hidden, html, links, words
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LIST = "/desk/tickets/"


@pytest.fixture
def desk(boss: User) -> Desk:
    return Desk(boss)


def numbers(page: str) -> list[str]:
    """The tickets of the table, in order."""
    return re.findall(r'<a href="/desk/tickets/(TKT-[0-9-]+)/\?', page)


def tabs(page: str) -> dict[str, int]:
    found = re.findall(r'<a id="tab-(\w+)".*?<span class="count">(\d+)</span>', page, re.DOTALL)
    return {name: int(count) for name, count in found}


def test_tabs_carry_exact_counts_of_what_is_filtered(desk: Desk) -> None:
    author = factories.associate()
    for status in ["DRAFT", "DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"]:
        factories.ticket(status, author=author)
    factories.ticket(author=author, title="Only this one")
    factories.deleted(factories.ticket())
    assert tabs(desk.text(LIST)) == {"ALL": 7, "DRAFT": 3, "REVIEW": 1, "PENDING": 1, "OPEN": 1, "CLOSED": 1}
    page = desk.text(f"{LIST}?q=this+one&status=REVIEW")
    assert tabs(page) == {"ALL": 1, "DRAFT": 1, "REVIEW": 0, "PENDING": 0, "OPEN": 0, "CLOSED": 0}
    assert "No ticket fits these filters." in page


def test_filters_stand_as_chips_that_can_be_taken_away(desk: Desk, boss: User) -> None:
    mine = factories.ticket(author=boss, severity="HIGH", title="Wanted")
    factories.ticket(author=boss, title="Wanted")
    factories.ticket(severity="HIGH", title="Wanted")
    page = desk.text(f"{LIST}?q=wanted&severity=HIGH&createdBy=me&page=1")
    assert numbers(page) == [mine.ticket_number]
    chips = re.findall(r'<a class="chip" href="([^"]+)".*?<span>(.*?)</span> <span', page)
    assert chips == [
        ("?severity=HIGH&amp;createdBy=me", "with “<bdi>wanted</bdi>”"),
        ("?q=wanted&amp;createdBy=me", "severity High"),
        ("?q=wanted&amp;severity=HIGH", "raised by me"),
    ]


def test_awaiting_my_review_leaves_out_my_own(desk: Desk, boss: User) -> None:
    factories.ticket(author=boss)
    other = factories.ticket()
    factories.ticket("PENDING")
    assert numbers(desk.text(f"{LIST}?awaiting=me")) == [other.ticket_number]
    assert numbers(Desk(factories.associate()).text(f"{LIST}?awaiting=me")) == []


def test_overdue_leaves_out_what_is_closed(desk: Desk) -> None:
    past = timezone.now() - timedelta(days=1)
    late = factories.ticket(due_date=past)
    factories.ticket("CLOSED", due_date=past)
    factories.ticket(due_date=timezone.now() + timedelta(days=1))
    assert numbers(desk.text(f"{LIST}?overdue=1")) == [late.ticket_number]


def test_days_of_creation_are_the_persons_own() -> None:
    user = factories.manager(time_zone="Asia/Tokyo")
    with time_machine.travel(datetime(2026, 3, 1, 14, 59, tzinfo=UTC)):  # 23:59 in Tokyo
        first = factories.ticket()
    with time_machine.travel(datetime(2026, 3, 1, 15, 0, tzinfo=UTC)):
        second = factories.ticket()
    with time_machine.travel(datetime(2026, 3, 2, 15, 0, tzinfo=UTC)):
        third = factories.ticket()
        desk = Desk(user)
        assert numbers(desk.text(f"{LIST}?createdTo=2026-03-01")) == [first.ticket_number]
        assert numbers(desk.text(f"{LIST}?createdFrom=2026-03-02&createdTo=2026-03-02")) == [second.ticket_number]
        assert numbers(desk.text(f"{LIST}?createdFrom=2026-03-03")) == [third.ticket_number]


def test_search_marks_its_hits_and_shows_them_in_the_description(desk: Desk) -> None:
    factories.ticket(title="É a impressora <3", description=f"{'long ago ' * 50}the É of it{' and on' * 50}")
    page = desk.text(f"{LIST}?q=é")
    assert "<mark>É</mark> a impressora &lt;3</a>" in page
    assert re.search(r'<span class="hit" dir="auto">….*the <mark>É</mark> of it', page)
    assert "<mark>" not in desk.text(LIST)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "status=NEW", "createdFrom=yesterday", "createdTo=9999-12-31", "createdFrom=0001-01-01",
     "createdBy=x", "sort=title", "overdue=yes", "awaiting=you", "dueBefore=x", "severity=x", "q=%00"],
)  # fmt: skip
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati"])
def test_a_query_that_makes_no_sense_is_explained(query: str, zone: str) -> None:
    answer = Desk(factories.associate(time_zone=zone)).get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert "This address asks for something the desk does not know" in html(answer)
    assert f"<code>{query.partition('=')[0]}</code>" in html(answer)


def test_pages_link_to_first_and_last_and_keep_the_filters(desk: Desk) -> None:
    made = [factories.ticket(title="Same").ticket_number for _ in range(5)][::-1]
    page = desk.text(f"{LIST}?q=same&pageSize=2&page=2")
    assert numbers(page) == made[2:4]
    assert "Page 2 of 3, 5 tickets" in words(page)
    for name, query in {"first": "", "previous": "&page=1", "next": "&page=3", "last": "&page=3"}.items():
        assert f'id="page-{name}" class="button"' in page
        assert f'href="?q=same&amp;pageSize=2{query.replace("&", "&amp;")}"' in page
    assert numbers(desk.text(f"{LIST}?q=same&pageSize=2&page=3")) == made[4:]
    past_end = desk.text(f"{LIST}?q=same&pageSize=2&page=9")
    assert "The list ends before this page." in past_end
    assert "?q=same&pageSize=2" in links(past_end)


def test_an_empty_desk_says_so_and_offers_to_begin(desk: Desk) -> None:
    page = desk.text(LIST)
    assert "Nobody has raised a ticket yet." in page
    assert "Raise the first one" in page


def test_the_partial_is_a_part_of_the_page(desk: Desk) -> None:
    factories.ticket()
    whole = desk.text(f"{LIST}?status=DRAFT")
    part = desk.text(f"{LIST}?status=DRAFT", headers={"HX-Request": "true", "HX-Target": "results"})
    assert part.strip().startswith('<div id="results"')
    assert "<html" not in part
    assert numbers(part) == numbers(whole)
    assert words(part) in words(whole)


def test_everything_htmx_does_is_also_a_link_or_form(desk: Desk) -> None:
    for _ in range(3):
        factories.ticket()
    page = desk.text(f"{LIST}?pageSize=1&page=2&severity=MEDIUM")
    for tag in re.findall(r"<[^>]* hx-(?:get|post)=[^>]*>", page):
        address = re.search(r'hx-(?:get|post)="([^"]+)"', tag)
        plain = re.search(r'(?:href|action)="([^"]+)"', tag)
        assert address
        if "inbox/count" in tag:
            assert desk.get("/desk/inbox/count/").headers["Location"] == "/desk/inbox/"
        else:
            assert plain, tag
            assert plain[1] == address[1]


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_a_list_takes_the_same_queries_for_1_and_50_rows(
    role: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = factories.person(role)
    desk, literal = Desk(user), 7  # two of them for session and person
    for rows in (1, 50):
        while Ticket.objects.count() < rows:
            factories.ticket(title="Printer", author=factories.associate())
        with django_assert_num_queries(literal):
            page = desk.text(f"{LIST}?pageSize=200&q=printer&severity=MEDIUM")
        assert len(numbers(page)) == rows


# --- Many at once -------------------------------------------------------------------------------------------------


def bulk(desk: Desk, action: str, *tickets: Ticket, back: str = "status=DRAFT") -> Any:
    chosen = [f"{ticket.pk}.{ticket.version}" for ticket in tickets]
    return desk.post("/desk/tickets/bulk/", {"action": action, "ticket": chosen, "list": back})


def test_bulk_approval_tells_of_each_ticket(desk: Desk, boss: User) -> None:
    mine, draft, done = factories.ticket(author=boss), factories.ticket(), factories.ticket("PENDING")
    gone = factories.deleted(factories.ticket())
    stale = factories.ticket()
    factories.advance(stale, "REVIEW")
    Ticket.objects.get(pk=stale.pk)
    answer = bulk(desk, "approve", mine, draft, done, gone, stale)
    assert answer.status_code == 200
    items = re.findall(r"<li([^>]*)>(.*?)</li>", html(answer).partition('class="outcomes"')[2], re.DOTALL)
    codes = {re.search(r"TKT-\d+-\d+", item)[0]: re.findall(r"\w+", tag)[2:] for tag, item in items}  # type: ignore[index]  # every item has one
    assert codes == {
        mine.ticket_number: ["own_ticket"],
        draft.ticket_number: [],
        done.ticket_number: ["not_in_draft"],
        gone.ticket_number: ["ticket_not_found"],
        stale.ticket_number: ["changed_meanwhile"],
    }
    draft.refresh_from_db()
    assert (draft.status, draft.reviewed_by_id) == ("PENDING", boss.pk)
    assert f"{LIST}?status=DRAFT" in links(html(answer))


def test_bulk_deletion_can_be_undone_one_by_one(desk: Desk) -> None:
    draft = factories.ticket()
    answer = html(bulk(desk, "delete", draft))
    undo = f"/desk/tickets/{draft.ticket_number}/restore/"
    assert f'formaction="{undo}"' in answer
    desk.post(undo)
    draft.refresh_from_db()
    assert draft.deleted_at is None


@pytest.mark.parametrize(
    ("status", "words"),
    [("PENDING", "is approved"), ("OPEN", "is being worked on"), ("CLOSED", "is closed")],
)
def test_what_cannot_be_deleted_any_more_says_what_it_is(desk: Desk, status: str, words: str) -> None:
    ticket = factories.ticket(status)
    said = f"This ticket {words}, so it cannot be deleted any more."
    assert said in html(bulk(desk, "delete", ticket))
    assert said in html(desk.post(f"{LIST}{ticket.ticket_number}/delete/"))


def test_bulk_deletion_is_counted_and_undone_at_once_with_a_word_on_each(desk: Desk) -> None:
    first, second, done = factories.ticket(), factories.ticket("REVIEW"), factories.ticket("CLOSED")
    page = html(bulk(desk, "delete", first, second, done))
    assert "2 deleted, 1 refused." in words(page)
    undo = page.partition('<form class="buttons" method="post" action="/desk/tickets/bulk/">')[2].partition("</form>")[
        0
    ]
    chosen = re.findall(r'name="ticket" value="([^"]+)"', undo)
    assert sorted(chosen) == sorted([str(first.pk), str(second.pk)])
    assert '<button class="quiet" name="action" value="restore">Undo all</button>' in undo
    actions.restore_ticket(factories.manager(), second.pk)
    typed = {"action": "restore", "ticket": chosen, "list": hidden(undo, "list")}
    answer = html(desk.post("/desk/tickets/bulk/", typed))
    assert "1 restored, 1 refused." in words(answer)
    assert re.findall(r'data-refusal="(\w+)"', answer) == ["not_deleted"]
    assert f"{LIST}?status=DRAFT" in links(answer)
    assert Ticket.objects.deleted().count() == 0


def test_an_associate_cannot_restore_in_bulk_what_others_deleted() -> None:
    gone = factories.deleted(factories.ticket())
    answer = html(Desk(factories.associate()).post("/desk/tickets/bulk/", {"action": "restore", "ticket": [gone.pk]}))
    assert 'data-refusal="ticket_not_found"' in answer
    assert Ticket.objects.deleted().get() == gone


@pytest.mark.parametrize("action", ["restore", "delete", "approve"])
def test_nothing_is_shown_of_a_deleted_ticket_to_who_may_not_see_it(action: str) -> None:
    author = factories.associate()
    gone = factories.deleted(factories.ticket(author=author, title="A secret that was taken back"))
    for user in (author, factories.associate()):
        own = factories.deleted(factories.ticket(author=author, title="Mine"), by=author)
        desk = Desk(user)
        answer = bulk(desk, action, gone, own)
        single = desk.post(f"{LIST}{gone.ticket_number}/restore/")
        assert single.status_code == 404
        for page in (html(answer), html(single)):
            assert gone.title not in page
            assert gone.ticket_number not in page
            assert 'data-refusal="ticket_not_found"' in page
        assert ("Mine" in html(answer)) == (user == author)
    # A ticket that never was is told of in the same words.
    never = Desk(author).post("/desk/tickets/bulk/", {"action": action, "ticket": str(uuid.uuid4())})
    assert "1 of the selected tickets is not there any more." in words(never)
    assert "1 refused." in words(never)


def test_an_author_leads_to_their_tickets_and_the_chip_names_them(desk: Desk) -> None:
    author = factories.associate(name="Ana <Sousa>")
    theirs, other = factories.ticket(author=author), factories.ticket()
    way = f"{LIST}?createdBy={author.pk}"
    page = desk.text(way)
    assert numbers(page) == [theirs.ticket_number]
    assert "raised by Ana <Sousa>" in words(page)
    assert way in links(desk.text(LIST))
    assert way in links(desk.text(f"{LIST}{theirs.ticket_number}/"))
    assert way not in links(desk.text(f"{LIST}{other.ticket_number}/"))


def test_an_associate_cannot_approve_in_bulk() -> None:
    draft = factories.ticket()
    desk = Desk(factories.associate())
    assert "Approve selected" not in desk.text(LIST)
    assert 'data-refusal="forbidden_role"' in html(bulk(desk, "approve", draft))
    draft.refresh_from_db()
    assert draft.status == "DRAFT"


@pytest.mark.parametrize("typed", [{"action": "close"}, {"action": "approve", "ticket": "x"}, {}])
def test_a_bulk_action_that_makes_no_sense_is_refused(desk: Desk, typed: dict[str, str]) -> None:
    assert desk.post("/desk/tickets/bulk/", typed).status_code == 400


def test_nothing_selected_does_nothing(desk: Desk) -> None:
    assert "No ticket was selected" in html(bulk(desk, "approve"))
    assert desk.get("/desk/tickets/bulk/").headers["Location"] == LIST


# --- Download -----------------------------------------------------------------------------------------------------


def download(desk: Desk, query: str = "") -> list[list[str]]:
    answer = desk.get(f"/desk/tickets/download/?{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="tickets_\d{4}(-\d\d){5}\.csv"', answer.headers["Content-Disposition"])
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_download_holds_what_is_filtered_in_the_persons_time_zone() -> None:
    author = factories.associate()
    due = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 1, 5, 23, 30, tzinfo=UTC)):
        factories.ticket(author=author, severity="HIGH", title="Título", description="a\nb", due_date=due)
        factories.ticket()
    heading, row = download(Desk(factories.associate(time_zone="Europe/Lisbon")), "severity=HIGH&page=7")
    assert heading == [
        "Number", "Title", "Severity", "Status", "Due (Europe/Lisbon)", "Author", "Created (Europe/Lisbon)",
        "Description",
    ]  # fmt: skip
    assert row == [
        "TKT-2026-000001", "Título", "High", "Waiting for review", "2026-07-01 23:30", author.email,
        "2026-01-05 23:30", "a\nb",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize(
    "due", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)]
)
def test_the_ends_of_the_calendar_can_be_shown_in_every_zone(zone: str, due: datetime) -> None:
    """Programs write them for “never”. One such ticket must not take the list from everybody elsewhere."""
    ticket, desk = factories.ticket(due_date=due), Desk(factories.manager(time_zone=zone))
    assert numbers(desk.text(LIST)) == [ticket.ticket_number]
    assert ticket.title in desk.text(f"{LIST}{ticket.ticket_number}/")
    assert download(desk)[1][4].startswith(f"{due.year:04}-{due.month:02}-{due.day:02} ")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_a_download_neutralises_formulas(desk: Desk, start: str) -> None:
    factories.ticket(title=f"{start}cmd|' /C calc'!A0", description=f"\t{start}1\n{start}1")
    row = download(desk)[1]
    assert row[1] == f"'{start}cmd|' /C calc'!A0"
    assert row[7] == f"'\t'{start}1\n'{start}1"
