"""What proves the record: texts that were removed with leave, what was sealed, and what the audits have found."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.models.ticket import REASON_LENGTH, Ticket


class Erasure(models.Model):
    """That somebody had texts of a ticket removed: those of its entries of these versions.

    Triggers refuse to change or remove it, and let an entry lose its texts only where there is one for it. One that
    begins with version 1 has also replaced title and description of the ticket.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="erasures", verbose_name=_("ticket"))
    first_version = models.PositiveIntegerField(_("from version"))
    last_version = models.PositiveIntegerField(_("to version"))
    created_at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    why = models.CharField(_("why"), max_length=REASON_LENGTH)

    class Meta:
        verbose_name = _("removal of texts")
        verbose_name_plural = _("removals of texts")
        constraints = [
            models.CheckConstraint(
                name="erasure_versions_in_order",
                condition=Q(first_version__gte=1) & Q(last_version__gte=F("first_version")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.first_version}-{self.last_version}"


class SealedBlock(models.Model):
    """The first entries that were ever sealed, in the order of events, as tickets/audit/sealing.py writes them down.

    Somebody with rights in SQL can change it like anything else. But where a seal that was kept elsewhere proves that
    it is still as it was, it says which of the entries are not.
    """

    number = models.PositiveIntegerField(primary_key=True)
    leaves = models.BinaryField()

    def __str__(self) -> str:
        return str(self.number)


class AuditQuerySet(models.QuerySet["Audit"]):
    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")

    def of_everything(self) -> Self:
        """Audits of the whole desk."""
        return self.filter(ticket="")


class Audit(models.Model):
    """An audit that was carried out. `findings` are the first of them, each as subject, problem and advice."""

    started_at = models.DateTimeField(_("began"))
    finished_at = models.DateTimeField(_("ended"))
    nightly = models.BooleanField(_("by the nightly job"), default=False)
    ticket = models.CharField(_("of one ticket"), max_length=24, blank=True)
    since = models.CharField(_("compared with the seal"), max_length=200, blank=True)
    seal = models.CharField(_("seal made"), max_length=200, blank=True)
    looked_at = models.JSONField(_("looked at"), default=dict)
    found = models.PositiveIntegerField(_("findings"))
    findings = models.JSONField(_("findings in words"), default=list)

    objects: ClassVar[AuditQuerySet] = AuditQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        constraints = [
            models.CheckConstraint(
                name="audit_ends_after_its_beginning", condition=Q(finished_at__gte=F("started_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
