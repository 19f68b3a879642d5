"""What the API reads and writes of suggestions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.api.fields import StrictSerializer
from tickets.serializers import DescriptionField, TitleField
from tickets.workflow import Severity
from triage.models import Source


class TextSerializer(StrictSerializer):
    title = TitleField()
    description = DescriptionField()


class SuggestionSerializer(serializers.Serializer[Any]):
    severity = serializers.ChoiceField(choices=Severity.choices)
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]  # DRF takes it off the class
    model = serializers.CharField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())


class RecordSerializer(serializers.Serializer[Any]):
    tickets = serializers.IntegerField(help_text="Tickets that came of suggestions.")
    accepted = serializers.IntegerField(help_text="The author chose the suggested severity.")
    acceptanceRate = serializers.FloatField(source="acceptance", allow_null=True)
    reviewed = serializers.IntegerField(help_text="A manager has decided.")
    overridden = serializers.IntegerField(help_text="The manager changed what the author had chosen.")
    overrideRate = serializers.FloatField(source="override_rate", allow_null=True)
    confirmed = serializers.IntegerField(help_text="Reviewed, and ended at the suggested severity.")
    agreementRate = serializers.FloatField(source="agreement", allow_null=True)
    raised = serializers.IntegerField(help_text="Reviewed, and ended above the suggestion.")
    lowered = serializers.IntegerField(help_text="Reviewed, and ended below the suggestion.")


class LatencySerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]  # DRF takes it off the class
    count = serializers.IntegerField()
    medianMs = serializers.IntegerField(source="median")
    p99Ms = serializers.IntegerField(source="p99")


class SourceRecordSerializer(RecordSerializer):
    source = serializers.ChoiceField(  # type: ignore[assignment]  # DRF takes it off the class
        choices=Source.choices, allow_null=True, help_text="null: the suggestion is not in the ledger."
    )


class ModelRecordSerializer(RecordSerializer):
    model = serializers.CharField()


class MonthRecordSerializer(RecordSerializer):
    month = serializers.CharField(help_text="Of the ticket's creation, UTC: `2026-01`.")


class LevelRecordSerializer(RecordSerializer):
    severity = serializers.ChoiceField(choices=Severity.choices, help_text="The suggested one.")


class QualitySerializer(serializers.Serializer[Any]):
    suggestions = serializers.IntegerField(help_text="All suggestions in the ledger.")
    fallbacks = serializers.DictField(
        source="by_fallback", child=serializers.IntegerField(), help_text="Why the language model gave no answer."
    )
    overall = RecordSerializer()
    bySource = SourceRecordSerializer(many=True)
    byModel = ModelRecordSerializer(many=True)
    byMonth = MonthRecordSerializer(many=True)
    bySeverity = LevelRecordSerializer(many=True)
    latency = LatencySerializer(many=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {
            "suggestions": instance.suggestions,
            "fallbacks": instance.by_fallback,
            "overall": RecordSerializer(instance.overall).data,
            "bySource": _named("source", instance.by_source),
            "byModel": _named("model", instance.by_model),
            "byMonth": _named("month", instance.by_month),
            "bySeverity": _named("severity", instance.by_level),
            "latency": LatencySerializer(instance.latency, many=True).data,
        }


def _named(name: str, slices: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
    return [{name: value, **RecordSerializer(record).data} for value, record in slices]
