"""The history of tickets: one entry for each accepted action, which nobody changes or removes afterwards."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from tickets import workflow
from tickets.models.expressions import legal_moves, severity_rank
from tickets.models.ticket import Ticket
from tickets.workflow import Action, Severity, Status

if TYPE_CHECKING:
    from datetime import datetime

    from tickets.models.ticket import TicketQuerySet


_REVIEWS = Q(action__in=[Action.SEVERITY_CHANGED, Action.APPROVED])


class HistoryQuerySet(models.QuerySet["HistoryEntry"]):
    def newest_first(self) -> Self:
        return self.order_by("-version")

    def after_version(self, version: int) -> Self:
        """What happened to a ticket after it had this version."""
        return self.filter(version__gt=version)

    def sent_back(self, tickets: TicketQuerySet) -> Self:
        """For each of these tickets that is in REVIEW the entry that sent it back, what has waited longest first."""
        again = self.filter(ticket=OuterRef("ticket"), version__gt=OuterRef("version"), to_status=Status.DRAFT)
        entries = self.of_tickets(tickets.filter(status=Status.REVIEW))
        entries = entries.filter(action=Action.SEVERITY_CHANGED, to_status=Status.REVIEW).exclude(Exists(again))
        return entries.select_related("ticket", "user").order_by("created_at", "pk")

    def of_tickets(self, tickets: TicketQuerySet) -> Self:
        return self.filter(ticket__in=tickets.values("pk"))

    def latest_of(self, tickets: TicketQuerySet) -> Self:
        """For each of these tickets the entry of its last action."""
        return self.filter(ticket__in=tickets.values("pk"), version=F("ticket__version"))

    def of_live_tickets(self) -> Self:
        return self.filter(ticket__deleted_at=None)

    def made_since(self, moment: datetime) -> Self:
        """Entries of this moment and later."""
        return self.filter(created_at__gte=moment)

    def made_after(self, moment: datetime) -> Self:
        return self.filter(created_at__gt=moment)

    def made_until(self, moment: datetime) -> Self:
        """Entries of this moment and before."""
        return self.filter(created_at__lte=moment)

    def creations_and_closings(self) -> Self:
        """Entries that created a ticket, and those that closed one."""
        return self.filter(Q(action=Action.CREATED) | Q(to_status=Status.CLOSED))

    def reviews(self) -> Self:
        """Approvals and changes of severity."""
        return self.filter(_REVIEWS)

    def reviews_and_closings(self) -> Self:
        """What an author waits for: approvals, changes of severity, and that the ticket is closed."""
        return self.filter(_REVIEWS | Q(to_status=Status.CLOSED))


class HistoryEntry(models.Model):
    """What one accepted action did. Entries are only ever added; triggers refuse anything else.

    `version` is the ticket's version that the action made: it orders the entries of a ticket, and its uniqueness
    makes it impossible that one change has two entries. `user` is null for the external system.

    The database itself fills `salt`, `texts_hash` and `hash` (tickets/audit/hashing.py says of what). They are null
    where what they follow from was not there yet, which `manage.py chain_history` makes up for, and a salt is null
    where texts were removed with leave (tickets/audit/erasing.py).
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
    salt = models.BinaryField(null=True)
    texts_hash = models.BinaryField(null=True)
    hash = models.BinaryField(null=True)

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
    def review_reason(self) -> str:
        """What the reviewer wrote: `reason` without the prefix that the contract gives it."""
        return self.reason.removeprefix(workflow.SEVERITY_REASON)
