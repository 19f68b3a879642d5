"""What people are told of what was said, and what they have read.

What was said is told by telling.py, beside this, and all that is read is marked by read_marks.py only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection

    from django.db.models import QuerySet

    from accounts.models import User
    from tickets.models.ticket import TicketQuerySet


class ReadMarkQuerySet(models.QuerySet["ReadMark"]):
    def of(self, user: User, tickets: Collection[uuid.UUID] | QuerySet[Any, Any]) -> Self:
        """This person's marks of these tickets: `tickets` are their keys, or a query that selects those."""
        return self.filter(user=user, ticket__in=tickets)

    def have_read(self, user: User, ticket_id: uuid.UUID, version: int) -> bool:
        """Whether one of them says that this person has read what happened to the ticket up to this version."""
        return self.filter(user=user, ticket=ticket_id, version__gte=version).exists()

    def cover(self, user: User, *, ticket: str, version: str) -> Exists:
        """Whether a mark of this person covers a row of an outer query, whose columns are named."""
        return Exists(self.filter(user=user, ticket=OuterRef(ticket), version__gte=OuterRef(version)))


class ReadMark(models.Model):
    """Up to which version of a ticket a person has read what happened to it.

    It tells of what came after the person's `inbox_read_at`; all before that is read. Marks count versions and not
    times, so that neither two tabs nor an entry whose transaction took long can have something count as read that
    nobody saw.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()

    objects: ClassVar[ReadMarkQuerySet] = ReadMarkQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "ticket"], name="readmark_one_for_each_ticket"),
            models.CheckConstraint(name="readmark_version_from_one", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.version}"


class Kind(models.TextChoices):
    """Why somebody is told of a comment. Where several fit, the first one counts."""

    NAMED = "NAMED", _("named you")
    QUESTION = "QUESTION", _("asked a question")
    ANSWER = "ANSWER", _("answered you")
    COMMENT = "COMMENT", _("commented")


class ToldQuerySet(models.QuerySet["Told"]):
    def about(self, tickets: TicketQuerySet) -> Self:
        """What is about these tickets."""
        return self.filter(Exists(tickets.filter(pk=OuterRef("ticket"))))

    def unread_by(self, user: User) -> Self:
        return self.filter(user=user, is_read=False)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Told(models.Model):
    """A person is told of a comment, which was written, or came to name them, at this time.

    It is written in the transaction of what it tells of, and is about the ticket of the comment.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    comment = models.ForeignKey("tickets.Comment", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    created_at = models.DateTimeField()
    is_read = models.BooleanField(default=False)

    objects: ClassVar[ToldQuerySet] = ToldQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="told_once_of_each_comment"),
            models.CheckConstraint(name="told_kind_known", condition=Q(kind__in=Kind.values)),
        ]
        indexes = [
            models.Index(fields=["user", "created_at", "id"], name="told_newest"),
            models.Index(fields=["user", "ticket"], name="told_unread", condition=Q(is_read=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"
