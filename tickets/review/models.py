"""Who holds which draft in review mode, what a manager has put aside there, and for how long they have sat there.

leases.py, aside.py and sittings.py, beside this, write one each.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q

from accounts.models import User
from config import clock


class LeaseQuerySet(models.QuerySet["Lease"]):
    def holding(self) -> Self:
        return self.filter(until__gt=clock.Present())


class Lease(models.Model):
    """A manager holds this draft up to `until`: others are dealt another one. It refuses nobody's decision."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.PROTECT, primary_key=True, related_name="+")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    objects: ClassVar[LeaseQuerySet] = LeaseQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [models.CheckConstraint(name="lease_ends_after_taking", condition=Q(until__gt=F("taken_at")))]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.until:%Y-%m-%d %H:%M}"


class Aside(models.TextChoices):
    """How a manager has put a draft aside: to the end of the queue, up to a time, or until something happens to it."""

    SKIPPED = "SKIPPED"
    SNOOZED = "SNOOZED"
    UNTIL_CHANGED = "UNTIL_CHANGED"


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def of(self, manager: User) -> Self:
        """For an outer query of tickets: what this manager has put aside of them as they are now."""
        return self.filter(manager=manager, ticket=OuterRef("pk"), version=OuterRef("version"))

    def skipped(self) -> Self:
        return self.filter(kind=Aside.SKIPPED)

    def snoozed(self) -> Self:
        """What is out of the queue at present."""
        return self.filter(Q(kind=Aside.UNTIL_CHANGED) | Q(kind=Aside.SNOOZED, until__gt=clock.Present()))

    def holding(self) -> Self:
        """What is put aside at present, in whichever way."""
        return self.filter(~Q(kind=Aside.SNOOZED) | Q(until__gt=clock.Present()), version=F("ticket__version"))


class SetAside(models.Model):
    """A manager has put a draft aside as it was in this version: whatever is done to it ends that.

    `until` is null but for what was snoozed up to a time. Of what waits until something happens the row goes as soon as
    somebody else says or attaches something (aside.py).
    """

    manager = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Aside)
    set_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    objects: ClassVar[SetAsideQuerySet] = SetAsideQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manager", "ticket"], name="setaside_once_by_each_manager"),
            models.CheckConstraint(
                name="setaside_until_a_time_where_snoozed",
                condition=Q(kind=Aside.SNOOZED, until__isnull=False)
                | Q(kind__in=[Aside.SKIPPED, Aside.UNTIL_CHANGED], until=None),
            ),
        ]
        indexes = [
            models.Index(fields=["ticket"], name="setaside_until_changed", condition=Q(kind=Aside.UNTIL_CHANGED))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"


class Sitting(models.Model):
    """Since when a manager sits in review mode, when they last did something there, and how many drafts are done.

    It has ended once nothing was done for a while (sittings.py).
    """

    manager = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    began_at = models.DateTimeField()
    used_at = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="sitting_used_after_beginning", condition=Q(used_at__gte=F("began_at")))
        ]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.began_at:%Y-%m-%d %H:%M}"
