"""Whether a person follows a ticket, and the reasons.

But for what somebody has chosen, the reasons are facts that are kept anyway, and are looked up where they are asked
for. So they hold for all that was done before anybody could follow, and cannot come to differ from what was done.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Subquery
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
    on_ticket = {"ticket": OuterRef("pk")}
    found: dict[str, Any] = {
        "follows": Subquery(FollowChoice.objects.filter(user=user, **on_ticket).values("follows")),
        "was_reviewed": Exists(HistoryEntry.objects.reviews().filter(user=user, **on_ticket)),
        "was_commented": Exists(Comment.objects.filter(author=user, **on_ticket)),
        "was_named": Exists(Mention.objects.filter(person=user, **on_ticket)),
    }
    return tickets.annotate(**found)


def followers_of(ticket_id: uuid.UUID) -> UserQuerySet:
    """The people who follow this ticket and can sign in."""
    raised = Ticket.objects.filter(pk=ticket_id).values("created_by")
    people = raised.union(
        HistoryEntry.objects.reviews().filter(ticket=ticket_id).values("user"),
        Comment.objects.filter(ticket=ticket_id).values("author"),
        Mention.objects.filter(ticket=ticket_id).values("person"),
        FollowChoice.objects.filter(ticket=ticket_id, follows=True).values("user"),
    )
    left = FollowChoice.objects.filter(ticket=ticket_id, follows=False)
    return User.objects.active().filter(pk__in=people).exclude(pk__in=left.values("user"))


def following_of(user: User, ticket: Ticket) -> Following:
    """Of a ticket that `with_following` has loaded for this person. Who has left it does not follow it."""
    found = {
        Reason.RAISED: ticket.created_by_id == user.pk,
        Reason.REVIEWED: ticket.was_reviewed,
        Reason.COMMENTED: ticket.was_commented,
        Reason.NAMED: ticket.was_named,
        Reason.CHOSEN: ticket.follows is True,
    }
    reasons = [reason for reason, holds in found.items() if holds]
    return Following(ticket.pk, bool(reasons) and ticket.follows is not False, reasons)
