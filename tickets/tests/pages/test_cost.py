"""What a ticket's page costs where much was said and attached. Calls are counted, which no busy machine changes."""

from __future__ import annotations

import cProfile
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, url
from tickets.comments.rendering import render
from tickets.models import Attachment, Comment, Ticket

pytestmark = pytest.mark.django_db

COMMENTS, ATTACHMENTS = 200, 50
MOST = 1.3  # times the calls of a page on which nothing was said


def much_said(ticket: Ticket, people: list[User]) -> None:
    """Comments by them, a part of them questions or edited, and pictures and texts on the ticket and on the newest."""
    began = datetime.now(UTC) - timedelta(days=20)
    html = render("I have *looked* at it, see https://example.com/ and TKT-2026-000001.").html
    comments = Comment.objects.bulk_create(
        Comment(
            ticket=ticket,
            author=people[n % len(people)],
            text=f"No. {n}",
            html=html,
            rendering=2,
            created_at=began + timedelta(hours=2 * n),
            is_question=n % 7 == 0,
            edited_at=began + timedelta(hours=2 * n, minutes=9) if n % 5 == 0 else None,
        )
        for n in range(COMMENTS)
    )
    for n in range(ATTACHMENTS):
        of = comments[-1 - n // 2] if n % 2 else None
        side = 400 if n % 4 < 2 else None
        Attachment.objects.create(
            ticket=ticket,
            comment=of,
            file_name=f"screenshot {n} (final).png",
            content_type="image/png",
            size=12_345 + 1_000 * n,
            sha256="0" * 64,
            preview_width=side,
            preview_height=side,
            uploaded_by=of.author if of else people[n % len(people)],
            created_at=of.created_at if of else began + timedelta(hours=n),
        )


def calls_of(desk: Desk, address: str) -> int:
    desk.text(address)  # notes the look, and fills what is kept
    profile = cProfile.Profile()
    profile.runcall(desk.text, address)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
def test_a_page_with_much_said_costs_little_more_than_one_with_nothing(
    role: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [factories.associate(name=f"Ana No. {n}") for n in range(10)]
    quiet, busy = factories.ticket(author=people[0]), factories.ticket(author=people[0])
    much_said(busy, people)
    desk = Desk(factories.person(role))
    none, much = (calls_of(desk, url(ticket)) for ticket in (quiet, busy))
    with django_assert_num_queries(2 + 7):  # two for session and person
        page = desk.text(url(busy))
    assert (page.count('<li id="comment-'), page.count(" (final).png</bdi></a>")) == (25, ATTACHMENTS)
    assert much < MOST * none, f"{much} calls beside {none}"
