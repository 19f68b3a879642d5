"""The link in a mail by which one hears no more of a ticket, by one click of a mail program or on a page."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.support.pages import words
from tickets import actions
from tickets.comments.actions import add_comment
from tickets.following.models import FollowChoice
from tickets.inbox.models import ChosenWay, Kind, Told, Way
from tickets.inbox.ways import choose_ways
from tickets.models import Ticket
from tickets.outbox.leaving import link_to_leave
from tickets.outbox.sending import send_due

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def link_of_a_mail(boss: User, ticket: Ticket) -> str:
    add_comment(boss, ticket.pk, text="Why?", is_question=True)
    mail.outbox.clear()
    send_due()
    address = str(mail.outbox[0].extra_headers["List-Unsubscribe"]).strip("<>")
    return address.removeprefix("https://desk.example.com")


def follows(person: User, ticket: Ticket) -> bool | None:
    return FollowChoice.objects.filter(user=person, ticket=ticket).values_list("follows", flat=True).first()


def test_a_mail_program_leaves_the_ticket_without_a_session(ana: User, boss: User, ticket: Ticket) -> None:
    answer = strict().post(link_of_a_mail(boss, ticket), ONE_CLICK)
    assert answer.status_code == 200
    assert follows(ana, ticket) is False
    said = add_comment(boss, ticket.pk, text="And now?", is_question=True)
    assert not Told.objects.filter(comment=said, user=ana).exists()


def test_to_look_at_the_page_changes_nothing(ana: User, boss: User, ticket: Ticket) -> None:
    page = strict().get(link_of_a_mail(boss, ticket))
    assert f"Leave {ticket.ticket_number}?" in words(page.content.decode())
    assert follows(ana, ticket) is None


def test_the_page_says_what_was_done_and_leads_to_the_preferences(ana: User, boss: User, ticket: Ticket) -> None:
    link = link_of_a_mail(boss, ticket)
    for _ in range(2):
        page = strict().post(link).content.decode()
        assert f"You have left {ticket.ticket_number}" in words(page)
        assert 'href="/desk/preferences/"' in page
    assert follows(ana, ticket) is False


def test_what_waits_to_be_mailed_of_it_is_not_mailed(ana: User, boss: User, ticket: Ticket) -> None:
    link = link_of_a_mail(boss, ticket)
    add_comment(boss, ticket.pk, text="One more", is_question=True)
    strict().post(link, ONE_CLICK)
    mail.outbox.clear()
    send_due()
    assert mail.outbox == []


def test_of_a_deleted_ticket_it_is_no_error(boss: User, ticket: Ticket) -> None:
    link = link_of_a_mail(boss, ticket)
    actions.delete_ticket(boss, ticket.pk)
    assert strict().post(link, ONE_CLICK).status_code == 200


def test_daily_mails_become_inbox_only(ana: User, boss: User, ticket: Ticket) -> None:
    choose_ways(ana, {Kind.COMMENT: Way.DIGEST, Kind.APPROVED: Way.DIGEST, Kind.MOVED: Way.MAIL})
    add_comment(boss, ticket.pk, text="By the way.")
    link = link_to_leave(ana, None)
    assert "No more daily mails?" in words(strict().get(link).content.decode())
    assert strict().post(link, ONE_CLICK).status_code == 200
    assert dict(ChosenWay.objects.filter(user=ana).values_list("kind", "way")) == {"MOVED": "MAIL"}
    assert not Told.objects.filter(user=ana, mail_due_at__isnull=False).exists()


def test_nobody_leaves_for_somebody_else(ana: User, boss: User, ticket: Ticket) -> None:
    """A link is signed as a whole: one that names another person or ticket is none."""
    link, other = link_to_leave(ana, ticket), link_to_leave(boss, ticket)
    signature = link.rstrip("/").rpartition(":")[2]
    forged = f"{other.rstrip('/').rpartition(':')[0]}:{signature}/"
    for address in (forged, link.replace(":", ".", 1), "/desk/mail/leave/x/", link.rstrip("/")[:-1] + "/"):
        assert strict().get(address).status_code == 404
        assert strict().post(address, ONE_CLICK).status_code == 404
    assert not FollowChoice.objects.exists()
