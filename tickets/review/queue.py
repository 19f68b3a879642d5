"""The drafts that a manager is dealt, and in what order."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When

from accounts.models import User
from tickets.asking.models import Question
from tickets.models import Ticket, TicketQuerySet
from tickets.models.ticket import SORT_KEYS
from tickets.review.models import Lease, SetAside


def queue_of(manager: User, tickets: TicketQuerySet | None = None) -> TicketQuerySet:
    """All drafts on which this manager may decide now, and nobody else is about to, those to be dealt first first.

    Left out is what waits for its author's answer, what the manager has snoozed, and what another holds. First comes
    what was resubmitted to the manager, then what they have asked about and what has been answered or has waited long
    enough; then what is most severe, and of that what has waited longest. What they have skipped comes last, in the
    order in which they did. `tickets` are those of a list, which then says the order instead.
    """
    drafts = (Ticket.objects.all() if tickets is None else tickets).awaiting_review_by(manager).waiting_for_review()
    held = Lease.objects.holding().exclude(manager=manager).filter(ticket=OuterRef("pk"))
    drafts = drafts.filter(~Exists(held), ~Exists(SetAside.objects.of(manager).snoozed()))
    skipped = SetAside.objects.of(manager).skipped().values("set_at")
    found: dict[str, Any] = {"skipped_at": Subquery(skipped)}
    drafts = drafts.annotate(**found)
    skipped_last = F("skipped_at").asc(nulls_first=True)
    if tickets is not None:
        return drafts.order_by(skipped_last, *tickets.query.order_by)
    severity: Any = SORT_KEYS["severity"]
    drafts = drafts.annotate(turn=_turn_for(manager))
    return drafts.order_by(skipped_last, F("turn"), severity.desc(), "updated_at", "year", "sequence")


def _turn_for(manager: User) -> Case:
    asked = Question.objects.of_present_draft().filter(ticket=OuterRef("pk"), asker=manager)
    return Case(
        When(Q(reviewed_by=manager), then=Value(0)),
        When(Exists(asked), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
