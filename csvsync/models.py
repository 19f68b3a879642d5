"""The ledger of what was exchanged with the external system."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Prefetch, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config import clock
from config.ids import parse_uuid
from csvsync.errors import RunNotFound
from csvsync.verdicts import NO_ERRORS, Judged, Verdict
from tickets.models import Ticket


class RunQuerySet(models.QuerySet["Run"]):
    def running(self) -> Self:
        """Runs that have not ended, without the parts of cycles."""
        return self.filter(state=Run.State.RUNNING, cycle=None)

    def cycles(self) -> Self:
        return self.filter(kind=Run.Kind.CYCLE)

    def dry_runs(self) -> Self:
        return self.filter(dry_run=True)

    def imports(self) -> Self:
        """Imports that change tickets, also those that failed; no dry runs."""
        return self.filter(kind=Run.Kind.IMPORT, dry_run=False)

    def not_parts(self) -> Self:
        """Cycles, and what people did by hand."""
        return self.filter(cycle=None)

    def with_people(self) -> Self:
        """Loads with each run who began it, the dry run that it applies, and the parts of a cycle."""
        parts = Run.objects.select_related("started_by").order_by("started_at", "kind")
        return self.select_related("started_by", "applies").prefetch_related(Prefetch("parts", parts))

    def named(self, text: str) -> Run:
        """The run that an address names, with its people. Raises RunNotFound."""
        try:
            run = self.with_people().filter(pk=parse_uuid(text)).first()
        except ValueError as error:
            raise RunNotFound from error
        if run is None:
            raise RunNotFound
        return run

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-id")

    def succeeded(self) -> Self:
        """Runs that have succeeded.

        Those whose end lies ahead were stamped by a clock that was wrong, and count once that time has come.
        """
        return self.filter(state=Run.State.SUCCEEDED, finished_at__lte=clock.Present())

    def last_success(self) -> datetime | None:
        """When a cycle was last done; None where there has been none."""
        return self.cycles().succeeded().order_by("-finished_at").values_list("finished_at", flat=True).first()


FILE_NAME_LENGTH = 255


class Run(models.Model):
    """One export, processing, import or whole cycle.

    A running one shows signs of life in `heartbeat_at`, and says in which process it runs, so that one whose process
    died can be told from one that is busy. `started_by` is null for the nightly job. A dry run is an import that was
    judged without being applied. `phase` is what a running cycle is doing, or what a failed one was doing; any process
    can read it there, beside the number of tickets in `counts["exported"]` once that is known.
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

    class Phase(models.TextChoices):
        EXPORTING = "EXPORTING", _("Exporting")
        PROCESSING = "PROCESSING", _("Processing")
        IMPORTING = "IMPORTING", _("Importing")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RUNNING)
    phase = models.CharField(_("phase"), max_length=16, choices=Phase, default="", blank=True)
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
    # As the sender named it; never part of a path. What was kept of the file stands under `kept_as` in the storage.
    file_name = models.CharField(_("file name"), max_length=FILE_NAME_LENGTH, default="")
    kept_as = models.CharField(max_length=200, default="")
    size = models.BigIntegerField(_("size"), null=True)  # in bytes
    sha256 = models.CharField("SHA-256", max_length=64, default="")
    # The column and its constraint have an older name. To rename them SQLite would have to write the whole ledger anew.
    dry_run = models.BooleanField(_("dry run"), default=False, db_column="rehearsal")
    # Of an import that applied a dry run: which one, and the first rows that were judged otherwise by then, each as
    # its line, its key, the verdict before and the verdict now.
    applies = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="applied_as")
    changes = models.JSONField(default=list)
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
            models.CheckConstraint(
                name="run_phase_known", condition=Q(phase__in=["", "EXPORTING", "PROCESSING", "IMPORTING"])
            ),
            models.CheckConstraint(
                name="run_phase_of_unfinished_cycle",
                condition=Q(phase="") | (Q(kind="CYCLE") & ~Q(state="SUCCEEDED")),
            ),
            models.CheckConstraint(name="run_cycle_is_no_part", condition=~Q(kind="CYCLE") | Q(cycle=None)),
            models.CheckConstraint(
                name="run_applies_as_import", condition=Q(applies=None) | Q(kind="IMPORT", dry_run=False)
            ),
            models.CheckConstraint(name="run_rehearsal_is_import", condition=Q(dry_run=False) | Q(kind="IMPORT")),
            models.UniqueConstraint(
                name="run_one_running_cycle", fields=["kind"], condition=Q(kind="CYCLE", state="RUNNING")
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="run_started")]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class RowErrorQuerySet(models.QuerySet["RowError"]):
    def in_order(self) -> Self:
        return self.order_by("row")

    def judged(self, verdicts: Collection[Verdict]) -> Self:
        return self.filter(verdict__in=verdicts)

    def count_verdicts(self) -> dict[Verdict, int]:
        counted = self.order_by().values_list("verdict").annotate(count=Count("*"))
        return {Verdict(verdict): count for verdict, count in counted}

    def errors(self) -> Self:
        """The rows that were wrong: a dry run keeps the good ones as well."""
        return self.exclude(verdict__in=NO_ERRORS)


class RowError(models.Model):
    """What an import said about one row. Of a dry run all rows are kept, so that its application can be compared.

    `row` is the line at which the row begins, `ticket` its key as written, `note` what was found in the file, `number`
    and `from_status` those of the ticket that was found.
    """

    pk = models.CompositePrimaryKey("run", "row")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="row_errors", db_index=False)
    row = models.BigIntegerField()
    ticket = models.TextField(null=True)
    verdict = models.CharField(max_length=24)
    note = models.TextField(null=True)
    to_status = models.CharField(max_length=16, null=True)
    number = models.CharField(max_length=24, null=True)
    from_status = models.CharField(max_length=16, null=True)

    objects: ClassVar[RowErrorQuerySet] = RowErrorQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.CheckConstraint(name="rowerror_verdict_known", condition=Q(verdict__in=[v.value for v in Verdict])),
            models.CheckConstraint(name="rowerror_row_from_one", condition=Q(row__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.verdict}"

    @property
    def message(self) -> str:
        """What is wrong and what to do about it."""
        judged = Judged(
            self.row, self.ticket, Verdict(self.verdict), self.note, self.to_status, self.number, self.from_status
        )
        return judged.message


class Unreturned(models.Model):
    """A ticket that a cycle exported and about which the answer said nothing that could be read."""

    pk = models.CompositePrimaryKey("run", "ticket")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="unreturned", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.pk)


class Trouble(models.Model):
    """Something that has gone wrong at each try since `began_at`. The row is deleted when a try succeeds.

    It is kept so that people are mailed when the trouble begins and then once a day, not at every try. The tries may
    run on several machines, so all times are the database's. (Now() and not config.clock: on SQLite that one is the
    clock of this process, and what a column gets by default is for the database itself to say.)
    """

    subject = models.CharField(primary_key=True, max_length=40)
    began_at = models.DateTimeField(db_default=Now())
    # When somebody last set out to mail people of it; null where that did not reach anybody.
    told_at = models.DateTimeField(db_default=Now(), null=True)

    def __str__(self) -> str:
        return self.subject
