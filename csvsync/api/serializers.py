"""What the API writes about exchanges."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.api.fields import TimeField
from csvsync.models import Run
from csvsync.verdicts import ERRORS, Verdict

VERDICTS = [verdict.value for verdict in Verdict]


class RowErrorSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="The line of the file at which the row begins; the header is line 1.")
    ticket = serializers.CharField(allow_null=True, help_text="The id or ticket number as written in the file.")
    code = serializers.ChoiceField(source="verdict", choices=[verdict.value for verdict in ERRORS])
    message = serializers.CharField()


class ImportReportSerializer(serializers.Serializer[Any]):
    """updatedCount + skippedCount + errorsCount = totalRows."""

    updatedCount = serializers.IntegerField(source="updated")
    skippedCount = serializers.IntegerField(source="skipped")
    errorsCount = serializers.IntegerField(source="errors_count")
    totalRows = serializers.IntegerField(source="total")
    errors = RowErrorSerializer(many=True, help_text="The first 100.")  # type: ignore[assignment]  # a declared field


class DistributionSerializer(serializers.Serializer[Any]):
    PENDING = serializers.IntegerField()
    OPEN = serializers.IntegerField()
    CLOSED = serializers.IntegerField()


class ImportResultSerializer(serializers.Serializer[Any]):
    updatedCount = serializers.IntegerField(source="updated")
    skippedCount = serializers.IntegerField(source="skipped")
    errorsCount = serializers.IntegerField(source="errors")
    totalRows = serializers.IntegerField(source="total")


class TimestampsSerializer(serializers.Serializer[Any]):
    startedAt = TimeField(source="started_at")
    finishedAt = TimeField(source="finished_at")


class RunResultSerializer(serializers.Serializer[Any]):
    exportedCount = serializers.IntegerField(source="exported")
    processedDistribution = DistributionSerializer(source="distribution")
    importResult = ImportResultSerializer(source="*")
    timestamps = TimestampsSerializer(source="*")


class RunSerializer(serializers.Serializer[Run]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Run.Kind.choices)
    who = serializers.CharField(
        source="started_by.email",
        default=None,
        allow_null=True,
        help_text="An e-mail; null: the nightly job.",
    )
    startedAt = TimeField(source="started_at")
    finishedAt = TimeField(source="finished_at", allow_null=True)
    state = serializers.ChoiceField(choices=Run.State.choices)
    phase = serializers.ChoiceField(
        choices=["", *Run.Phase.values],
        help_text="What a running cycle is doing, or a failed one was doing; else empty.",
    )
    fileName = serializers.CharField(source="file_name")
    size = serializers.IntegerField(allow_null=True, help_text="Of the file, in bytes.")
    sha256 = serializers.CharField()
    counts = serializers.DictField()
    cycle = serializers.UUIDField(source="cycle_id", allow_null=True, help_text="The cycle that it is a part of.")
    dryRun = serializers.BooleanField(source="dry_run")
    error = serializers.CharField(help_text="Why it failed; else empty.")


class RunPageSerializer(serializers.Serializer[Any]):
    items = RunSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pageSize = serializers.IntegerField()


class RunDetailSerializer(RunSerializer):
    parts = RunSerializer(many=True, help_text="Of a cycle: its export, processing and import.")


class ChangedSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField()
    ticket = serializers.CharField(allow_null=True)
    before = serializers.ChoiceField(choices=VERDICTS)
    now = serializers.ChoiceField(choices=VERDICTS)


class AppliedReportSerializer(ImportReportSerializer):
    changedCount = serializers.IntegerField(
        source="changed_count", help_text="Rows that are judged otherwise than in the dry run."
    )
    changes = ChangedSerializer(source="changed", many=True, help_text="The first 100 of them.")
