"""`in=comments` has the search of the API find tickets by what was said about them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.comments.actions import edit_comment, remove_comment
from tickets.models import CommentText, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return factories.associate()


def found(user: User, q: str, where: str = "&in=comments") -> set[str]:
    answer = ApiClient(user).get(f"/tickets?q={quote(q)}{where}")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["total"] == len(body["items"])
    return {item["id"] for item in body["items"]}


def test_comments_are_found_where_they_are_asked_for(ana: User) -> None:
    said, written, neither = (factories.ticket(title=title, description="d") for title in ("a", "The ÉLAN, b", "c"))
    factories.comment(said, text="Un  grand *élan*\n– “vite”")
    factories.comment(said, text="élan once more")
    factories.comment(neither, text="100% of it")
    assert found(ana, "ELAN") == set()
    assert found(ana, "Élan") == {str(said.pk), str(written.pk)}
    assert found(ana, "Élan", "") == found(ana, "Élan", "&in=") == {str(written.pk)}
    assert found(ana, '- "VITE"') == {str(said.pk)}
    assert found(ana, "0% of") == {str(neither.pk)}
    assert found(ana, "0_ of") == set()
    assert found(ana, neither.ticket_number) == {str(neither.pk)}
    assert len(found(ana, "")) == 3
    assert found(ana, "élan", "&in=comments&status=OPEN") == set()


def test_what_is_not_said_any_more_is_not_found(ana: User) -> None:
    ticket = factories.ticket()
    comment = factories.comment(ticket, author=ana, text="a secret word")
    edit_comment(ana, comment.pk, text="another word")
    assert (found(ana, "secret"), found(ana, "another word")) == (set(), {str(ticket.pk)})
    remove_comment(ana, comment.pk)
    assert found(ana, "another word") == set()
    assert not CommentText.objects.exists()


def test_deleted_tickets_are_not_found(ana: User) -> None:
    ticket = factories.ticket(author=ana)
    factories.comment(ticket, text="a word")
    factories.deleted(ticket, by=ana)
    assert found(ana, "a word") == set()


@pytest.mark.parametrize("where", ["titles", "comments,titles", "Comments", "1"])
def test_elsewhere_nothing_can_be_looked_for(ana: User, where: str) -> None:
    for query in (f"in={where}", f"q=x&in={where}"):
        error = assert_error(ApiClient(ana).get(f"/tickets?{query}"), 400, "invalid_input")
        assert set(error["fields"]) == {"in"}


def test_texts_are_folded_anew(ana: User, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = factories.ticket()
    kept, lost = (factories.comment(ticket, author=ana, text=text) for text in ("Wörd", "Lost"))
    gone = factories.comment(ticket, author=ana, text="Gone")
    remove_comment(ana, gone.pk)
    CommentText.objects.filter(comment=kept).update(text="as before", folding=None)
    call_command("refold_search_texts")
    assert capsys.readouterr().out == "1 texts folded anew.\n"
    assert found(ana, "wörd") == {str(ticket.pk)}
    CommentText.objects.filter(comment=lost).delete()
    call_command("refold_search_texts", "--all")
    assert sorted(CommentText.objects.values_list("text", "folding")) == [("lost", 1), ("wörd", 1)]


def test_the_index_is_used_on_postgresql(ana: User) -> None:
    """Both texts are looked up by their trigrams, and no ticket that neither of them names."""
    if connection.vendor != "postgresql":
        return
    factories.comment(factories.ticket(), author=ana, text="Nothing")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # for so few rows it would read them all
    plan = Ticket.objects.live().matching("abcdef0123", in_comments=True).explain()
    assert "tickets_commenttext_trigrams" in plan, plan
