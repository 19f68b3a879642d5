"""Naming people in comments: whom a text names, how that stands there, and whom the list below the field offers."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.pages import Desk
from tests.support.patience import own_seconds
from tickets.audit.erasing import erase_texts
from tickets.comments import rendering
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.comments.naming import MOST_NAMED
from tickets.comments.rendering import render
from tickets.models import Comment, Mention, Ticket

ANA = User(id=uuid.UUID(int=8), email="ana@example.com", name='Ana "<b>" Só')
MARK = (
    '<span class="who tone-1 named" data-initials="AS" title="Ana &quot;&lt;b&gt;&quot; Só (ana@example.com)">'
    '<bdi>Ana "&lt;b&gt;" Só</bdi></span>'
)
# A text and the HTML of its paragraph, in which ANA stands for her name with its mark.
CASES = [
    ("@ana@example.com", "ANA"),
    ("Ask @ana@example.com.", "Ask ANA."),
    ("(@ana@example.com), @ana@example.com's", "(ANA), ANA's"),
    ("**@ana@example.com**", "<strong>ANA</strong>"),
    ("@ANA@example.com", "@ANA@example.com"),  # whoever looks for people brings each spelling that stands in the text
    ("@bob@example.com", "@bob@example.com"),
    ("@ana@example.com.br", "@ana@example.com.br"),
    ("ana@example.com", "ana@example.com"),
    ("bob@ana@example.com x/@@ana@example.com", "bob@ana@example.com x/@@ana@example.com"),
    ("`@ana@example.com`", "<code>@ana@example.com</code>"),
    (r"\@ana@example.com TKT-2026-1", "ANA TKT-2026-1"),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("text", "html"), CASES, ids=range(len(CASES)))
def test_who_is_named_stands_there_with_name_and_mark(text: str, html: str) -> None:
    made = render(text, {"ana@example.com": ANA})
    assert made.html.strip() == f'<p dir="auto">{html.replace("ANA", MARK) if "@ANA" not in html else html}</p>'
    assert made.named == ([ANA] if made.html.count("<bdi>") else [])


@pytest.mark.no_database
def test_a_link_names_nobody() -> None:
    for text in ("[@ana@example.com](https://a.example)", "[" * 10_000 + "@ana@example.com"):
        made = render(text, {"ana@example.com": ANA})
        assert made.named == []
        assert "who" not in made.html


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text", ["@a@b " * 2_000, "@ana@example.com " * 580, "@" * 10_000, " @" + "a." * 5_000], ids=range(4)
)
def test_the_worst_text_takes_little_time(text: str) -> None:
    took, html = list[float](), ""
    while not took or (took[-1] >= 0.2 and len(took) < 4):  # again, since the machine may have stood still meanwhile
        with own_seconds() as seconds:
            html = render(text, {"ana@example.com": ANA}).html
        took.append(seconds())
    assert min(took) < 0.2
    assert len(html) < 200_000


def named(comment: Comment) -> set[str]:
    return {mention.person.email for mention in Mention.objects.filter(comment=comment, ticket=comment.ticket_id)}


def shown(comment: Comment) -> list[str]:
    comment.refresh_from_db()
    return re.findall("<bdi>(.*?)</bdi>", rendering.html_of(comment))


@pytest.fixture
def maria() -> User:
    return factories.associate(email="maria.silva@example.com")


@pytest.mark.django_db
def test_a_comment_names_people_by_their_e_mails_however_those_are_spelled(maria: User) -> None:
    factories.associate(email="joão@bücher.example", name="João")
    factories.associate(email="gone@example.com", is_active=False)
    text = "@Maria.Silva@Example.com @joão@xn--bcher-kva.example @gone@example.com @no@example.com"
    answer = ApiClient(factories.associate()).post(f"/tickets/{factories.ticket().pk}/comments", {"text": text})
    made: Any = answer.json()
    assert made["text"] == text
    comment = Comment.objects.get(pk=made["id"])
    assert named(comment) == {"maria.silva@example.com", "joão@bücher.example"}
    assert shown(comment) == ["Maria Silva", "João"]
    assert "@gone@example.com @no@example.com" in made["html"]


@pytest.mark.django_db
def test_whom_a_comment_names_follows_its_text(maria: User) -> None:
    author, other, ticket = factories.associate(), factories.associate(), factories.ticket()
    comment = add_comment(author, ticket.pk, text=f"@{maria.email}")
    edit_comment(author, comment.pk, text=f"@{maria.email} and @{other.email}")
    assert named(comment) == {maria.email, other.email}
    edit_comment(author, comment.pk, text=f"@{other.email}")
    assert named(comment) == {other.email}
    remove_comment(author, comment.pk)
    assert named(comment) == set()
    factories.comment(ticket, text=f"@{maria.email}")
    erase_texts(factories.manager(), Ticket.objects.get(pk=ticket.pk), why="The law asks for it.")
    assert not Mention.objects.exists()


@pytest.mark.django_db
def test_who_is_named_in_a_ticket_follows_it(maria: User) -> None:
    ticket = factories.ticket()
    factories.comment(ticket, text=f"@{maria.email}")
    told: Any = ApiClient(maria).get(f"/tickets/{ticket.pk}/following").json()
    assert (told["isFollowing"], told["reasons"]) == (True, ["NAMED"])


@pytest.mark.django_db
def test_a_comment_names_so_many_people_and_looks_once_for_them() -> None:
    people = [factories.associate() for _ in range(MOST_NAMED + 5)]
    author, ticket = factories.associate(), factories.ticket()
    counts, made = [], []
    for some in (people[:1], people):
        with CaptureQueriesContext(connection) as queries:
            made.append(add_comment(author, ticket.pk, text=" ".join(f"@{person.email}" for person in some)))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert named(made[1]) == {person.email for person in people[:MOST_NAMED]}
    assert len(shown(made[1])) == MOST_NAMED


@pytest.mark.django_db
def test_what_is_rendered_anew_names_whom_it_named_then_and_nobody_else(maria: User) -> None:
    ticket = factories.ticket()
    told = factories.comment(ticket, text=f"@{maria.email}")
    untold = factories.comment(ticket, text=f"@later@example.com @{maria.email}")
    Mention.objects.filter(comment=untold).delete()
    factories.associate(email="later@example.com")
    User.objects.filter(pk=maria.pk).update(is_active=False)
    Comment.objects.update(rendering=1)
    assert shown(told) == ["Maria Silva"]
    assert shown(untold) == []


@pytest.mark.django_db
def test_the_list_offers_people_by_name_or_e_mail(maria: User) -> None:
    factories.associate(email="gone@example.com", name="Maria Gone", is_active=False)
    for n in range(8):
        factories.associate(email=f"jose{n}@example.com", name="José Díaz")
    desk = Desk(maria)

    def offered(typed: str) -> list[str]:
        return re.findall(r'data-email="([^"]+)"', desk.text(f"/desk/comments/people/?q={typed}"))

    assert offered("diaz") == [f"jose{n}@example.com" for n in range(6)]
    assert offered("jose7") == ["jose7@example.com"]
    assert offered("maria") == [], "neither oneself nor who cannot sign in"
    assert offered("") == offered("%00") == []


@pytest.mark.django_db
def test_a_preview_names_people_and_tells_nobody(maria: User) -> None:
    page = Desk(factories.associate()).post("/desk/comments/preview/", {"text": f"@{maria.email}"})
    assert "<bdi>Maria Silva</bdi></span></p>" in page.content.decode()
    assert not Mention.objects.exists()
