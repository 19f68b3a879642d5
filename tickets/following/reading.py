"""Whether a person follows a ticket, and the reasons.

But for what somebody has chosen, the reasons are facts that are kept anyway, and are looked up where they are asked
for. So they hold for all that was done before anybody could follow, and cannot come to differ from what was done.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import User, UserQuerySet
from tickets.following.models import FollowChoice
from tickets.models import Comment, HistoryEntry, Mention, Ticket, TicketQuerySet


class Reason(models.TextChoices):
    RAISED = "RAISED", _("It is your ticket.")
    REVIEWED = "REVIEWED", _("You gave a review.")
    COMMENTED = "COMMENTED", _("You wrote a comment.")
    NAMED = "NAMED", _("A comment names you.")
    CHOSEN = "CHOSEN", _("You chose to.")


@dataclass(frozen=True, slots=True)
class Following:
    """`reasons` are all that there are to follow the ticket, also where the person has left it."""

    ticket_id: uuid.UUID
    is_following: bool
    reasons: list[Reason]


def with_following(tickets: TicketQuerySet, user: User) -> TicketQuerySet:
    """Loads with each ticket what `following_of` asks for, so that it costs no query of its own."""
    return tickets.annotate(**what_connects(user, "pk"))


def what_connects(user: User, ticket: str) -> dict[str, Any]:
    """What `following_of` asks for, for an outer query that has the key of a ticket in the column `ticket`."""
    on_ticket = {"ticket": OuterRef(ticket)}
    return {
        "follows": Subquery(FollowChoice.objects.filter(user=user, **on_ticket).values("follows")),
        "was_reviewed": Exists(HistoryEntry.objects.reviews().filter(user=user, **on_ticket)),
        "was_commented": Exists(Comment.objects.filter(author=user, **on_ticket)),
        "was_named": Exists(Mention.objects.filter(person=user, **on_ticket)),
    }


def connected_with(tickets: Any) -> QuerySet[Any, tuple[uuid.UUID, uuid.UUID]]:
    """Each of these tickets (their keys, or a query of them) with everybody who has a reason to follow it.

    Some of them may have left a ticket, or cannot sign in any more.
    """
    first, *others = (rows.values_list(ticket, person) for rows, ticket, person in _connections(tickets))
    return first.union(*others)


def followers_of(ticket_id: uuid.UUID) -> UserQuerySet:
    """The people who follow this ticket and can sign in."""
    first, *others = (rows.values(person) for rows, _ticket, person in _connections([ticket_id]))
    left = FollowChoice.objects.filter(ticket=ticket_id, follows=False)
    return User.objects.active().filter(pk__in=first.union(*others)).exclude(pk__in=left.values("user"))


def _connections(tickets: Any) -> list[tuple[QuerySet[Any, Any], str, str]]:
    """Rows that are a reason to follow one of these tickets, and which of their columns are the ticket and the person.

    Those of `what_connects` for all people at once.
    """
    return [
        (Ticket.objects.filter(pk__in=tickets), "pk", "created_by"),
        (HistoryEntry.objects.reviews().filter(ticket__in=tickets), "ticket", "user"),
        (Comment.objects.filter(ticket__in=tickets), "ticket", "author"),
        (Mention.objects.filter(ticket__in=tickets), "ticket", "person"),
        (FollowChoice.objects.filter(ticket__in=tickets, follows=True), "ticket", "user"),
    ]


def following_of(user: User, ticket: Ticket, found: Any = None) -> Following:
    """Of a ticket that `with_following` has loaded for this person. Who has left it does not follow it.

    `found` is what has been loaded by `what_connects`, where that is not the ticket itself.
    """
    found = found or ticket
    holds = {
        Reason.RAISED: ticket.created_by_id == user.pk,
        Reason.REVIEWED: found.was_reviewed,
        Reason.COMMENTED: found.was_commented,
        Reason.NAMED: found.was_named,
        Reason.CHOSEN: found.follows is True,
    }
    reasons = [reason for reason, is_one in holds.items() if is_one]
    return Following(ticket.pk, bool(reasons) and found.follows is not False, reasons)
