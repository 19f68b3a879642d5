"""The one table of keys under which something is done once."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, Q

from config import clock

NAME_LENGTH = 255
# What a row counts for at least, of what one person may have kept: it takes room beside its body.
LEAST_SIZE = 1_000


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def expired(self) -> Self:
        """Those whose time is over by the clock of the database; they count as if they were not there."""
        return self.filter(expires_at__lte=clock.Present())

    def current(self) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=clock.Present()))

    def done(self) -> Self:
        """Those under which something has been done, as against claims of who is doing it."""
        return self.filter(claim=None)

    def with_expiry(self) -> Self:
        """Loads with each as `has_expired` whether its time is over."""
        over = ExpressionWrapper(Q(expires_at__lte=clock.Present()), models.BooleanField())
        return self.annotate(has_expired=over)


class IdempotencyKey(models.Model):
    """A key under which something is being done, or has been, so that it is not done a second time.

    A key means something to one person (None: the nightly job) and for one purpose: method and path of a request, the
    form of a new ticket, a cycle. While it is being done, `claim` is a random value that only the request in charge
    knows, `process` is where that one runs, and `expires_at` moves on with its signs of life. Once it has been done,
    the row holds the first answer, or in `result` the id of what came of it (a ticket, a run), until `expires_at`;
    None is for ever. `fingerprint` is the SHA-256 of the body where a repeated request has to bring the same.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    purpose = models.CharField(max_length=NAME_LENGTH)
    key = models.CharField(max_length=NAME_LENGTH)
    fingerprint = models.CharField(max_length=64, default="")
    claim = models.UUIDField(null=True)
    process = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    size = models.PositiveIntegerField(default=LEAST_SIZE)  # in bytes
    result = models.UUIDField(null=True)

    has_expired: bool  # where with_expiry has loaded it

    objects: ClassVar[IdempotencyKeyQuerySet] = IdempotencyKeyQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.UniqueConstraint(name="idempotencykey_one_for_each_person", fields=["person", "purpose", "key"]),
            # The constraint above does not stop two rows without a person, since in SQL no NULL equals another.
            models.UniqueConstraint(
                name="idempotencykey_one_for_nobody", fields=["purpose", "key"], condition=Q(person=None)
            ),
            models.CheckConstraint(
                name="idempotencykey_claimed_or_done",
                # That `process` is null is asked by __isnull: for a field of JSON, `=None` asks for a null in JSON.
                condition=Q(claim=None, process__isnull=True, status__isnull=False, result=None)
                | Q(claim=None, process__isnull=True, status=None, result__isnull=False)
                | Q(claim__isnull=False, process__isnull=False, expires_at__isnull=False, status=None, result=None),
            ),
            models.CheckConstraint(
                name="idempotencykey_keeps_success", condition=Q(status=None) | Q(status__gte=200, status__lte=299)
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="idempotencykey_expires"),
            models.Index(fields=["person", "expires_at", "size"], name="idempotencykey_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key}"
