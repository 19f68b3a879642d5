"""Editing a ticket while others do the same, and reviews and edits of one that is gone. Without JavaScript."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, url, words
from tickets import actions
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db


def sent_back(author: User, title: str = "Title", description: str = "One\nTwo") -> Ticket:
    return factories.ticket("REVIEW", author=author, title=title, description=description)


def edited_by_others(ticket: Ticket, *, title: str | None = None, description: str | None = None) -> Ticket:
    """Somebody else edits, and the ticket is sent back once more."""
    actions.edit_ticket(factories.manager(), ticket.pk, title=title, description=description)
    return actions.change_severity(factories.manager(), ticket.pk, severity="VERY_HIGH", reason="More.")


def texts(ticket: Ticket) -> tuple[str, str, str]:
    ticket.refresh_from_db()
    return ticket.status, ticket.title, ticket.description


def test_an_unchanged_text_resubmits_whatever_its_line_ends(author: User) -> None:
    ticket = sent_back(author, description="One\r\nTwo\rThree")
    answer = Desk(author).post(
        url(ticket, "edit/"), {"title": " Title ", "description": "One\r\nTwo\r\nThree", "version": "2"}
    )
    assert answer.headers["Location"] == url(ticket)
    assert texts(ticket) == ("DRAFT", "Title", "One\r\nTwo\rThree")
    assert HistoryEntry.objects.filter(ticket=ticket).newest_first()[0].reason == "edited (nothing)"


def test_line_ends_are_stored_as_lf(author: User) -> None:
    ticket = sent_back(author)
    Desk(author).post(url(ticket, "edit/"), {"title": "a\r\nb", "description": " c\r\nd\r\n", "version": "2"})
    assert texts(ticket) == ("DRAFT", "a\nb", " c\nd\n")


def test_a_stale_edit_takes_over_what_does_not_clash(author: User) -> None:
    ticket = sent_back(author)
    edited_by_others(ticket, title="Their title")
    Desk(author).post(url(ticket, "edit/"), {"title": "Title", "description": "Mine", "version": "2"})
    assert texts(ticket) == ("DRAFT", "Their title", "Mine")
    assert HistoryEntry.objects.filter(ticket=ticket).newest_first()[0].changes == {"description": ["One\nTwo", "Mine"]}


def test_a_clash_stands_side_by_side_and_loses_nothing(author: User) -> None:
    ticket = sent_back(author)
    edited_by_others(ticket, title="Their title", description="Their <text>")
    desk = Desk(author)
    answer = desk.post(url(ticket, "edit/"), {"title": "Title", "description": "My <text>", "version": "2"})
    assert answer.status_code == 409
    page = html(answer)
    assert texts(ticket) == ("REVIEW", "Their title", "Their <text>")
    assert '<div class="compare" dir="auto">My &lt;text&gt;</div>' in page
    assert '<div class="compare" dir="auto"><del>Their</del><ins>My</ins> &lt;text&gt;</div>' in page
    # The form has my description, and their title, which I had not touched.
    assert "My &lt;text&gt;</textarea>" in page
    assert "Their title</textarea>" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    desk.post(url(ticket, "edit/"), {"title": "Their title", "description": "Both", "version": version[1]})
    assert texts(ticket) == ("DRAFT", "Their title", "Both")


def test_an_edit_of_what_was_resubmitted_meanwhile_keeps_the_text(author: User) -> None:
    ticket = sent_back(author)
    actions.edit_ticket(factories.manager(), ticket.pk, description="Theirs")
    answer = Desk(author).post(url(ticket, "edit/"), {"title": "Title", "description": "My text", "version": "2"})
    assert answer.status_code == 400
    assert 'data-refusal="not_in_review"' in html(answer)
    assert "My text</textarea>" in html(answer)
    assert texts(ticket) == ("DRAFT", "Title", "Theirs")


def test_an_invalid_edit_names_the_field_and_keeps_the_text(author: User) -> None:
    ticket = sent_back(author)
    answer = Desk(author).post(url(ticket, "edit/"), {"title": " ", "description": "Kept", "version": "2"})
    assert answer.status_code == 422
    page = html(answer)
    assert '<a href="#id_title">Title: ' in page
    assert re.search(r'<textarea name="title"[^>]* aria-invalid="true"[^>]*>', page)
    assert re.search(r'<textarea name="title"[^>]* aria-describedby="[^"]*id_title_error', page)
    assert "Kept</textarea>" in page


def test_who_edits_reads_why_it_was_sent_back(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    actions.change_severity(boss, ticket.pk, severity="HIGH", reason="Say <which>\nprinter.")
    page = Desk(author).text(url(ticket, "edit/"))
    assert "Why Mia Reed sent it back" in words(page)
    assert ">Say &lt;which&gt;\nprinter.</blockquote>" in page
    assert "Why you sent it back" in Desk(boss).text(url(ticket, "edit/"))
    actions.edit_ticket(author, ticket.pk, title="Better")
    assert "sent it back" not in Desk(author).text(url(ticket, "edit/"))


@pytest.mark.parametrize("by_author", [True, False])
def test_an_edit_of_a_ticket_that_was_deleted_meanwhile_keeps_the_text(by_author: bool, author: User) -> None:
    ticket = sent_back(author)
    factories.deleted(ticket, by=author if by_author else factories.manager())
    typed = {"title": "Mine <1>", "description": "line 1\nline <2>", "version": "2"}
    answer = Desk(author).post(url(ticket, "edit/"), typed)
    assert answer.status_code == 404
    page = html(answer)
    assert 'data-refusal="ticket_not_found"' in page
    assert ">\nMine &lt;1&gt;</textarea>" in page
    assert ">\nline 1\nline &lt;2&gt;</textarea>" in page
    assert Desk(author).get(url(ticket, "edit/")).status_code == 404


@pytest.mark.parametrize(
    ("where", "typed"),
    [
        ("edit/", {"title": "Title", "description": "Kept through the sign-in", "version": "2"}),
        ("review/", {"decision": "HIGH", "reason": "Kept through the sign-in", "version": "2"}),
    ],
)
def test_what_was_kept_over_a_sign_in_is_shown_though_the_ticket_is_gone(
    where: str, typed: dict[str, str], author: User
) -> None:
    ticket = sent_back(author)
    desk = Desk(author)
    desk.lose_session()
    desk.post(url(ticket, where), typed)
    desk.client.force_login(author)
    factories.deleted(ticket)
    answer = desk.get(url(ticket, where if where == "edit/" else ""))
    assert answer.status_code == 404
    assert "Kept through the sign-in</textarea>" in html(answer)


def test_a_review_of_a_ticket_that_was_deleted_meanwhile_keeps_the_reason(author: User, boss: User) -> None:
    ticket = factories.ticket(author=author)
    desk = Desk(boss)
    factories.deleted(ticket, by=author)
    typed = {"decision": "HIGH", "reason": "I wrote this for long", "version": "1"}
    answer = desk.post(url(ticket, "review/"), typed)
    assert (answer.status_code, "I wrote this for long" in html(answer)) == (404, True)
    answer = Desk(factories.associate()).post(url(ticket, "review/"), typed)
    assert (answer.status_code, "I wrote this for long" in html(answer)) == (403, True)
    assert ticket.title not in html(answer)


def test_the_edit_page_of_a_ticket_that_cannot_be_edited_says_so() -> None:
    ticket = factories.ticket("PENDING")
    page = Desk(factories.manager()).text(url(ticket, "edit/"))
    assert "This ticket cannot be edited now." in page
    assert "<textarea" not in page
