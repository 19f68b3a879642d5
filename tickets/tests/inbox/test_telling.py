"""Who is told of what is said, once each, and how that is read in the inbox and by mail."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, words
from tickets import actions
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.following.actions import follow_ticket, leave_ticket
from tickets.models import Comment, Ticket, Told

pytestmark = pytest.mark.django_db
INBOX = "/desk/inbox/"


@pytest.fixture
def ana() -> User:
    return factories.associate(email="ana@example.com")


@pytest.fixture
def ticket(ana: User) -> Ticket:
    return factories.ticket(author=ana)


def kinds(comment: Comment) -> dict[str, str]:
    return dict(Told.objects.filter(comment=comment).values_list("user__email", "kind"))


def page_of(ticket: Ticket, query: str = "") -> str:
    return f"/desk/tickets/{ticket.ticket_number}/{query}"


def unread(user: User) -> str:
    return words(Desk(user).text("/desk/inbox/count/", headers={"HX-Request": "true"}))


def items(user: User) -> list[str]:
    """What the inbox says of each ticket; `*` in front of what is unread."""
    found = re.findall(
        r"<li( class=\"unread\")?>\s*(<a href=\"/desk/tickets/.*?)</li>", Desk(user).text(INBOX), re.DOTALL
    )
    return [("*" if is_unread else "") + words(item) for is_unread, item in found]


def test_who_follows_a_ticket_is_told_of_what_others_say(ana: User, ticket: Ticket) -> None:
    boss, former, chosen, left, gone, stranger = (
        *(factories.manager(email=f"{name}@example.com") for name in ("boss", "former")),
        *(factories.associate(email=f"{name}@example.com") for name in ("chosen", "left", "gone", "stranger")),
    )
    actions.change_severity(former, ticket.pk, severity="HIGH", reason="Say more.")
    actions.edit_ticket(ana, ticket.pk, title="The printer again")
    actions.approve_ticket(boss, ticket.pk)
    for person in (chosen, left, gone):
        follow_ticket(person, ticket.pk)
    leave_ticket(left, ticket.pk)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    said = add_comment(ana, ticket.pk, text="It is worse now.")
    assert kinds(said) == dict.fromkeys(["boss@example.com", "former@example.com", "chosen@example.com"], "COMMENT")
    assert unread(left) == unread(stranger) == ""
    assert unread(chosen) == "1 unread"


def test_one_is_told_why(ana: User, ticket: Ticket) -> None:
    boss, other = factories.manager(email="boss@example.com"), factories.associate(email="other@example.com")
    asked = add_comment(boss, ticket.pk, text="Which one?", is_question=True)
    assert kinds(asked) == {"ana@example.com": "QUESTION"}
    answer = add_comment(ana, ticket.pk, text="The left one.")
    assert kinds(answer) == {"boss@example.com": "ANSWER"}
    again = add_comment(ana, ticket.pk, text="And the right one.")
    assert kinds(again) == {"boss@example.com": "ANSWER"}, "they have not said anything since they asked"
    add_comment(boss, ticket.pk, text="Thank you, @other@example.com has a new one.")
    last = add_comment(ana, ticket.pk, text="@other@example.com, thank you!", is_question=True)
    assert kinds(last) == {"boss@example.com": "QUESTION", "other@example.com": "NAMED"}
    assert list(Told.objects.filter(user=other).values_list("kind", flat=True)) == ["NAMED", "NAMED"]


def test_who_has_left_a_ticket_is_told_only_where_they_are_named(ana: User, ticket: Ticket) -> None:
    leave_ticket(ana, ticket.pk)
    factories.comment(ticket)
    assert unread(ana) == ""
    factories.comment(ticket, text="@ana@example.com, is it still so?")
    assert unread(ana) == "1 unread"


def test_naming_oneself_tells_nobody(ana: User, ticket: Ticket) -> None:
    assert kinds(add_comment(ana, ticket.pk, text="@ana@example.com")) == {}


def test_an_edit_tells_whom_it_names_and_nobody_twice(ana: User, ticket: Ticket) -> None:
    boss = factories.manager()
    factories.associate(email="other@example.com")
    said = add_comment(boss, ticket.pk, text="Which one?")
    edit_comment(boss, said.pk, text="Which one, @ana@example.com and @other@example.com?")
    edit_comment(boss, said.pk, text="Which one now, @ana@example.com and @other@example.com?")
    assert kinds(said) == {"ana@example.com": "COMMENT", "other@example.com": "NAMED"}


def test_what_was_removed_is_told_no_more(ana: User, ticket: Ticket) -> None:
    boss = factories.manager()
    said = add_comment(boss, ticket.pk, text="Which one?")
    remove_comment(boss, said.pk)
    assert unread(ana) == ""
    assert items(ana) == []


def test_what_was_not_said_after_all_is_not_told(ana: User, ticket: Ticket) -> None:
    with transaction.atomic():
        factories.comment(ticket)
        assert unread(ana) == "1 unread"
        transaction.set_rollback(True)
    assert not Told.objects.exists()


def test_the_inbox_has_what_was_said_beside_what_was_done_by_ticket(ana: User, ticket: Ticket) -> None:
    boss = factories.manager(email="mia.reed@example.com")
    other = factories.ticket(author=ana, title="The scanner")
    actions.approve_ticket(boss, other.pk)
    said = add_comment(boss, ticket.pk, text="Which <one>?", is_question=True)
    actions.approve_ticket(boss, ticket.pk)
    first, second = items(ana)
    assert re.search(r"approved it.* Mia Reed asked a question .*Which &lt;one&gt;\?", first) or "Which <one>?" in first
    assert "The scanner" in second
    assert first[0] == second[0] == "*"
    assert f"{page_of(ticket)}?inbox=1&amp;comment={said.pk}#comment-{said.pk}" in Desk(ana).text(INBOX)


def test_opening_the_ticket_reads_what_was_said_there(ana: User, ticket: Ticket) -> None:
    other = factories.ticket(author=ana)
    said = [factories.comment(each) for each in (ticket, other)]
    assert unread(ana) == "2 unread"
    Desk(ana).client.head(page_of(ticket))
    Desk(ana).get(page_of(ticket), headers={"Sec-Purpose": "prefetch"})
    assert unread(ana) == "2 unread"
    Desk(ana).text(page_of(ticket))
    assert unread(ana) == "1 unread"
    Desk(ana).text(page_of(other, f"?comment={said[1].pk}"))
    assert unread(ana) == ""
    factories.comment(ticket)
    assert unread(ana) == "1 unread"
    assert [item[0] == "*" for item in items(ana)] == [True, False]


def test_a_comment_takes_the_same_queries_however_many_are_told(ticket: Ticket) -> None:
    counts, said, author = [], [], factories.associate()
    for followers in (1, 30):
        for _ in range(followers):
            follow_ticket(factories.associate(), ticket.pk)
        with CaptureQueriesContext(connection) as queries:
            said.append(add_comment(author, ticket.pk, text="It is so."))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert [Told.objects.filter(comment=each).count() for each in said] == [2, 32]


def test_what_is_about_a_deleted_ticket_is_gone_with_it_and_comes_back(ana: User, ticket: Ticket) -> None:
    factories.comment(ticket, text="A word between us")
    actions.delete_ticket(ana, ticket.pk)
    assert unread(ana) == ""
    assert items(ana) == []
    actions.restore_ticket(ana, ticket.pk)
    assert unread(ana) == "1 unread"
    assert "A word between us" in items(ana)[0]


@pytest.mark.usefixtures("_mail")
def test_mail_tells_of_what_was_said(ticket: Ticket) -> None:
    factories.associate(email="rui@example.com")
    boss = factories.manager(email="mia.reed@example.com")
    said = add_comment(boss, ticket.pk, text="Which one,\n@rui@example.com?")
    actions.approve_ticket(boss, ticket.pk)
    call_command("mail_inbox")
    [letter] = mail.outbox
    assert letter.to == ["rui@example.com"]
    assert "Mia Reed named you:\n\nWhich one,\n@rui@example.com?\n" in letter.body
    assert f"https://desk.example.com{page_of(ticket)}?comment={said.pk}#comment-{said.pk}" in letter.body


def test_a_picture_is_quoted_by_its_name() -> None:
    told = Told(comment=Comment(text="See ![a bill.png](attachment:0b1c) and ![x](https://example.com/x.png)."))
    assert told.text_in_short == "See a bill.png and ![x](https://example.com/x.png)."
    assert Told().text_in_short == ""
