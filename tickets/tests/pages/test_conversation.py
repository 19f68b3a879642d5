"""The conversation on a ticket's page, and writing in it. Without JavaScript."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.pages import Desk, hidden, html, links, url, words
from tickets import actions
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.comments.rendering import RENDERING
from tickets.models import Comment, CommentVersion, LastLook, Ticket

pytestmark = pytest.mark.django_db

BEGINNING = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def many_comments(ticket: Ticket, author: User, count: int) -> list[Comment]:
    """So many, a minute apart, named by their number from 1."""
    return Comment.objects.bulk_create(
        Comment(
            ticket=ticket,
            author=author,
            text=f"No. {n}.",
            html=f"<p>No. {n}.</p>",
            rendering=RENDERING,
            created_at=BEGINNING + timedelta(minutes=n),
        )
        for n in range(1, count + 1)
    )


def numbers(page: str) -> list[int]:
    return [int(n) for n in re.findall(r"<p>No\. (\d+)\.</p>", page)]


def test_comments_and_what_was_done_stand_in_the_order_of_time(author: User, boss: User) -> None:
    with time_machine.travel(BEGINNING) as clock:
        ticket = factories.ticket(author=author)
        clock.shift(60)
        add_comment(boss, ticket.pk, text="Since *when*?", is_question=True)
        clock.shift(60)
        factories.advance(ticket, "PENDING", reviewer=boss)
        clock.shift(60)
        late = add_comment(author, ticket.pk, text="Since nine. See TKT-2026-000001.")
    page = Desk(author).text(url(ticket))
    order = ["raised it", '<p dir="auto">Since <em>when</em>?</p>', "approved it", "Since nine. See"]
    assert [page.count(part) for part in order] == [1, 1, 1, 1]
    assert sorted(order, key=page.index) == order
    assert f'<li id="comment-{late.pk}"' in page
    assert '<a href="/desk/tickets/TKT-2026-000001/"' in page
    assert words(page).count("Question") == 1
    assert page.index('id="conversation"') < page.index('id="comment-form"') < page.index('class="decision"')


def test_a_comment_says_that_it_was_edited_or_removed_and_by_whom(author: User, boss: User) -> None:
    ticket = factories.ticket()
    changed, gone, own = (add_comment(author, ticket.pk, text=f"Text {n}") for n in "123")
    edit_comment(author, changed.pk, text="Another text")
    remove_comment(boss, gone.pk)
    remove_comment(author, own.pk)
    page = Desk(factories.associate()).text(url(ticket))
    assert "Text" not in page
    assert "Another text" in page
    assert re.search(rf'href="/desk/comments/{changed.pk}/versions/\?">edited</a>', page)
    assert "Removed by Mia Reed" in words(page)
    assert "Removed by its author" in words(page)
    assert f'id="comment-{gone.pk}"' in page
    assert f"/desk/comments/{gone.pk}/versions/" not in page
    assert f"/desk/comments/{gone.pk}/versions/" in Desk(boss).text(url(ticket))


@pytest.mark.parametrize(("who", "mine", "theirs"), [("author", "edit,remove", ""), ("boss", "edit,remove", "remove")])
def test_what_one_may_do_with_a_comment_is_offered_and_nothing_else(
    who: str, mine: str, theirs: str, author: User, boss: User
) -> None:
    ticket = factories.ticket()
    user, other = (author, boss) if who == "author" else (boss, author)
    own, others = add_comment(user, ticket.pk, text="x"), add_comment(other, ticket.pk, text="y")
    page = Desk(user).text(url(ticket))
    for comment, expected in ((own, mine), (others, theirs)):
        offered = re.findall(rf"/desk/comments/{comment.pk}/(edit|remove)/", page)
        assert ",".join(offered) == expected
    actions.delete_ticket(ticket.created_by, ticket.pk)
    page = Desk(boss).text(url(ticket))
    assert "/desk/comments/" not in page
    assert 'id="comment-form"' not in page


def test_parts_from_the_newest_and_what_was_done_between(author: User, boss: User) -> None:
    with time_machine.travel(BEGINNING, tick=False):
        ticket = factories.ticket(author=author)
    with time_machine.travel(BEGINNING + timedelta(minutes=990, seconds=30), tick=False):
        actions.delete_ticket(author, ticket.pk)
    comments = many_comments(ticket, author, 1000)
    with time_machine.travel(BEGINNING + timedelta(minutes=990, seconds=40), tick=False):
        actions.restore_ticket(author, ticket.pk)
    desk = Desk(boss)
    newest = desk.text(url(ticket, "?list=&at=0"))
    assert numbers(newest) == list(range(976, 1001))
    assert ("deleted it" in newest, "restored it" in newest, "raised it" in newest) == (True, True, False)
    assert newest.index("No. 990.") < newest.index("deleted it") < newest.index("No. 991.")
    [earlier] = [link for link in links(newest, "part=2") if "#conversation" in link]
    page = desk.text(f"{url(ticket)}{earlier}")
    assert "list=&at=0" in earlier
    assert numbers(page) == list(range(951, 976))
    assert "deleted it" not in page
    assert links(page, "part=3")
    assert [link for link in links(page, "part=1") if "#conversation" in link]
    oldest = desk.text(url(ticket, "?part=40"))
    assert numbers(oldest) == list(range(1, 26))
    assert "raised it" in oldest
    assert not links(oldest, "part=41")
    assert numbers(desk.text(url(ticket, "?part=41"))) == list(range(976, 1001))
    for n in (1, 25, 26, 975, 976, 1000):  # wherever it is, an address of its own leads there
        assert n in numbers(desk.text(url(ticket, f"?comment={comments[n - 1].pk}")))


@pytest.mark.parametrize(
    "query", ["part=0", "part=x", "part=-1", "part=99999999999", "comment=x", f"comment={uuid.UUID(int=1)}"]
)
def test_a_mistyped_part_is_the_newest(query: str, author: User) -> None:
    ticket = factories.ticket()
    many_comments(ticket, author, 26)
    assert numbers(Desk(author).text(url(ticket, f"?{query}"))) == list(range(2, 27))


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_a_ticket_takes_the_same_queries_whatever_was_said(
    role: str, django_assert_num_queries: DjangoAssertNumQueries, author: User
) -> None:
    """Two of them are for session and person, so that the page takes 8 at most."""
    user = factories.person(role)
    ticket, desk = factories.ticket(author=author), Desk(user)
    factories.ticket()
    address = url(ticket, "?list=status%3DDRAFT&at=0")
    for count in (1, 200):
        Comment.objects.all().delete()
        many_comments(ticket, factories.associate(), count)
        desk.get(address)  # notes the look
        with django_assert_num_queries(2 + 8):
            assert len(numbers(desk.text(address))) == min(25, count)


def test_what_is_new_since_the_last_look_is_marked_for_whoever_did_not_do_it(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    add_comment(boss, ticket.pk, text="Before")
    desks = Desk(author), Desk(boss)
    for desk in desks:
        assert "New</span>" not in desk.text(url(ticket)), "at a first look nothing is new"
    add_comment(boss, ticket.pk, text="After")
    factories.advance(Ticket.objects.get(pk=ticket.pk), "PENDING", reviewer=boss)
    assert desks[0].get(url(ticket), headers={"Sec-Purpose": "prefetch"}).status_code == 200
    page = desks[0].text(url(ticket))
    assert page.count("New</span>") == 2
    assert page.index('<p dir="auto">Before') < page.index("New</span>") < page.index('<p dir="auto">After')
    assert "New</span>" not in desks[0].text(url(ticket))
    assert "New</span>" not in desks[1].text(url(ticket))


def test_many_changes_in_a_row_are_folded(author: User) -> None:
    ticket = factories.ticket(author=author)
    for _ in range(5):
        ticket = actions.restore_ticket(author, actions.delete_ticket(author, ticket.pk).pk)
    page = Desk(author).text(url(ticket))
    folded = page.partition("<summary>8 earlier changes</summary>")[2].partition("</details>")[0]
    assert folded.count("deleted it") + folded.count("restored it") + folded.count("raised it") == 8
    assert page.partition("</details></li>")[2].count("ed it") == 3


# --- Writing


def write(desk: Desk, ticket: Ticket, **fields: Any) -> Any:
    return desk.post(url(ticket, "comments/"), fields)


def test_a_page_writes_what_the_api_writes(author: User) -> None:
    ticket = factories.ticket()
    text, own = " One\n\n- *two*\n", ("id", "created_at")
    by_api = ApiClient(author).post(f"/tickets/{ticket.pk}/comments", {"text": text, "isQuestion": True})
    assert by_api.status_code == 201
    assert write(Desk(author), ticket, text=text.replace("\n", "\r\n"), is_question="on").status_code == 302
    one, other = ({k: v for k, v in row.items() if k not in own} for row in Comment.objects.values())
    assert one == other
    assert one["text"] == text
    before = Ticket.objects.values().get(pk=ticket.pk)
    comment = Comment.objects.latest("created_at")
    assert Desk(author).post(f"/desk/comments/{comment.pk}/edit/", {"text": "Three\r\nfour"}).status_code == 302
    comment.refresh_from_db()
    assert (comment.text, comment.edited_at is not None) == ("Three\nfour", True)
    assert CommentVersion.objects.get().text == text
    assert Ticket.objects.values().get(pk=ticket.pk) == before


# What nobody would see, too much, and what no text may have: by the API 400 each.
@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "x" * 10_001, "a\0b"], ids=["none", "blank", "unseen", "long", "nul"]
)
def test_the_page_refuses_the_texts_that_the_api_refuses_and_keeps_them(text: str, author: User) -> None:
    ticket = factories.ticket()
    comment = add_comment(author, ticket.pk, text="As it was")
    desk, client = Desk(author), ApiClient(author)
    assert client.post(f"/tickets/{ticket.pk}/comments", {"text": text}).status_code == 400
    assert client.patch(f"/comments/{comment.pk}", {"text": text}).status_code == 400
    for address in (url(ticket, "comments/"), f"/desk/comments/{comment.pk}/edit/"):
        for more in ({}, {"preview": "1"}):
            answer = desk.post(address, {"text": text, **more})
            assert answer.status_code == 422
            page = html(answer)
            assert '<a href="#id_text">Comment: ' in page
            assert re.search(r'<textarea name="text"[^>]* autofocus[^>]* aria-invalid="true"', page)
            assert text.replace("\0", "") in page.replace("\0", "")
    assert desk.post("/desk/comments/preview/", {"text": text}).status_code == 422
    assert [comment.text for comment in Comment.objects.all()] == ["As it was"]


def test_a_preview_keeps_nothing_and_shows_what_would_be_kept(author: User) -> None:
    ticket = factories.ticket()
    comment = add_comment(author, ticket.pk, text="As it was")
    fields = {"text": "So <b>*it*</b> is", "is_question": "on", "preview": "1"}
    shown = '<p dir="auto">So &lt;b&gt;<em>it</em>&lt;/b&gt; is</p>'
    for address in (url(ticket, "comments/"), f"/desk/comments/{comment.pk}/edit/", "/desk/comments/preview/"):
        answer = Desk(author).post(address, fields)
        assert answer.status_code == 200
        assert shown in html(answer)
        assert "preview/" in address or "So &lt;b&gt;*it*&lt;/b&gt; is</textarea>" in html(answer)
    page = html(write(Desk(author), ticket, **fields))
    assert re.search(r'name="is_question"[^>]* checked', page)
    assert Comment.objects.values_list("text", flat=True).get() == "As it was"


def test_a_comment_is_posted_once_however_often_its_form_is_sent(author: User, boss: User) -> None:
    ticket, other = factories.ticket(), factories.ticket()
    desk = Desk(author)
    form = {"text": "Once", "key": hidden(desk.text(url(ticket)), "key")}
    first, second = write(desk, ticket, **form), write(desk, ticket, **form)
    assert first.headers["Location"] == second.headers["Location"]
    comment = Comment.objects.get()
    assert first.headers["Location"] == f"{url(ticket)}?comment={comment.pk}#comment-{comment.pk}"
    write(desk, ticket, **{**form, "text": "Twice"})
    write(desk, other, **form)
    write(Desk(boss), ticket, **form)
    assert Comment.objects.count() == 4
    remove_comment(boss, comment.pk)
    assert write(desk, ticket, **form).headers["Location"] == first.headers["Location"]
    assert Comment.objects.count() == 4


def test_a_text_for_a_ticket_that_was_deleted_meanwhile_is_not_lost(author: User, boss: User) -> None:
    ticket = factories.ticket()
    comment = add_comment(author, ticket.pk, text="As it was")
    actions.delete_ticket(boss, ticket.pk)
    for who, address in ((author, f"/desk/comments/{comment.pk}/edit/"), (boss, url(ticket, "comments/"))):
        answer = Desk(who).post(address, {"text": "Written for <long>"})
        assert answer.status_code == 404
        assert 'data-refusal="ticket_not_found"' in html(answer)
        assert "Written for &lt;long&gt;</textarea>" in html(answer)


def test_a_text_for_a_comment_that_was_removed_meanwhile_is_not_lost(author: User, boss: User) -> None:
    comment = factories.comment(factories.ticket(), author=author)
    remove_comment(boss, comment.pk)
    answer = Desk(author).post(f"/desk/comments/{comment.pk}/edit/", {"text": "Written for long"})
    assert answer.status_code == 404
    assert 'data-refusal="comment_not_found"' in html(answer)
    assert "There is no such comment any more" in words(answer)
    assert "Written for long</textarea>" in html(answer)


def test_what_was_written_before_the_session_ended_is_there_after_signing_in(author: User) -> None:
    ticket = factories.ticket()
    comment = add_comment(author, ticket.pk, text="As it was")
    for address, lead in ((url(ticket, "comments/"), url(ticket)), (f"/desk/comments/{comment.pk}/edit/", "")):
        desk = Desk(author)
        desk.lose_session()
        desk.post(address, {"text": "Written for long"})
        desk.client.force_login(author)
        back = desk.get(address)
        page = html(desk.get(back.headers["Location"]) if lead else back)
        assert lead == back.headers.get("Location", "")
        assert "Written for long</textarea>" in page
        assert "data-typed" in page
    assert [comment.text for comment in Comment.objects.all()] == ["As it was"]


def test_nor_is_it_lost_where_the_ticket_was_deleted_meanwhile(boss: User) -> None:
    ticket, desk = factories.ticket(), Desk(boss)
    desk.lose_session()
    desk.post(url(ticket, "comments/"), {"text": "Written for long"})
    actions.delete_ticket(boss, ticket.pk)
    desk.client.force_login(boss)
    answer = desk.get(url(ticket))
    assert answer.status_code == 404
    assert "Written for long</textarea>" in html(answer)


def test_removing_asks_first(author: User, boss: User) -> None:
    ticket = factories.ticket()
    comment = add_comment(author, ticket.pk, text="*Mine*")
    address = f"/desk/comments/{comment.pk}/remove/"
    page = Desk(boss).text(f"{address}?list=&at=0")
    assert "Remove the comment of Ana Sousa ?" in words(page)
    assert "<em>Mine</em>" in page
    assert Comment.objects.get().removed_at is None
    assert "Remove your comment?" in words(Desk(author).text(address))
    answer = Desk(boss).post(f"{address}?list=&at=0")
    assert answer.headers["Location"] == f"{url(ticket)}?list=&at=0&comment={comment.pk}#comment-{comment.pk}"
    comment.refresh_from_db()
    assert (comment.removed_by, comment.text) == (boss, "")


def test_earlier_texts_are_read_by_whoever_may(author: User, boss: User) -> None:
    comment = factories.comment(factories.ticket(), author=author)
    address = f"/desk/comments/{comment.pk}/versions/"
    colleague = Desk(factories.associate())
    assert "It has only ever said what it says now." in words(colleague.text(address))
    for text in ("Second <b>", "Third"):
        edit_comment(author, comment.pk, text=text)
    page = colleague.text(address)
    assert page.index("Second &lt;b&gt;") < page.index("Is it still so?")
    assert "Third" not in page
    remove_comment(author, comment.pk)
    assert "Third" in Desk(boss).text(address)
    for desk in (colleague, Desk(author)):
        assert "Second" not in desk.text(address)
        assert "Managers can read what it said." in words(desk.text(address))


def test_a_look_that_cannot_be_noted_keeps_nobody_from_reading(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = factories.ticket()

    def broken(*_args: Any, **_options: Any) -> None:
        from django.db import OperationalError

        raise OperationalError("read only")

    monkeypatch.setattr("tickets.comments.looks.LastLook.objects.bulk_create", broken)
    assert Desk(author).get(url(ticket)).status_code == 200
    assert not LastLook.objects.exists()
