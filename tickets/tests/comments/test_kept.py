"""What the database itself refuses of comments, and people who act on them at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.patience import PATIENCE, wait_until
from tickets import actions
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.comments.errors import CommentNotFound
from tickets.errors import TicketNotFound
from tickets.models import Comment, CommentVersion, Ticket

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(milliseconds=1)
GONE = {"text": "", "html": "", "removed_at": NOW, "removed_by": "manager"}
ALLOWED: list[dict[str, Any]] = [{}, {"text": "🦔" * 10_000}, {"edited_at": NOW}, {**GONE, "edited_at": NOW}]
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("comment_text_until_removed", {"text": ""}),
    ("comment_text_until_removed", {"text": "x" * 10_001}),
    ("comment_text_until_removed", {"html": ""}),
    ("comment_text_until_removed", {**GONE, "text": "x"}),
    ("comment_text_until_removed", {**GONE, "html": "x"}),
    ("comment_removal_names_remover", {**GONE, "removed_by": None}),
    ("comment_removal_names_remover", {"removed_by": "manager"}),
    ("comment_edited_after_creation", {"edited_at": BEFORE}),
    ("comment_removed_after_creation", {**GONE, "removed_at": BEFORE}),
    ("comment_rendering_from_one", {"rendering": 0}),
]


def insert(**changed: Any) -> Comment:
    boss = factories.manager()
    fields: dict[str, Any] = {"text": "x", "html": "<p>x</p>", "rendering": 1, "created_at": NOW, **changed}
    if fields.get("removed_by") == "manager":
        fields["removed_by"] = boss
    with transaction.atomic():
        return Comment.objects.bulk_create([Comment(ticket=factories.ticket(), author=boss, **fields)])[0]


@pytest.mark.django_db
def test_a_comment_that_keeps_every_rule_is_allowed() -> None:
    for changed in ALLOWED:
        insert(**changed)


@pytest.mark.django_db
@pytest.mark.parametrize(("constraint", "changed"), BROKEN, ids=range(len(BROKEN)))
def test_a_comment_that_breaks_a_rule_is_refused(constraint: str, changed: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=rf"{constraint}\b"):
        insert(**changed)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "x" * 10_001], ids=range(2))
def test_an_earlier_text_has_the_length_of_a_comment(text: str) -> None:
    comment = insert()
    with pytest.raises(IntegrityError, match="commentversion_text_length"), transaction.atomic():
        CommentVersion.objects.bulk_create([CommentVersion(comment=comment, text=text, written_at=NOW)])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_commentversion SET text = 'nothing'",
        "UPDATE tickets_commentversion SET text = '(removed)'",  # without leave
        "UPDATE tickets_commentversion SET id = id",
        "DELETE FROM tickets_commentversion",
        "TRUNCATE tickets_commentversion",
    ],
)
def test_earlier_texts_are_append_only(statement: str) -> None:
    CommentVersion.objects.create(comment=insert(), text="Before", written_at=NOW)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL service_ticket.allow_truncate = 'off'")  # which the tests' own connections may
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        elif statement.startswith("TRUNCATE"):
            return  # SQLite knows none
    with (
        pytest.raises(IntegrityError, match="Earlier texts are append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert CommentVersion.objects.get().text == "Before"


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["tickets_ticket", "accounts_user"])
def test_a_comment_keeps_its_ticket_and_its_people(table: str) -> None:
    comment = insert()
    key = comment.ticket_id if table == "tickets_ticket" else comment.author_id
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key.hex if connection.vendor == "sqlite" else key])
        connection.check_constraints()


# --- At the same moment


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of each, which set out together: `done`, or the name of what it was refused with."""
    start, told = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            start.wait(PATIENCE)
            act()
            told[place] = "done"
        except Exception as error:  # noqa: BLE001 - told to the test
            told[place] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_lose_no_text() -> None:
    author = factories.associate()
    for _ in range(5):
        comment = factories.comment(factories.ticket(), author=author, text="One")
        told = at_once(*(partial(edit_comment, author, comment.pk, text=text) for text in ("Two", "Three")))
        assert told == ["done", "done"]
        kept = list(comment.versions.order_by("pk").values_list("text", flat=True))
        comment.refresh_from_db()
        assert kept[0] == "One"
        assert {kept[1], comment.text} == {"Two", "Three"}


@pytest.mark.django_db(transaction=True)
def test_of_two_removals_one_wins_and_an_edit_never_brings_a_text_back() -> None:
    author, boss = factories.associate(), factories.manager()
    for _ in range(5):
        comment = factories.comment(factories.ticket(), author=author, text="One")
        told = at_once(
            partial(remove_comment, author, comment.pk),
            partial(remove_comment, boss, comment.pk),
            partial(edit_comment, author, comment.pk, text="Two"),
        )
        assert Counter(told[:2]) == {"done": 1, "CommentNotFound": 1}
        assert told[2] in ("done", "CommentNotFound")
        comment.refresh_from_db()
        assert (comment.text, comment.html) == ("", "")
        assert comment.versions.count() == (2 if told[2] == "done" else 1)


@pytest.mark.django_db(transaction=True)
def test_no_comment_comes_to_a_ticket_that_is_being_deleted() -> None:
    author, other = factories.associate(), factories.associate()
    for _ in range(10):
        ticket = factories.ticket(author=author)
        told = at_once(
            partial(actions.delete_ticket, author, ticket.pk),
            partial(add_comment, other, ticket.pk, text="Wait"),
        )
        assert told[0] == "done"
        assert told[1] in ("done", "TicketNotFound")
        said = list(Comment.objects.filter(ticket=ticket))
        assert len(said) == (told[1] == "done")
        deleted_at = Ticket.objects.get(pk=ticket.pk).deleted_at
        assert deleted_at
        assert all(comment.created_at <= deleted_at for comment in said)


@pytest.mark.django_db(transaction=True)
def test_whoever_comments_while_a_ticket_is_being_deleted_waits_and_is_told() -> None:
    """On SQLite the second transaction waits as a whole."""
    author, outcome = factories.associate(), list[str]()
    ticket = factories.ticket(author=author)
    with transaction.atomic():
        actions.delete_ticket(author, ticket.pk)
        thread = threading.Thread(target=lambda: outcome.extend(at_once(lambda: comment_on(ticket))))
        thread.start()
        if connection.vendor == "postgresql":
            wait_until(lambda: waiting_for_us() > 0)
        assert outcome == []
    thread.join()
    assert outcome == ["TicketNotFound"]


def comment_on(ticket: Ticket) -> None:
    add_comment(factories.associate(), ticket.pk, text="Wait")


def waiting_for_us() -> int:
    """How many sessions wait for what this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_an_import_and_comments_do_not_wait_for_each_other() -> None:
    """On SQLite, where one writes at a time, they have to."""
    if connection.vendor != "postgresql":
        return
    ticket, other = factories.ticket("PENDING"), factories.associate()
    with transaction.atomic():
        factories.import_status(ticket, "OPEN")
        assert at_once(lambda: add_comment(other, ticket.pk, text="Meanwhile")) == ["done"]
    with transaction.atomic():
        add_comment(other, ticket.pk, text="Meanwhile")
        assert at_once(lambda: factories.import_status(ticket, "CLOSED")) == ["done"]


@pytest.mark.django_db
def test_an_action_refuses_by_itself_what_no_request_can_reach() -> None:
    """Whoever calls it, a page or a command, is told the same."""
    author = factories.associate()
    comment = factories.comment(factories.ticket(author=author), author=author)
    factories.deleted(comment.ticket, by=author)
    with pytest.raises(TicketNotFound):
        add_comment(author, comment.ticket_id, text="x")
    with pytest.raises(TicketNotFound):
        edit_comment(author, comment.pk, text="x")
    factories.restored(comment.ticket)
    remove_comment(author, comment.pk)
    with pytest.raises(CommentNotFound):
        remove_comment(author, comment.pk)


@pytest.mark.django_db(transaction=True)
def test_two_requests_with_one_key_make_one_comment() -> None:
    author = factories.associate()
    ticket, api = factories.ticket(), ApiClient(author)
    ids = list[str]()

    def send() -> None:
        path, key = f"/tickets/{ticket.pk}/comments", {"Idempotency-Key": "k"}
        ids.append(api.post(path, {"text": "Once"}, headers=key).json()["id"])

    told = at_once(*[send] * 4)
    assert told == ["done"] * 4
    assert len(set(ids)) == Comment.objects.count() == 1
