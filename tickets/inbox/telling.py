"""Telling people of what is said about a ticket and done to it, in the transaction in which it is.

Who follows a ticket is told, and besides whoever is named, and of drafts the managers who may review them; nobody is
told of what they said or did themselves, nor of what they want to hear nothing of. What an import does to many tickets
at once is told by moved.py, beside this.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from accounts.models import User, UserQuerySet
from tickets.following.reading import followers_of
from tickets.inbox.models import Kind, Told, Way
from tickets.inbox.waking import wake
from tickets.inbox.ways import chosen_way, default_way, mail_due_at
from tickets.models import Comment, HistoryEntry, Ticket
from tickets.workflow import Action, Status


def tell_of_comment(comment: Comment, named: Collection[User]) -> None:
    """Tell of a new comment, which names these people. An answer is what comes to who has said nothing since asking."""
    own = Comment.objects.filter(ticket=comment.ticket_id, author=OuterRef("pk"), removed_at=None).newest_first()
    others = Kind.QUESTION if comment.is_question else Kind.COMMENT
    followers, keys = followers_of(comment.ticket_id), {person.pk for person in named}
    people = User.objects.active().filter(Q(pk__in=followers.values("pk")) | Q(pk__in=keys))
    asked: dict[str, Any] = {"has_asked": Subquery(own.values("is_question")[:1])}
    told = []
    for person in _with_ways(people, Kind.NAMED, Kind.ANSWER, others).annotate(**asked):
        kind = Kind.ANSWER if person.has_asked and not comment.is_question else others  # type: ignore[attr-defined]
        told.append(_Person.of(person, Kind.NAMED if person.pk in keys else kind))
    _tell(told, comment.author_id, comment.created_at, ticket_id=comment.ticket_id, comment=comment)


def tell_who_is_named(comment: Comment, named: Collection[User]) -> None:
    """Tell of an edited comment whom it names and who was not told of it before."""
    if named and comment.edited_at:
        people = User.objects.active().filter(pk__in=[person.pk for person in named])
        told = [_Person.of(person, Kind.NAMED) for person in _with_ways(people, Kind.NAMED)]
        _tell(told, comment.author_id, comment.edited_at, ticket_id=comment.ticket_id, comment=comment)


def forget_comment(comment: Comment) -> None:
    Told.objects.filter(comment=comment).delete()


def tell_of_action(ticket: Ticket, entry: HistoryEntry) -> None:
    """Tell of an action that is no import. Call it with the ticket's row locked, or new.

    Who follows the ticket is told first: of a draft that was restored, a manager who follows it hears that it was.
    """
    if entry.from_status == Status.DRAFT and entry.action != Action.RESTORED:
        _settle_draft(ticket.pk)
    told = {}
    if ticket.status == Status.DRAFT and entry.action != Action.DELETED:
        reviewers = User.objects.active_managers().exclude(pk=ticket.created_by_id)
        told = {person.pk: _Person.of(person, Kind.DRAFT) for person in _with_ways(reviewers, Kind.DRAFT)}
    if (kind := _kind_of(entry)) is not None:
        followers = _with_ways(followers_of(ticket.pk), kind)
        told |= {person.pk: _Person.of(person, kind) for person in followers}
    _tell(told.values(), entry.user_id, entry.created_at, ticket_id=ticket.pk, entry=entry)


def _kind_of(entry: HistoryEntry) -> Kind | None:
    """What followers are told of it; a changed severity is told as what came of it."""
    if entry.action == Action.SEVERITY_CHANGED:
        return Kind.SENT_BACK if entry.to_status == Status.REVIEW else Kind.APPROVED
    kinds = {Action.APPROVED: Kind.APPROVED, Action.DELETED: Kind.DELETED, Action.RESTORED: Kind.RESTORED}
    return kinds.get(Action(entry.action))


def _settle_draft(ticket_id: uuid.UUID) -> None:
    """That the draft waits is no news any more: nobody has to work it off, or gets a mail of it.

    Whoever changes several of these rows locks them in the order of their keys, as read_marks.py does.
    """
    rows = Told.objects.drafts_to_review(ticket_id).select_for_update().order_by("pk")
    Told.objects.filter(pk__in=rows.values("pk")).update(is_read=True, mail_due_at=None)


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom to tell, and by which way."""

    pk: uuid.UUID
    time_zone: str
    kind: Kind
    way: Way

    @classmethod
    def of(cls, person: User, kind: Kind) -> _Person:
        """Of a person whom `_with_ways` has loaded for this kind."""
        way = getattr(person, f"way_{kind.lower()}")
        return cls(person.pk, person.time_zone, kind, Way(way) if way else default_way(kind))


def _with_ways(people: UserQuerySet, *kinds: Kind) -> UserQuerySet:
    chosen: dict[str, Any] = {f"way_{kind.lower()}": Subquery(chosen_way(kind)) for kind in kinds}
    return people.annotate(**chosen).only("pk", "time_zone")


def _tell(people: Iterable[_Person], by: uuid.UUID | None, at: datetime, **of: Any) -> None:
    rows = list(_rows(people, by, at, of))
    Told.objects.bulk_create(rows, ignore_conflicts=True)
    if due := [row.mail_due_at for row in rows if row.mail_due_at]:
        wake(min(due))


def _rows(people: Iterable[_Person], by: uuid.UUID | None, at: datetime, of: dict[str, Any]) -> Iterator[Told]:
    for person in sorted(people, key=lambda person: person.pk):
        if person.pk != by and person.way != Way.NOWHERE:
            due_at = mail_due_at(person.way, at, person.time_zone)
            yield Told(user_id=person.pk, kind=person.kind, created_at=at, mail_due_at=due_at, **of)
