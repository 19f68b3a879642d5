"""What is done to tickets is told, whichever way it is done: who hears of it, as what, and when not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from config.errors import DomainError
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import upload, upload_by_page
from tests.support.pages import Desk, url
from tickets import actions
from tickets.following.actions import follow_ticket, leave_ticket
from tickets.inbox.models import Kind, Way
from tickets.inbox.ways import choose_ways
from tickets.models import Comment, HistoryEntry, Ticket, Told

pytestmark = pytest.mark.django_db

RAISE = {"action": "CHANGE_SEVERITY", "newSeverity": "VERY_HIGH", "severityChangeReason": "Why?"}
LOWER = {"action": "CHANGE_SEVERITY", "newSeverity": "EASY", "severityChangeReason": "Small."}


def told(*, since: int = 0) -> list[tuple[str, str]]:
    """Of each row the name of whom it tells and the kind, those after the first `since` ones."""
    rows = Told.objects.order_by("pk").values_list("user__name", "kind", "user__email")
    return sorted((name or email, kind) for name, kind, email in rows[since:])


def csv(ticket: Ticket, status: str) -> bytes:
    return f"id,status\n{ticket.pk},{status}\n".encode()


def by_admin(user: User, action: str, ticket: Ticket, **fields: str) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    Desk(user).post("/admin/tickets/ticket/", {"action": action, "_selected_action": [str(ticket.pk)], **fields})


def by_bulk(user: User, action: str, ticket: Ticket) -> None:
    Desk(user).post("/desk/tickets/bulk/", {"action": action, "ticket": f"{ticket.pk}.{ticket.version}"})


def by_rest_bulk(user: User, action: str, ticket: Ticket) -> None:
    answer = ApiClient(user).post("/tickets/bulk", {"action": action.upper(), "ids": [str(ticket.pk)]})
    assert answer.json()["results"][0]["ok"]


def by_page_of_exchange(user: User, ticket: Ticket, status: str) -> None:
    """The dry run of a file, and then the same for good."""
    desk = Desk(user)
    run = upload_by_page(desk, csv(ticket, status)).headers["Location"]
    assert not Told.objects.filter(kind="MOVED", entry__to_status=status).exists()
    assert desk.post(f"{run}apply/").status_code == 302


def review(user: User, ticket: Ticket, **fields: str) -> None:
    assert Desk(user).post(url(ticket, "review/"), {"version": ticket.version, **fields}).status_code == 302


# What is done: the state of the ticket before, each way to do it as a manager, and as what its author hears of it.
WAYS: dict[str, tuple[str, str, Callable[[User, Ticket], Any]]] = {
    "approve by REST": (
        "DRAFT",
        "APPROVED",
        lambda u, t: ApiClient(u).patch(f"/tickets/{t.pk}/review", {"action": "APPROVE"}),
    ),
    "approve by page": ("DRAFT", "APPROVED", lambda u, t: review(u, t, decision="APPROVE")),
    "approve many by REST": ("DRAFT", "APPROVED", lambda u, t: by_rest_bulk(u, "approve", t)),
    "approve many by page": ("DRAFT", "APPROVED", lambda u, t: by_bulk(u, "approve", t)),
    "approve in the admin": ("DRAFT", "APPROVED", lambda u, t: by_admin(u, "approve", t)),
    "lower by REST": ("DRAFT", "APPROVED", lambda u, t: ApiClient(u).patch(f"/tickets/{t.pk}/review", LOWER)),
    "send back by REST": ("DRAFT", "SENT_BACK", lambda u, t: ApiClient(u).patch(f"/tickets/{t.pk}/review", RAISE)),
    "send back in the admin": (
        "DRAFT",
        "SENT_BACK",
        lambda u, t: by_admin(u, "change_severity", t, severity="VERY_HIGH", reason="Why?"),
    ),
    "delete by REST": ("DRAFT", "DELETED", lambda u, t: ApiClient(u).delete(f"/tickets/{t.pk}")),
    "delete by page": ("REVIEW", "DELETED", lambda u, t: Desk(u).post(url(t, "delete/"), {"version": t.version})),
    "delete many by page": ("DRAFT", "DELETED", lambda u, t: by_bulk(u, "delete", t)),
    "delete many by REST": ("DRAFT", "DELETED", lambda u, t: by_rest_bulk(u, "delete", t)),
    "delete in the admin": ("DRAFT", "DELETED", lambda u, t: by_admin(u, "soft_delete", t)),
    "restore by REST": ("gone", "RESTORED", lambda u, t: ApiClient(u).post(f"/tickets/{t.pk}/restore")),
    "restore by page": ("gone", "RESTORED", lambda u, t: Desk(u).post(url(t, "restore/"), {"version": t.version})),
    "restore many by REST": ("gone", "RESTORED", lambda u, t: by_rest_bulk(u, "restore", t)),
    "restore in the admin": ("gone", "RESTORED", lambda u, t: by_admin(u, "restore", t)),
    "import by REST": (
        "PENDING",
        "MOVED",
        lambda u, t: upload(ApiClient(u), "/csv/import", csv(t, "OPEN")),
    ),
    "import by page": ("OPEN", "MOVED", lambda u, t: by_page_of_exchange(u, t, "CLOSED")),
}


@pytest.mark.parametrize("way", WAYS)
def test_whoever_follows_is_told_of_it_and_nobody_else(way: str) -> None:
    state, kind, act = WAYS[way]
    author, follower, left = (factories.associate(name=name) for name in ("author", "follower", "left"))
    ticket = factories.ticket("DRAFT" if state == "gone" else state, author=author, severity="MEDIUM")
    follow_ticket(follower, ticket.pk)
    follow_ticket(left, ticket.pk)
    leave_ticket(left, ticket.pk)
    ticket = factories.deleted(ticket, by=author) if state == "gone" else Ticket.objects.get(pk=ticket.pk)
    boss, before = factories.manager(name="boss"), Told.objects.count()
    act(boss, ticket)
    rows = [row for row in told(since=before) if row[0] in ("author", "follower", "left", "boss")]
    assert rows == [("author", kind), ("follower", kind)]
    entry = HistoryEntry.objects.filter(ticket=ticket).latest("version")
    row = Told.objects.filter(user=author, kind=kind).latest("pk")
    assert (row.entry, row.comment, row.created_at, row.is_read) == (entry, None, entry.created_at, False)


def test_the_nightly_cycle_tells_of_what_it_moves(settings: Any) -> None:
    author, reviewer = factories.associate(name="author"), factories.manager(name="reviewer")
    tickets = [factories.ticket("PENDING", author=author, reviewer=reviewer) for _ in range(6)]
    settings.CRON_SECRET = "b3d7c1f0a9e84d52b3d7c1f0a9e84d52"
    before = Told.objects.count()
    for _ in "12":  # what was moved once is not moved again
        answer = ApiClient().post("/automation/nightly", HTTP_X_CRON_SECRET=settings.CRON_SECRET)
        assert answer.status_code == 201
    moved = HistoryEntry.objects.filter(action="imported").count()
    assert moved >= 4
    assert told(since=before) == sorted([("author", "MOVED")] * moved + [("reviewer", "MOVED")] * moved)
    assert Told.objects.filter(kind="MOVED").values("entry").distinct().count() == moved
    assert {row.ticket_id for row in Told.objects.filter(kind="MOVED")} <= {ticket.pk for ticket in tickets}


def test_who_has_brought_a_file_is_not_told_of_what_it_moves() -> None:
    author, reviewer = factories.associate(name="author"), factories.manager(name="reviewer")
    ticket = factories.ticket("PENDING", author=author, reviewer=reviewer)
    before = Told.objects.count()
    factories.import_status(ticket, "OPEN", user=reviewer)
    assert told(since=before) == [("author", "MOVED")]


def test_a_new_draft_is_told_to_managers_who_may_review_it() -> None:
    own, other = factories.manager(name="own"), factories.manager(name="other")
    factories.manager(name="gone", is_active=False)
    factories.associate(name="colleague")
    factories.ticket(author=own)
    assert told() == [("other", "DRAFT")]
    factories.ticket(author=other)
    assert told() == [("other", "DRAFT"), ("own", "DRAFT")]


def drafts_unread(user: User) -> int:
    return Told.objects.filter(user=user, kind="DRAFT", is_read=False).count()


@pytest.mark.parametrize("how", ["approve", "send back", "lower", "delete"])
def test_what_is_decided_or_deleted_waits_for_nobody_any_more(how: str) -> None:
    boss, others = factories.manager(), [factories.manager(), factories.manager()]
    ticket, waiting = factories.ticket(severity="MEDIUM"), factories.ticket()
    assert [drafts_unread(user) for user in others] == [2, 2]
    acts: dict[str, Any] = {
        "approve": lambda: actions.approve_ticket(boss, ticket.pk),
        "send back": lambda: actions.change_severity(boss, ticket.pk, severity="HIGH", reason="r"),
        "lower": lambda: actions.change_severity(boss, ticket.pk, severity="LOW", reason="r"),
        "delete": lambda: actions.delete_ticket(ticket.created_by, ticket.pk),
    }
    acts[how]()
    assert [drafts_unread(user) for user in others] == [1, 1]
    assert Told.objects.get(user=others[0], ticket=waiting).is_read is False


def test_a_draft_waits_again_after_an_edit_and_after_it_was_restored() -> None:
    boss, other = factories.manager(), factories.manager(name="other")
    ticket = factories.ticket("REVIEW", reviewer=boss)
    actions.edit_ticket(boss, ticket.pk, title="Better")
    assert (drafts_unread(boss), drafts_unread(other)) == (0, 1), "who has sent it in again is not told"
    author = ticket.created_by
    actions.delete_ticket(author, ticket.pk)
    assert drafts_unread(other) == 0
    actions.restore_ticket(author, ticket.pk)
    assert drafts_unread(other) == 1
    assert Told.objects.filter(user=boss, is_read=False).values_list("kind", flat=True).latest("pk") == "RESTORED"


def test_who_is_in_the_way_of_somebody_else_writes_nothing(author: User, boss: User) -> None:
    ticket = factories.ticket("PENDING", author=author)
    before = Told.objects.count()
    for refused in (actions.approve_ticket, actions.delete_ticket):
        with pytest.raises(DomainError):
            refused(boss, ticket.pk)
    assert Told.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_of_managers_who_approve_at_once_one_does_and_all_is_told_once(author: User) -> None:
    bosses, ticket = [factories.manager() for _ in range(6)], factories.ticket(author=author)

    def approve(boss: User) -> None:
        try:
            actions.approve_ticket(boss, ticket.pk)
        except DomainError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(approve, bosses))
    assert Told.objects.filter(user=author).count() == 1
    assert Told.objects.filter(kind="DRAFT").count() == 6
    assert not Told.objects.filter(kind="DRAFT", is_read=False).exists()


def test_an_action_takes_the_same_queries_however_many_are_told(boss: User) -> None:
    counts = []
    for followers in (1, 30):
        ticket = factories.ticket()
        for _ in range(followers):
            follow_ticket(factories.associate(), ticket.pk)
            factories.manager()
        with CaptureQueriesContext(connection) as queries:
            actions.approve_ticket(boss, ticket.pk)
        counts.append(sum("tickets_told" in query["sql"] for query in queries))
    assert counts == [2, 2], "drafts are settled, followers are told"


def test_an_import_tells_all_in_one_statement() -> None:
    counts = []
    for tickets in (1, 30):
        made = [factories.ticket("PENDING") for _ in range(tickets)]
        rows = "".join(f"{ticket.pk},OPEN\n" for ticket in made)
        with CaptureQueriesContext(connection) as queries:
            upload(ApiClient(factories.manager()), "/csv/import", f"id,status\n{rows}".encode())
        counts.append(sum("INSERT INTO tickets_told" in query["sql"] for query in queries))
        assert Told.objects.filter(ticket__in=made, kind="MOVED").count() == 2 * tickets
    assert counts == [1, 1]


def test_what_somebody_wants_to_hear_nothing_of_is_not_written_down(author: User, boss: User) -> None:
    other = factories.manager()
    choose_ways(author, dict.fromkeys(Kind, Way.NOWHERE))
    choose_ways(other, {Kind.DRAFT: Way.NOWHERE})
    ticket = factories.ticket(author=author)
    factories.comment(ticket, text=f"@{author.email}, is it so?")
    factories.import_status(actions.approve_ticket(boss, ticket.pk), "OPEN")
    assert not Told.objects.filter(user__in=[author, other]).exists()


@pytest.mark.parametrize(
    ("constraint", "row"),
    [
        ("told_of_what_its_kind_says", {"kind": "APPROVED", "comment": True}),
        ("told_of_what_its_kind_says", {"kind": "COMMENT", "entry": True}),
        ("told_of_what_its_kind_says", {"kind": "APPROVED"}),
        ("told_of_what_its_kind_says", {"kind": "APPROVED", "comment": True, "entry": True}),
        ("told_of_what_its_kind_says", {"kind": "X", "entry": True}),
        ("told_once_of_each_entry", {"kind": "APPROVED", "entry": True}),
        ("told_once_of_each_comment", {"kind": "NAMED", "comment": True}),
    ],
    ids=str,
)
def test_the_database_holds_what_is_told_to_its_form(
    constraint: str, row: dict[str, Any], author: User, boss: User
) -> None:
    ticket = factories.ticket(author=author)
    said: Comment = factories.comment(ticket)
    actions.approve_ticket(boss, ticket.pk)
    entry = HistoryEntry.objects.get(ticket=ticket, version=2)
    subject = {"comment": said if "comment" in row else None, "entry": entry if "entry" in row else None}
    user = author if "once" in constraint else factories.associate()
    words_of_sqlite = "user_id" if "once" in constraint else constraint
    with pytest.raises(IntegrityError, match=f"{constraint}|{words_of_sqlite}"), transaction.atomic():
        Told.objects.bulk_create(
            [Told(user=user, ticket=ticket, kind=row["kind"], created_at=entry.created_at, **subject)]
        )
