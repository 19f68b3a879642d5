"""The history of tickets: one entry for each accepted action, which nobody changes or removes afterwards."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from tickets.inbox.models import ReadMark
from tickets.models.expressions import legal_moves, severity_rank
from tickets.models.ticket import Ticket
from tickets.workflow import Action, Severity, Status

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User
    from tickets.models.ticket import TicketQuerySet

OWN_TICKETS_TOLD_OF = 500


class HistoryQuerySet(models.QuerySet["HistoryEntry"]):
    def newest_first(self) -> Self:
        return self.order_by("-version")

    def sent_back(self, tickets: TicketQuerySet) -> Self:
        """For each of these tickets that is in REVIEW the entry that sent it back, what has waited longest first."""
        again = self.filter(ticket=OuterRef("ticket"), version__gt=OuterRef("version"), to_status=Status.DRAFT)
        entries = self.filter(ticket__in=tickets.filter(status=Status.REVIEW).values("pk"))
        entries = entries.filter(action=Action.SEVERITY_CHANGED, to_status=Status.REVIEW).exclude(Exists(again))
        return entries.select_related("ticket", "user").order_by("created_at", "pk")

    def told_to(
        self, user: User, *, since: datetime | None = None, until: datetime | None = None, limit: int
    ) -> list[HistoryEntry]:
        """The newest `limit` things that others did and that this person wants to hear of, newest first.

        To an author: sent back, approved, closed. To a manager: drafts that wait for a review. Without `since` only
        the author's 500 tickets that changed last are looked at.
        """
        parts = [self._about_own(user, since), self._awaiting_review_by(user, since, limit, until=until)]
        if until:
            parts = [part.filter(created_at__lte=until) for part in parts]
        entries = [
            entry
            for part in parts
            for entry in part.select_related("ticket", "user").defer("ticket__description")[:limit]
        ]
        return sorted(entries, key=lambda entry: (entry.created_at, entry.version), reverse=True)[:limit]

    def count_told_to(self, user: User, *, since: datetime, until: datetime, limit: int) -> int:
        """How many entries `told_to` has; counting ends at `limit`."""
        parts = [self._about_own(user, since), self._awaiting_review_by(user, since, limit, until=until)]
        parts = [part.filter(created_at__lte=until) for part in parts]
        return min(limit, sum(part.order_by()[:limit].count() for part in parts))

    def unread_by(self, user: User, *, limit: int) -> list[tuple[uuid.UUID, int, datetime]]:
        """Ticket, version and time of those of `told_to` that this person has not read: the newest of each kind."""
        columns = ("ticket", "version", "created_at")
        return [row for part in self._unread_by(user, limit) for row in part.values_list(*columns)[:limit]]

    def count_unread_by(self, user: User, *, limit: int) -> int:
        """How many they are; counting ends at `limit`."""
        return min(limit, sum(part.order_by()[:limit].count() for part in self._unread_by(user, limit)))

    def _unread_by(self, user: User, limit: int) -> list[Self]:
        entries = self.exclude(Exists(ReadMark.objects.covering(user, ticket="ticket", version="version")))
        waiting = Exists(ReadMark.objects.covering(user, ticket="pk", version="version"))
        since = user.inbox_read_at
        return [entries._about_own(user, since), entries._awaiting_review_by(user, since, limit, but_not=waiting)]

    def with_read_by(self, user: User) -> Self:
        """With `is_read`: whether this person has read it, if it was in their inbox."""
        mark = Exists(ReadMark.objects.covering(user, ticket="ticket", version="version"))
        read = Case(When(Q(created_at__lte=user.inbox_read_at) | Q(mark), then=Value(True)), default=Value(False))
        return self.annotate(is_read=read)

    def _about_own(self, user: User, since: datetime | None) -> Self:
        # An entry is never newer than its ticket's last change, for which there is an index.
        tickets = Ticket.objects.live().filter(created_by=user).order_by("-updated_at")
        tickets = tickets.filter(updated_at__gt=since).order_by() if since else tickets[:OWN_TICKETS_TOLD_OF]
        told = Q(action__in=[Action.SEVERITY_CHANGED, Action.APPROVED]) | Q(to_status=Status.CLOSED)
        entries = self.filter(told, ticket__in=tickets.values("pk")).order_by("-created_at")
        return entries.filter(created_at__gt=since) if since else entries

    def _awaiting_review_by(
        self,
        user: User,
        since: datetime | None,
        limit: int,
        *,
        until: datetime | None = None,
        but_not: Exists | None = None,
    ) -> Self:
        if not user.is_manager:
            return self.none()
        tickets = Ticket.objects.awaiting_review_by(user).order_by("-updated_at")
        tickets = tickets.filter(updated_at__gt=since) if since else tickets
        # Before they are limited.
        tickets = tickets.filter(updated_at__lte=until) if until else tickets
        tickets = tickets.exclude(but_not) if but_not else tickets
        entries = self.filter(ticket__in=tickets[:limit].values("pk"), version=F("ticket__version"))
        return entries.exclude(user=user).order_by("-created_at")


class HistoryEntry(models.Model):
    """What one accepted action did. Entries are only ever added; on PostgreSQL triggers refuse anything else.

    `version` is the ticket's version that the action made: it orders the entries of a ticket, and its uniqueness
    makes it impossible that one change has two entries. `user` is null for the external system.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="history", db_index=False)
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    actor_role = models.CharField(_("role at the time"), max_length=16, null=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    from_status = models.CharField(max_length=16, choices=Status, null=True)
    to_status = models.CharField(max_length=16, choices=Status)
    from_severity = models.CharField(max_length=16, choices=Severity, null=True)
    to_severity = models.CharField(max_length=16, choices=Severity, null=True)
    reason = models.CharField(_("reason"), max_length=600)
    changes = models.JSONField(_("changes"), default=dict)

    objects: ClassVar[HistoryQuerySet] = HistoryQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "version"], name="historyentry_one_for_each_version"),
            models.CheckConstraint(name="historyentry_is_a_legal_move", condition=legal_moves()),
            models.CheckConstraint(
                name="historyentry_severity_where_subject",
                condition=Q(
                    action=Action.CREATED,
                    from_severity=None,
                    to_severity__isnull=False,
                    to_severity__in=Severity.values,
                )
                | Q(
                    ~Q(from_severity=F("to_severity")),
                    action=Action.SEVERITY_CHANGED,
                    from_severity__isnull=False,
                    from_severity__in=Severity.values,
                    to_severity__isnull=False,
                    to_severity__in=Severity.values,
                )
                | Q(~Q(action__in=[Action.CREATED, Action.SEVERITY_CHANGED]), from_severity=None, to_severity=None),
            ),
            models.CheckConstraint(
                name="historyentry_severity_decides_status",
                condition=~Q(action=Action.SEVERITY_CHANGED)
                | (Q(to_status=Status.REVIEW) & Q(GreaterThanOrEqual(severity_rank("to"), severity_rank("from"))))
                | (Q(to_status=Status.PENDING) & Q(LessThanOrEqual(severity_rank("to"), severity_rank("from")))),
            ),
            models.CheckConstraint(
                name="historyentry_starts_with_creation",
                condition=Q(action=Action.CREATED, version=1) | (~Q(action=Action.CREATED) & Q(version__gt=1)),
            ),
            models.CheckConstraint(
                name="historyentry_actor_has_role",
                condition=Q(user=None, actor_role=None, action=Action.IMPORTED)
                | Q(user__isnull=False, actor_role__isnull=False, actor_role__in=Role.values),
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="historyentry_created")]

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def said(self) -> str:
        """The words that a reviewer wrote, without the prefix of `reason`."""
        return self.reason.removeprefix("severity changed: ")
