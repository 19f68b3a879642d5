"""`ETag` and `If-None-Match` of the list: 304 says that not one letter of the answer would be another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.databases.transactions import not_yet_committed
from tickets import actions
from tickets.audit.erasing import erase_texts
from tickets.events.numbering import number_events
from tickets.listing import tag
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

LISTS = ("/tickets", "/tickets?status=DRAFT&pageSize=1", "/tickets?createdBy=me&sort=updatedAt", "/tickets?page=9")


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def boss() -> User:
    return factories.manager()


def ask(client: ApiClient, path: str, known: str | None = None) -> Any:
    return client.get(path, headers={"If-None-Match": known} if known else {})


def is_as_before(client: ApiClient, path: str, known: str) -> bool:
    """Whether the answer to who knows this tag is 304; the body must then be empty and the tag the same."""
    answer = ask(client, path, known)
    if answer.status_code == 200:
        assert answer["ETag"] != known
        return False
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", known)
    return True


@pytest.mark.parametrize("path", LISTS)
def test_a_list_that_is_known_is_not_sent_again(path: str, author: User) -> None:
    factories.ticket(author=author)
    client = ApiClient(author)
    known = ask(client, path)["ETag"]
    assert known.startswith('"')
    for header in (known, f"W/{known}", f'"x", {known}', "*"):
        assert ask(client, path, header).status_code == 304
    for header in ('"x"', known.strip('"'), "x", ""):
        assert ask(client, path, header).status_code == 200


def approve(draft: Ticket, author: User, boss: User) -> None:
    actions.approve_ticket(boss, draft.pk)


def send_back(draft: Ticket, author: User, boss: User) -> None:
    actions.change_severity(boss, draft.pk, severity="HIGH", reason="Why?")


def edit(draft: Ticket, author: User, boss: User) -> None:
    send_back(draft, author, boss)
    known = ask(ApiClient(author), "/tickets")["ETag"]
    actions.edit_ticket(author, draft.pk, title="Another")
    assert not is_as_before(ApiClient(author), "/tickets", known)


def delete(draft: Ticket, author: User, boss: User) -> None:
    actions.delete_ticket(author, draft.pk)


def restore(draft: Ticket, author: User, boss: User) -> None:
    delete(draft, author, boss)
    known = ask(ApiClient(author), "/tickets")["ETag"]
    actions.restore_ticket(author, draft.pk)
    assert not is_as_before(ApiClient(author), "/tickets", known)


def create(draft: Ticket, author: User, boss: User) -> None:
    factories.ticket(author=boss)


def bring_in(draft: Ticket, author: User, boss: User) -> None:
    approve(draft, author, boss)
    known = ask(ApiClient(author), "/tickets")["ETag"]
    factories.import_status(Ticket.objects.get(pk=draft.pk), "OPEN")
    assert not is_as_before(ApiClient(author), "/tickets", known)


@pytest.mark.parametrize("change", [create, approve, send_back, edit, delete, restore, bring_in])
def test_whatever_happens_to_a_ticket_makes_it_another(
    change: Callable[[Ticket, User, User], None], author: User, boss: User
) -> None:
    draft = factories.ticket(author=author)
    client = ApiClient(author)
    known = {path: ask(client, path)["ETag"] for path in LISTS}
    change(draft, author, boss)
    assert [path for path in LISTS if is_as_before(client, path, known[path])] == []
    again = {path: ask(client, path)["ETag"] for path in LISTS}
    number_events()  # as a reader of the feed does, by which nothing happens to a ticket
    assert all(is_as_before(client, path, again[path]) for path in LISTS)


def test_texts_that_are_removed_make_it_another_although_nothing_happened_to_the_ticket(
    author: User, boss: User
) -> None:
    draft = factories.ticket(author=author, title="Of a person")
    client = ApiClient(author)
    known = ask(client, "/tickets")["ETag"]
    erase_texts(boss, draft, why="They asked for it.")
    assert not is_as_before(client, "/tickets", known)
    assert "Of a person" not in ask(client, "/tickets").content.decode()


def test_each_query_and_each_person_has_its_own(author: User, boss: User) -> None:
    factories.ticket(author=author)
    tags = [ask(ApiClient(user), path)["ETag"] for user in (author, boss) for path in LISTS]
    assert len(set(tags)) == 2 * len(LISTS)
    known = tags[0]
    actor = factories.set_role(author, "MANAGER")
    assert not is_as_before(ApiClient(actor), LISTS[0], known)


def test_a_desk_without_tickets_has_one_too(author: User) -> None:
    client = ApiClient(author)
    known = ask(client, "/tickets")["ETag"]
    assert is_as_before(client, "/tickets", known)
    factories.ticket()
    assert not is_as_before(client, "/tickets", known)


def test_a_search_has_none(author: User) -> None:
    factories.ticket(author=author)
    answer = ask(ApiClient(author), "/tickets?q=printer", "*")
    assert (answer.status_code, answer.json()["total"]) == (200, 1)
    assert "ETag" not in answer
    assert "ETag" in ask(ApiClient(author), "/tickets?q=")


def test_what_is_refused_is_refused_whoever_knows_it(author: User) -> None:
    assert_error(ask(ApiClient(author), "/tickets?status=NEW", "*"), 400, "invalid_input")
    assert_error(ask(ApiClient(author), "/tickets?page=0", "*"), 400, "invalid_input")
    assert_error(ask(ApiClient(), "/tickets", "*"), 401, "unauthorized")


@pytest.mark.django_db(transaction=True)
def test_what_commits_behind_what_is_known_makes_it_another() -> None:
    """The change began first and is seen last, so no time and no number of it is above those that are known."""
    boss, author = factories.manager(), factories.associate()
    late, soon = factories.ticket(author=author), factories.ticket(author=author)
    client = ApiClient(author)
    with not_yet_committed(lambda: actions.approve_ticket(boss, late.pk)):
        if connection.vendor == "postgresql":  # only one writes on SQLite
            actions.approve_ticket(boss, soon.pk)
        known = ask(client, "/tickets")
        assert [t["status"] for t in known.json()["items"] if t["id"] == str(late.pk)] == ["DRAFT"]
        number_events()
        numbered = ask(client, "/tickets")
        assert is_as_before(client, "/tickets", numbered["ETag"])
    for answer in (known, numbered):
        assert not is_as_before(client, "/tickets", answer["ETag"])


def test_where_many_events_wait_a_list_has_them_numbered(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag, "MOST_WAITING", 3)
    client = ApiClient(author)
    for _ in range(3):
        factories.ticket(author=author)
    first = ask(client, "/tickets")
    assert first.json()["total"] == 3
    assert ("ETag" in first) is (connection.vendor == "sqlite")  # where none waits
    assert "ETag" in ask(client, "/tickets")


def test_browsers_may_keep_it_and_have_to_ask(author: User) -> None:
    assert ask(ApiClient(author), "/tickets")["Cache-Control"] == "private, no-cache"
    assert Client().get("/tickets").status_code == 401
