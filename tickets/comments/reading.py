"""What was said about a ticket, part by part from the newest."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from tickets.comments.models import Comment, CommentQuerySet

PART_SIZE = 25


@dataclass(frozen=True, slots=True)
class Part:
    """Comments, the oldest first. `number` counts from 1, which is the newest part.

    `after` and `until` are the times between which what else happened to the ticket belongs to this part; None where
    there is no end. So every such thing belongs to one part.
    """

    number: int
    comments: list[Comment]
    after: datetime | None = None
    until: datetime | None = None


def part_of(comments: CommentQuerySet, number: int) -> Part:
    """The part of this number of PART_SIZE comments; the newest for one that is not there."""
    start = (number - 1) * PART_SIZE
    found = list(comments.newest_first()[start : start + PART_SIZE + 1])
    if not found and number > 1:
        return part_of(comments, 1)
    shown, older = found[:PART_SIZE], found[PART_SIZE:]
    return Part(
        number,
        shown[::-1],
        after=older[0].created_at if older else None,
        until=shown[0].created_at if number > 1 else None,
    )


def number_of_part(ticket_id: uuid.UUID, comment_id: uuid.UUID) -> int | None:
    """Which part of what was said about the ticket has this comment; None where none has."""
    newer = Q(created_at__gt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__gt=OuterRef("pk"))
    counted = Comment.objects.filter(newer, ticket=ticket_id).order_by().values("ticket").annotate(count=Count("pk"))
    comment = Comment.objects.filter(pk=comment_id, ticket=ticket_id)
    newer_ones = Coalesce(Subquery(counted.values("count")), 0)
    position = comment.annotate(newer=newer_ones).values_list("newer", flat=True).first()
    return None if position is None else position // PART_SIZE + 1
