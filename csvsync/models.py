"""The ledger of what was exchanged with the external system."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from csvsync.liveness import ProcessName


class RunQuerySet(models.QuerySet["Run"]):
    def running_cycles(self) -> Self:
        """At most one: the database sees to it."""
        return self.filter(kind=Run.Kind.CYCLE, state=Run.State.RUNNING)


class Run(models.Model):
    """One export, processing, import or whole cycle.

    A running one shows signs of life in `heartbeat_at`, and says in which process it runs, so that one whose process
    died can be told from one that is busy. `started_by` is null for the nightly job.
    """

    class Kind(models.TextChoices):
        EXPORT = "EXPORT", _("Export")
        PROCESS = "PROCESS", _("Processing")
        IMPORT = "IMPORT", _("Import")
        CYCLE = "CYCLE", _("Cycle")

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("Running")
        SUCCEEDED = "SUCCEEDED", _("Succeeded")
        FAILED = "FAILED", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RUNNING)
    cycle = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="parts", verbose_name=_("part of")
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    heartbeat_at = models.DateTimeField()
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    process_started = models.BigIntegerField(null=True)
    counts = models.JSONField(_("counts"), default=dict)
    error = models.TextField(_("error"), default="")

    objects: ClassVar[RunQuerySet] = RunQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.CheckConstraint(
                name="run_kind_known", condition=Q(kind__in=["EXPORT", "PROCESS", "IMPORT", "CYCLE"])
            ),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=["RUNNING", "SUCCEEDED", "FAILED"])),
            models.CheckConstraint(
                name="run_finished_unless_running",
                condition=Q(state="RUNNING", finished_at=None) | (~Q(state="RUNNING") & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="run_finished_after_start",
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="run_failed_with_error",
                condition=(Q(state="FAILED") & ~Q(error="")) | (~Q(state="FAILED") & Q(error="")),
            ),
            models.CheckConstraint(name="run_cycle_is_no_part", condition=~Q(kind="CYCLE") | Q(cycle=None)),
            models.UniqueConstraint(
                name="run_one_running_cycle", fields=["kind"], condition=Q(kind="CYCLE", state="RUNNING")
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="run_started")]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def process(self) -> ProcessName:
        return ProcessName(self.host, self.pid, self.process_started)
