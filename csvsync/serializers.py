"""What the API writes about exchanges."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.rest import TimeField
from csvsync.verdicts import NO_ERRORS, Verdict


class RowErrorSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="The line of the file at which the row begins; the header is line 1.")
    ticket = serializers.CharField(allow_null=True, help_text="The id or ticket number as written in the file.")
    code = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict if verdict not in NO_ERRORS])
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
