"""What stands in a mail: subject, thread, texts, links, and nothing that a title or a name could smuggle in."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest
from django.core import mail

from accounts.models import User
from config import clock
from tests.support import factories
from tickets import actions
from tickets.comments.actions import add_comment, remove_comment
from tickets.following.actions import follow_ticket
from tickets.inbox.models import Kind, Told, Way
from tickets.inbox.ways import choose_ways
from tickets.models import Attachment, Ticket
from tickets.outbox.composing import MOST_IN_ONE_MAIL
from tickets.outbox.sending import send_due

pytestmark = pytest.mark.django_db
DESK = "https://desk.example.com"


def sent() -> list[EmailMessage]:
    """The mails that are due, as they go over the line."""
    mail.outbox.clear()
    send_due()
    return [message_from_bytes(one.message().as_bytes(), policy=policy.default) for one in mail.outbox]


def the_mail() -> EmailMessage:
    [only] = sent()
    return only


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_question_is_mailed_with_its_text_and_the_way_to_answer(ana: User, boss: User, ticket: Ticket) -> None:
    said = add_comment(boss, ticket.pk, text="Which *browser*?\n\nSee TKT-2020-000001.", is_question=True)
    message = the_mail()
    assert (message["To"], message["Subject"]) == ("ana@example.com", f"[{ticket.ticket_number}] Login broken")
    place = f"{DESK}/desk/tickets/{ticket.ticket_number}/?comment={said.pk}#comment-{said.pk}"
    text = text_of(message)
    assert text.startswith(f"Bo Boss asks you:\n\nWhich *browser*?\n\nSee TKT-2020-000001.\n\n{place}\n\n-- \n")
    html = html_of(message)
    assert '<p dir="auto">Which <em>browser</em>?</p>' in html
    assert f'<a href="{DESK}/desk/tickets/TKT-2020-000001/"' in html
    assert place in unescape(html)


def test_mails_about_a_ticket_are_one_thread_for_everybody(ana: User, boss: User, ticket: Ticket) -> None:
    rui = factories.associate(email="rui@example.com")
    follow_ticket(rui, ticket.pk)
    other = factories.ticket(author=ana, title="Another")
    for about in (ticket, other):
        add_comment(boss, about.pk, text="Why?", is_question=True)
    messages = sent()
    add_comment(boss, ticket.pk, text="And when?", is_question=True)
    messages += sent()
    assert len({message["Message-ID"] for message in messages}) == len(messages) == 5
    threads: dict[str, set[str]] = {}
    for message in messages:
        assert message["In-Reply-To"] == message["References"]
        threads.setdefault(message["Subject"], set()).add(message["References"])
    assert [len(roots) for roots in threads.values()] == [1, 1]
    assert len(set.union(*threads.values())) == 2


def test_a_mail_says_that_it_is_one_of_many_and_how_to_get_no_more(boss: User, ticket: Ticket) -> None:
    add_comment(boss, ticket.pk, text="Why?", is_question=True)
    message = the_mail()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{DESK}/desk/mail/leave/[\w.:-]+/>", message["List-Unsubscribe"])
    assert message["List-Id"] == "Service Ticket <tickets.desk.example.com>"
    assert (message["Auto-Submitted"], message["Precedence"]) == ("auto-generated", "bulk")
    assert message["List-Unsubscribe"].strip("<>") in text_of(message)
    assert f"{DESK}/desk/preferences/" in text_of(message)


@pytest.mark.parametrize("is_digest", [False, True], ids=["at once", "daily"])
def test_long_headers_arrive_as_they_were_written(boss: User, ticket: Ticket, is_digest: bool) -> None:
    """Programs look for an address between `<` and `>`, which no folding or encoding may break."""
    if is_digest:
        choose_ways(ticket.created_by, {Kind.QUESTION: Way.DIGEST})
    add_comment(boss, ticket.pk, text="Why?", is_question=True)
    Told.objects.filter(user=ticket.created_by).update(mail_due_at=clock.BEGINNING)
    mail.outbox.clear()
    send_due()
    raw = mail.outbox[0].message(policy=policy.SMTP).as_bytes()
    heads = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert re.search(r"(?m)^List-Unsubscribe:\s+<https://desk\.example\.com/desk/mail/leave/[\w.:-]+/>\r?$", heads)
    if not is_digest:
        assert re.search(r"(?m)^References:\s+<ticket-[0-9a-f-]{36}@desk\.example\.com>\r?$", heads)
    assert re.search(r"(?m)^Message-ID:\s+<mail-[0-9a-f-]{36}@desk\.example\.com>\r?$", heads)


def test_what_is_done_is_mailed_with_its_reason(ana: User, boss: User, ticket: Ticket) -> None:
    actions.change_severity(boss, ticket.pk, severity="VERY_HIGH", reason="Say <b>when</b> it began.")
    message = the_mail()
    start = (
        f"Sent back to you by Bo Boss:\n\nSay <b>when</b> it began.\n\n{DESK}/desk/tickets/{ticket.ticket_number}/\n"
    )
    assert text_of(message).startswith(start)
    assert "Say &lt;b&gt;when&lt;/b&gt; it began." in html_of(message)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.APPROVED, "Approved by Bo Boss"),
        (Kind.DELETED, "Deleted by Bo Boss"),
        (Kind.RESTORED, "Restored by Bo Boss"),
        (Kind.MOVED, "Closed"),
    ],
)
def test_every_kind_has_its_words(ana: User, boss: User, ticket: Ticket, kind: Kind, words: str) -> None:
    choose_ways(ana, {kind: Way.MAIL})
    if kind == Kind.APPROVED:
        actions.approve_ticket(boss, ticket.pk)
    elif kind == Kind.MOVED:
        actions.approve_ticket(boss, ticket.pk)
        ticket.refresh_from_db()
        factories.import_status(ticket, "CLOSED")
    else:
        actions.delete_ticket(boss, ticket.pk)
        if kind == Kind.RESTORED:
            actions.restore_ticket(boss, ticket.pk)
    assert text_of(the_mail()).startswith(f"{words}\n")


def test_a_new_draft_is_mailed_to_managers_who_want_that(boss: User, ana: User) -> None:
    choose_ways(boss, {Kind.DRAFT: Way.MAIL})
    factories.ticket(author=ana, title="Printer on fire")
    message = the_mail()
    assert message["To"] == "boss@example.com"
    assert text_of(message).startswith("Waits for your review\n")


def test_of_a_deleted_ticket_strangers_get_its_number_only(ana: User, boss: User, ticket: Ticket) -> None:
    rui = factories.associate(email="rui@example.com")
    follow_ticket(rui, ticket.pk)
    for person in (ana, rui):
        choose_ways(person, {Kind.DELETED: Way.MAIL})
    actions.delete_ticket(boss, ticket.pk)
    subjects = {message["To"]: message["Subject"] for message in sent()}
    assert subjects == {
        "ana@example.com": f"[{ticket.ticket_number}] Login broken",
        "rui@example.com": f"[{ticket.ticket_number}] Deleted ticket",
    }


def test_pictures_are_links_with_their_names_and_nothing_is_fetched(boss: User, ticket: Ticket) -> None:
    said = add_comment(boss, ticket.pk, text="Before", is_question=True)
    picture = Attachment.objects.create(
        ticket=ticket,
        comment=said,
        file_name='a "b" <c>.png',
        content_type="image/png",
        size=1,
        sha256="0" * 64,
        uploaded_by=boss,
        created_at=said.created_at,
    )
    add_comment(
        boss, ticket.pk, text=f"![shot](attachment:{picture.pk}) ![x](https://evil.example/x.png)", is_question=True
    )
    message = the_mail()
    html = html_of(message)
    assert f'<a href="{DESK}/attachments/{picture.pk}">a &quot;b&quot; &lt;c&gt;.png</a>' in html
    assert not re.search(r"<(img|link|script|iframe|style)|url\(|\ssrc=", html)
    assert f"![shot]({DESK}/attachments/{picture.pk})" in text_of(message)


@pytest.mark.parametrize("title", ["x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\x85Bcc: y", "é" * 200])
def test_no_title_and_no_name_adds_a_header(ana: User, title: str) -> None:
    boss = factories.manager(name="Bo Boss <x@y>, Bcc: evil@example.com")
    ticket = factories.ticket(author=ana, title=title)
    add_comment(boss, ticket.pk, text="Why?", is_question=True)
    message = the_mail()
    assert message["Bcc"] is None
    assert message["To"] == "ana@example.com"
    assert message["Subject"] == f"[{ticket.ticket_number}] {' '.join(title.split())}"
    assert [one.recipients() for one in mail.outbox] == [["ana@example.com"]]


def test_a_daily_mail_has_all_that_is_due_by_ticket(ana: User, boss: User, ticket: Ticket) -> None:
    other = factories.ticket(author=ana, title="Another")
    choose_ways(ana, {Kind.QUESTION: Way.DIGEST})
    for about, text in ((ticket, "One"), (other, "Two"), (ticket, "Three")):
        add_comment(boss, about.pk, text=text, is_question=True)
    assert sent() == []
    Told.objects.update(mail_due_at=clock.BEGINNING)
    message = the_mail()
    assert message["Subject"] == "What is new on 2 tickets"
    assert message["References"] is None
    found = re.findall(r"(?m)^(?:One|Two|Three|\[TKT.*)$", text_of(message))
    heads = [f"[{about.ticket_number}] {about.title}" for about in (ticket, other)]
    assert found == [heads[0], "One", "Three", heads[1], "Two"]
    assert sent() == []


def test_a_mail_has_the_newest_of_very_much(ana: User, boss: User, ticket: Ticket) -> None:
    for number in range(MOST_IN_ONE_MAIL + 2):
        add_comment(boss, ticket.pk, text=f"Number {number:03}", is_question=True)
    text = text_of(the_mail())
    assert re.findall(r"Number (\d+)", text) == [f"{number:03}" for number in range(2, MOST_IN_ONE_MAIL + 2)]
    assert f"And 2 more in your inbox: {DESK}/desk/inbox/" in text
    assert sent() == []


def test_what_is_removed_before_it_is_mailed_is_not_mailed(boss: User, ticket: Ticket) -> None:
    said = add_comment(boss, ticket.pk, text="Why?", is_question=True)
    remove_comment(boss, said.pk)
    assert sent() == []
