"""The page of a ticket, its review, and the way from it to its neighbours. Without JavaScript."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, hidden, html, links, url, words
from tickets import actions
from tickets.models import HistoryEntry
from tickets.templatetags.desk import compared

pytestmark = pytest.mark.django_db


def test_text_keeps_its_lines_and_has_links_and_nothing_runs(boss: User) -> None:
    ticket = factories.ticket(
        title="One\nTwo <script>", description="First\n  second <b>\nhttps://example.com/?a=1&b=2 x@example.com"
    )
    page = Desk(boss).text(url(ticket))
    assert "<title>TKT-" in page
    assert "One\nTwo &lt;script&gt;</h1>" in page
    assert "First\n  second &lt;b&gt;\n" in page
    assert '<a href="https://example.com/?a=1&amp;b=2" rel="nofollow">' in page


# What each person finds to do on a ticket raised by `author`: literal, from the table of the contract.
BUTTONS = """
           author      colleague  manager      own-manager
DRAFT      delete      -          review,delete delete
REVIEW     edit,delete -          edit,delete  delete
PENDING    -           -          -            -
OPEN       -           -          -            -
CLOSED     -           -          -            -
"""


def button_cases() -> list[Any]:
    header, *rows = BUTTONS.strip().splitlines()
    table = [
        (row.split()[0], who, cell) for row in rows for who, cell in zip(header.split(), row.split()[1:], strict=True)
    ]
    return [pytest.param(*case, id=" ".join(case[:2])) for case in table]


@pytest.mark.parametrize(("status", "who", "expected"), button_cases())
def test_buttons_exist_only_where_the_action_is_allowed(status: str, who: str, expected: str) -> None:
    author = factories.manager() if who == "own-manager" else factories.associate()
    user = {"colleague": factories.associate, "manager": factories.manager}.get(who, lambda: author)()
    ticket = factories.ticket(status, author=author)
    page = Desk(user).text(url(ticket))
    found = [name for name in ("review", "edit", "delete") if url(ticket, name) in page]
    assert ",".join(found) == expected.replace("-", "")
    if "review" not in expected:
        assert re.search(r'<p class="panel muted">\s*\S', page), "nothing says who may, or what happens next"


def test_the_review_says_beforehand_what_will_happen(boss: User) -> None:
    page = words(Desk(boss).text(url(factories.ticket(severity="MEDIUM"))))
    assert (
        "Easy approves it Low approves it Medium approves it as it is High sends it back to the author"
        " Very high sends it back to the author" in page
    )


def test_one_form_holds_every_outcome_and_its_button_says_which(boss: User) -> None:
    page = Desk(boss).text(url(factories.ticket(severity="MEDIUM")))
    form = page.partition('id="review-form"')[2].partition("</form>")[0]
    assert re.findall(r'name="decision" value="(\w+)"( checked)?', form) == [
        ("EASY", ""),
        ("LOW", ""),
        ("APPROVE", " checked"),
        ("HIGH", ""),
        ("VERY_HIGH", ""),
    ]
    assert dict(re.findall(r'<span data-verb="(\w+)">([^<]+)</span>', form)) == {
        "EASY": "Approve as Easy",
        "LOW": "Approve as Low",
        "APPROVE": "Approve",
        "HIGH": "Send back as High",
        "VERY_HIGH": "Send back as Very high",
    }
    assert page.count("/review/?") == 1
    # One reads before one decides.
    assert page.index('class="text"') < page.index('id="conversation"') < page.index('id="review"')


def test_approving_does_not_throw_a_written_reason_away(boss: User) -> None:
    ticket = factories.ticket()
    answer = Desk(boss).post(
        url(ticket, "review/"), {"decision": "APPROVE", "reason": "Half a reason", "version": ticket.version}
    )
    assert answer.status_code == 400
    page = html(answer)
    assert "Approving as it is sends no reason." in page
    assert "Half a reason</textarea>" in page
    assert re.search(r'<textarea name="reason"[^>]* autofocus[^>]* aria-invalid="true"', page)
    ticket.refresh_from_db()
    assert ticket.status == "DRAFT"


def test_a_missing_reason_is_said_at_its_field(boss: User) -> None:
    ticket = factories.ticket()
    page = html(Desk(boss).post(url(ticket, "review/"), {"decision": "HIGH", "reason": " ", "version": "1"}))
    assert '<a href="#reason">Reason: Write the reason: the author will read it.</a>' in page
    described = re.search(r'<textarea name="reason"[^>]* aria-describedby="([^"]+)"', page)
    assert described
    assert all(f'id="{part}"' in page for part in described[1].split())
    assert 'value="HIGH" checked' in page


def test_nobody_is_addressed_with_what_is_not_true_for_them(author: User, boss: User) -> None:
    draft, own = factories.ticket(author=author), factories.ticket(author=boss)
    assert "A manager reviews it." in words(Desk(author).text(url(draft)))
    assert "Another manager reviews it." in words(Desk(boss).text(url(own)))
    back = factories.ticket("REVIEW", author=author, reviewer=boss)
    assert "Sent back to you: revisit the text" in words(Desk(author).text(url(back)))
    for person in (boss, factories.manager(), factories.associate()):
        assert "revisit the text, then" not in words(Desk(person).text(url(back)))
    said = "You have sent it back. Ana Sousa is asked to revisit the text."
    assert said in words(Desk(boss).text(url(back)))
    assert said not in words(Desk(factories.manager()).text(url(back)))


def test_a_stale_review_is_refused_and_keeps_what_was_typed(author: User, boss: User) -> None:
    ticket = factories.ticket("REVIEW", author=author)
    actions.edit_ticket(author, ticket.pk, title="New")
    version = hidden(Desk(boss).text(url(ticket)), "version")
    actions.delete_ticket(author, ticket.pk)
    actions.restore_ticket(boss, ticket.pk)
    typed = {"decision": "EASY", "reason": "line <1>\r\nline 2", "version": version}
    answer = Desk(boss).post(url(ticket, "review/?list=&at=0"), typed)
    assert answer.status_code == 412
    page = html(answer)
    assert 'data-refusal="changed_meanwhile"' in page
    assert "line &lt;1&gt;\r\nline 2</textarea>" in page
    assert 'value="EASY" checked' in page
    again = Desk(boss).post(url(ticket, "review/"), {**typed, "version": hidden(page, "version")})
    assert again.status_code == 302
    entry = HistoryEntry.objects.filter(ticket=ticket).newest_first()[0]
    assert entry.reason == "severity changed: line <1>\nline 2"


def test_a_reason_for_a_ticket_that_was_decided_meanwhile_is_not_lost(boss: User) -> None:
    ticket = factories.ticket("PENDING")
    typed = {"decision": "HIGH", "reason": "I wrote this for long", "version": "1"}
    answer = Desk(boss).post(url(ticket, "review/"), typed)
    assert "I wrote this for long" in html(answer)


def test_a_reason_that_is_too_long_is_kept(boss: User) -> None:
    ticket = factories.ticket()
    typed = {"decision": "HIGH", "reason": "x" * 501, "version": "1"}
    answer = Desk(boss).post(url(ticket, "review/"), typed)
    assert answer.status_code == 400
    assert "x" * 501 in html(answer)
    assert "Reason: Ensure this value has at most 500 characters" in words(answer)


def test_a_deleted_ticket_is_shown_to_who_can_restore_it(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    answer = Desk(author).client.post(url(ticket, "delete/?list=status%3DDRAFT&at=0"), follow=True)
    assert answer.redirect_chain == [("/desk/tickets/?status=DRAFT", 302)]
    assert f'formaction="{url(ticket, "restore/")}">Undo</button>' in html(answer)
    assert "Restore</button>" in Desk(boss).text(url(ticket))
    assert Desk(factories.associate()).get(url(ticket)).status_code == 404
    restored = Desk(author).client.post(url(ticket, "restore/"), follow=True)
    assert "Restored" in words(restored)
    ticket.refresh_from_db()
    assert ticket.deleted_at is None


def test_history_says_what_changed_word_by_word(author: User, boss: User) -> None:
    ticket = factories.ticket("REVIEW", author=author, description="The printer is <broken> today", reviewer=boss)
    actions.edit_ticket(author, ticket.pk, description="The new printer is <broken> again")
    page = Desk(boss).text(url(ticket))
    assert "The <ins>new </ins>printer is &lt;broken&gt; <del>today</del><ins>again</ins>" in page
    assert '<blockquote dir="auto">Please say more.</blockquote>' in page
    assert [entry in words(page) for entry in ("edited the description", "and sent it back", "raised it")] == [True] * 3


def test_comparing_texts_that_share_nothing_takes_no_time() -> None:
    before = " ".join(str(n) for n in range(50_000))
    began = time.thread_time()
    assert compared(before, before.replace("1", "2")).startswith("0 <del>1")
    compared("a " * 50_000, "a b " * 25_000)
    assert time.thread_time() - began < 3


def test_a_long_history_is_shortened_until_asked_for(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    for _ in range(30):
        actions.delete_ticket(author, ticket.pk)
        actions.restore_ticket(author, ticket.pk)
    desk = Desk(boss)
    page = desk.text(url(ticket, "?list=&at=0"))
    assert page.count("deleted it") + page.count("restored it") == 50
    assert "Show all that was done, also earlier" in page
    everything = next(link for link in links(page) if "history=all" in link)
    assert desk.text(f"{url(ticket)}{everything}").count("restored it") == 30


@pytest.mark.parametrize("order", ["", "number"])
def test_neighbours_are_those_of_the_list(order: str, boss: User) -> None:
    made = [factories.ticket(title="Same") for _ in range(6)]
    factories.ticket(title="Other")
    rows = made if order else made[::-1]
    desk = Desk(boss)
    listed = desk.text(f"/desk/tickets/?q=same&sort={order}&pageSize=4")
    listed += desk.text(f"/desk/tickets/?q=same&sort={order}&pageSize=4&page=2")
    for i, row in enumerate(rows):
        page = desk.text(next(link for link in links(listed, row.ticket_number)))
        for rel, neighbour in (("prev", rows[i - 1] if i else None), ("next", rows[i + 1] if i < 5 else None)):
            found = re.search(rf'rel="{rel}" href="[^"]*/(TKT-[0-9-]+)/', page)
            assert (found[1] if found else None) == (neighbour.ticket_number if neighbour else None)
        assert (
            f"/desk/tickets/?q=same&sort={order}&pageSize=4{'&page=2' if i > 3 else ''}#{row.ticket_number}"
            in links(page)
        )


def test_working_off_a_queue_goes_on_to_the_next(boss: User) -> None:
    made = [factories.ticket() for _ in range(3)]
    desk = Desk(boss)
    page = desk.text(links(desk.text("/desk/tickets/?awaiting=me&sort=number"), made[0].ticket_number)[0])
    for i, ticket in enumerate(made):
        action = re.search(rf'action="({url(ticket, "review/")}[^"]*)"', page)
        assert action
        done = desk.post(action[1].replace("&amp;", "&"), {"decision": "APPROVE", "version": "1"})
        page = desk.text(done.headers["Location"])
        offered = re.search(r'<a href="([^"]+)">Next: ([^<]+<bdi>[^<]+)</bdi></a>', page)
        assert (offered[2] if offered else None) == (
            f"{made[i + 1].ticket_number} <bdi>{made[i + 1].title}" if i < 2 else None
        )
        if i < 2:
            assert offered
            assert f'rel="next" href="{offered[1]}"' in page
            ahead = re.search(r'rel="next" href="([^"]+)"', page)
            assert ahead
            page = desk.text(ahead[1].replace("&amp;", "&"))
            assert made[i + 1].ticket_number in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize(
    "query", ["list=&at=x", "list=page%3D0&at=1", "at=1", "list=&at=99999999999", "list=%00&at=-1"]
)
def test_a_mistyped_way_back_is_no_error(query: str, boss: User) -> None:
    assert Desk(boss).get(url(factories.ticket(), f"?{query}")).status_code == 200


@pytest.mark.parametrize("number", ["TKT-2026-000002", "TKT-2026-1", "x", "%00", "TKT-٢٠٢٦-000001", "a" * 3000])
def test_a_number_that_no_ticket_has_is_a_page(number: str, boss: User) -> None:
    answer = Desk(boss).get(f"/desk/tickets/{number}/")
    assert answer.status_code == 404
    assert "There is no such ticket" in html(answer)


def test_times_are_the_persons_own(author: User) -> None:
    with time_machine.travel(datetime(2026, 1, 5, 23, 30, tzinfo=UTC), tick=False):
        ticket = factories.ticket(author=author)
        for zone, written in (("UTC", "5 Jan 2026, 23:30 UTC"), ("Asia/Tokyo", "6 Jan 2026, 08:30 JST")):
            page = Desk(factories.associate(time_zone=zone)).text(url(ticket))
            assert f'title="{written}"' in page
            assert '<time datetime="2026-01-05T23:30:00+00:00"' in page


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_a_ticket_takes_the_same_queries_whatever_its_history(
    role: str, django_assert_num_queries: DjangoAssertNumQueries, author: User
) -> None:
    user = factories.person(role)
    desk, literal = Desk(user), 10
    ticket = factories.ticket(author=author)
    for entries in (1, 50):
        while ticket.version < entries:
            ticket = actions.delete_ticket(author, ticket.pk)
            ticket = actions.restore_ticket(author, ticket.pk)
            factories.ticket()
        address = url(ticket, "?list=status%3DDRAFT&at=0")
        desk.get(address)  # notes the look
        with django_assert_num_queries(literal):
            page = desk.text(address)
        assert page.count('<li class="entry">') == min(50, entries + 1 - entries % 2)
