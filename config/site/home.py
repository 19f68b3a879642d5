"""The home page and what it shows: what needs a person, how the exchange keeps its hours, and how the desk is doing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from csvsync.exchange.lateness import LastCycles, last_cycles
from tickets.asking.models import Question
from tickets.asking.reading import asked_of
from tickets.figures import Figures, measure_desk
from tickets.inbox import notifications
from tickets.inbox.models import Told
from tickets.models import DUE_SOON, HistoryEntry, Ticket, TicketQuerySet
from tickets.workflow import Status

QUEUE_SHOWN = 8
SENT_BACK_SHOWN = 4
DRAFTS_SHOWN = 5
NEWS_SHOWN = 5
DUE_SHOWN = 5
ASKED_SHOWN = 4

QUEUE_QUERY = "awaiting=me&waitingFor=review&sort=updatedAt"
ASKED_QUERY = "awaiting=me&waitingFor=author&sort=updatedAt"
SENT_BACK_QUERY = "createdBy=me&status=REVIEW&sort=updatedAt"
DRAFTS_QUERY = "createdBy=me&status=DRAFT&sort=updatedAt"


# A ticket, and what the address of its page carries so that the page knows its neighbours in a list.
type Linked = tuple[Ticket, str]


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for this manager's review, those that wait longest first; `too_long` of all wait too long.

    Besides, `asked` drafts wait for an answer of their authors first.
    """

    total: int
    asked: int
    too_long: int
    rows: list[Linked]

    @property
    def query(self) -> str:
        """The query of the list that shows the whole queue; the queries of Own are meant likewise."""
        return QUEUE_QUERY

    @property
    def asked_query(self) -> str:
        return ASKED_QUERY

    @property
    def limit(self) -> timedelta:
        """For how long a draft may wait before it counts as waiting too long."""
        return settings.REVIEW_WITHIN


@dataclass(frozen=True, slots=True)
class Own:
    """What an associate has raised: sent back (as the entries that did it), waiting for a review, and the news."""

    sent_back_total: int
    sent_back: list[tuple[HistoryEntry, str]]
    drafts_total: int
    drafts: list[Linked]
    news: list[Told]

    @property
    def sent_back_query(self) -> str:
        return SENT_BACK_QUERY

    @property
    def drafts_query(self) -> str:
        return DRAFTS_QUERY


@dataclass(frozen=True, slots=True)
class Due:
    """How many tickets are overdue and due soon, and the first of both by their due date."""

    overdue: int
    soon: int
    rows: list[Ticket]


@dataclass(frozen=True, slots=True)
class Home:
    """A manager has a queue and no own tickets here, an associate the other way round.

    `asked` are questions that either owes an answer to.
    `due` is about the whole desk for a manager, about their own tickets for an associate.
    """

    queue: Queue | None
    own: Own | None
    asked: list[Question]
    due: Due
    exchange: LastCycles
    figures: Figures


@require_safe
@sign_in_required
def home(request: SignedInRequest) -> HttpResponse:
    """All of it for this person, as of now; at most 11 queries."""
    user = request.user
    live = Ticket.objects.visible_to(user).live()
    shown = Home(
        queue=_queue(user) if user.is_manager else None,
        own=None if user.is_manager else _own(user),
        asked=asked_of(user, limit=ASKED_SHOWN),
        due=_due(live if user.is_manager else live.raised_by(user)),
        exchange=last_cycles(),
        figures=measure_desk(),
    )
    return render(request, "home.html", {"home": shown})


def _queue(user: User) -> Queue:
    mine = Ticket.objects.awaiting_review_by(user)
    counts = mine.with_asked().aggregate(total=Count("pk"), asked=Count("pk", filter=Q(is_asked=True)))
    waiting = mine.waiting_for_review()
    rows = _rows(waiting.sorted_by("updatedAt"), QUEUE_SHOWN)
    too_long = waiting.waiting_too_long().count()
    total = counts["total"] - counts["asked"]
    return Queue(total=total, asked=counts["asked"], too_long=too_long, rows=_linked(rows, QUEUE_QUERY))


def _own(user: User) -> Own:
    mine = Ticket.objects.visible_to(user).live().raised_by(user)
    in_review, in_draft = Q(status=Status.REVIEW), Q(status=Status.DRAFT)
    counts = mine.aggregate(sent_back=Count("pk", filter=in_review), drafts=Count("pk", filter=in_draft))
    sent_back = HistoryEntry.objects.sent_back(mine)[:SENT_BACK_SHOWN]
    drafts = _rows(mine.filter(in_draft).sorted_by("updatedAt"), DRAFTS_SHOWN)
    return Own(
        sent_back_total=counts["sent_back"],
        sent_back=_linked(sent_back, SENT_BACK_QUERY),
        drafts_total=counts["drafts"],
        drafts=_linked(drafts, DRAFTS_QUERY),
        news=notifications.newest(user, limit=NEWS_SHOWN),
    )


def _due(tickets: TicketQuerySet) -> Due:
    now = timezone.now()
    due = tickets.due_before(now + DUE_SOON)
    counts = due.aggregate(total=Count("pk"), overdue=Count("pk", filter=Q(due_date__lt=now)))
    rows = _rows(due.sorted_by("dueDate"), DUE_SHOWN)
    return Due(overdue=counts["overdue"], soon=counts["total"] - counts["overdue"], rows=rows)


def _rows(tickets: TicketQuerySet, shown: int) -> list[Ticket]:
    return list(tickets.select_related("created_by").defer("description")[:shown])


def _linked[Row](rows: Iterable[Row], query: str) -> list[tuple[Row, str]]:
    """Each row with what the address of its ticket carries, so that the page there knows its neighbours in the list."""
    return [(row, urlencode({"list": query, "at": at})) for at, row in enumerate(rows)]
