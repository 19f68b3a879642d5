"""What the API reads and writes of tickets. Shapes only; the rules are in tickets/actions.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.fields import ChoiceField, StrictSerializer, TextField, TimeField
from config.api.openapi import ErrorSerializer
from tickets.bulk import MOST_TICKETS
from tickets.models import DESCRIPTION_LENGTH, REASON_LENGTH, TITLE_LENGTH, HistoryEntry, Ticket
from tickets.texts.characters import FILLERS, WITHOUT_WIDTH, is_invisible
from tickets.workflow import Severity, Status

# As regular expressions of JSON Schema write it: something that one sees, and no NUL. They know characters beyond
# U+FFFF by their halves only, so the few of those that have no width are not among what is refused here.
_SHORT = re.sub("[\U00010000-\U0010ffff]-?", "", WITHOUT_WIDTH + FILLERS)
_UNSEEN = "".join("-" if character == "-" else f"\\u{ord(character):04x}" for character in _SHORT)
VISIBLE = rf"^[^\u0000]*[^\s\u0000-\u001f\u007f-\u009f{_UNSEEN}][^\u0000]*$"


def visible_text(length: int) -> dict[str, Any]:
    """The schema of a text that is not blank."""
    return {"type": "string", "minLength": 1, "maxLength": length, "pattern": VISIBLE}


class VisibleTextField(TextField):
    """Refused as blank where nobody sees anything of it."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if is_invisible(text):
            self.fail("blank")
        return text


@extend_schema_field(visible_text(TITLE_LENGTH))
class TitleField(VisibleTextField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=TITLE_LENGTH, **kwargs)


@extend_schema_field(visible_text(DESCRIPTION_LENGTH))
class DescriptionField(VisibleTextField):
    """Kept as sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=DESCRIPTION_LENGTH, trim_whitespace=False, **kwargs)


class NewTicketSerializer(StrictSerializer):
    title = TitleField()
    description = DescriptionField()
    dueDate = TimeField(source="due_date")
    severity = ChoiceField(choices=Severity.choices)
    aiSuggestedSeverity = ChoiceField(
        source="ai_suggested_severity", choices=Severity.choices, required=False, allow_null=True
    )


class EditSerializer(StrictSerializer):
    title = TitleField(required=False, allow_null=True)
    description = DescriptionField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(_("Send a title, a description or both."))
        return attrs


class ReviewSerializer(StrictSerializer):
    """What belongs to another action than the one asked for is ignored, whatever it holds."""

    APPROVE, CHANGE_SEVERITY = "APPROVE", "CHANGE_SEVERITY"
    WITHOUT_SEVERITY: tuple[str, ...] = (APPROVE,)

    action = ChoiceField(choices=[APPROVE, CHANGE_SEVERITY])
    newSeverity = ChoiceField(source="severity", choices=Severity.choices, required=False, allow_null=True)
    severityChangeReason = TextField(
        source="reason", max_length=REASON_LENGTH, required=False, allow_null=True, allow_blank=True
    )

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and data.get("action") in self.WITHOUT_SEVERITY:
            data = data.copy()  # as what it is, since a form knows more of its fields than a dict of them would
            for ignored in ("newSeverity", "severityChangeReason"):
                data.pop(ignored, None)
        return super().to_internal_value(data)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}})
class VersionsField(serializers.Field[Any, Any, Any, Any]):
    """`{id: version}`: the versions of tickets that the caller has seen."""

    default_error_messages = {"invalid": _lazy("Write an object of ids, each with the version that you have seen.")}

    def to_internal_value(self, data: Any) -> dict[str, int]:
        if not isinstance(data, Mapping) or not all(map(_is_version, data.values())):
            self.fail("invalid")
        return dict(data)


def _is_version(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


class IdsField(serializers.ListField):
    """Different ids of tickets, as many as may be acted on at once. What is no id at all is one of no ticket."""

    child = TextField()
    default_error_messages = {"repeated": _lazy("Write each id once: {id} is there more than once.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, max_length=MOST_TICKETS, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        ids: list[str] = super().to_internal_value(data)
        seen = set[str]()
        for id in ids:
            if id.lower() in seen:
                self.fail("repeated", id=id)
            seen.add(id.lower())
        return ids


class BulkSerializer(ReviewSerializer):
    DELETE, RESTORE = "DELETE", "RESTORE"
    REVIEWS = (ReviewSerializer.APPROVE, ReviewSerializer.CHANGE_SEVERITY)  # those that only managers may ask for
    WITHOUT_SEVERITY = (ReviewSerializer.APPROVE, DELETE, RESTORE)

    action = ChoiceField(choices=[*REVIEWS, DELETE, RESTORE])
    ids = IdsField()
    versions = VersionsField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if strange := set(attrs.get("versions", {})) - set(attrs["ids"]):
            message = _("Write versions of the tickets in ids only: %(id)s is not there.") % {"id": min(strange)}
            raise serializers.ValidationError({"versions": [message]})
        return attrs


class OutcomeSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="As it was sent.")
    ok = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)


class BulkResultSerializer(serializers.Serializer[Any]):
    results = OutcomeSerializer(many=True, help_text="One for each of `ids`, in their order.")


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    ticketNumber = serializers.CharField(source="ticket_number")
    dueDate = TimeField(source="due_date")
    aiSuggestedSeverity = serializers.ChoiceField(
        source="ai_suggested_severity", choices=Severity.choices, allow_null=True
    )
    createdById = serializers.UUIDField(source="created_by_id")
    reviewedById = serializers.UUIDField(source="reviewed_by_id", allow_null=True)
    createdAt = TimeField(source="created_at")
    updatedAt = TimeField(source="updated_at")
    deletedAt = TimeField(source="deleted_at", allow_null=True)

    class Meta:
        model = Ticket
        fields = [
            "id",
            "ticketNumber",
            "year",
            "sequence",
            "title",
            "description",
            "dueDate",
            "severity",
            "aiSuggestedSeverity",
            "status",
            "createdById",
            "reviewedById",
            "createdAt",
            "updatedAt",
            "deletedAt",
        ]


class ChangedMeanwhileSerializer(ErrorSerializer):
    """The error that a request gets which expected another version."""

    ticket = TicketSerializer(allow_null=True, help_text="As it is now; null where it may not be seen.")


class TicketPageSerializer(serializers.Serializer[Any]):
    items = TicketSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pageSize = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer[Any]):
    """Old and new text of what changed; empty where no text did."""

    title = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2, required=False)
    description = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2, required=False)


@extend_schema_field(ChangesSerializer)
class ChangesField(serializers.JSONField):
    pass


class EntrySerializer(serializers.ModelSerializer[HistoryEntry]):
    createdAt = TimeField(source="created_at")
    ticketId = serializers.UUIDField(source="ticket_id")
    userId = serializers.UUIDField(source="user_id", allow_null=True)
    fromStatus = serializers.ChoiceField(source="from_status", choices=Status.choices, allow_null=True)
    toStatus = serializers.ChoiceField(source="to_status", choices=Status.choices)
    fromSeverity = serializers.ChoiceField(source="from_severity", choices=Severity.choices, allow_null=True)
    toSeverity = serializers.ChoiceField(source="to_severity", choices=Severity.choices, allow_null=True)
    changes = ChangesField()

    class Meta:
        model = HistoryEntry
        fields = [
            "id",
            "createdAt",
            "ticketId",
            "userId",
            "fromStatus",
            "toStatus",
            "fromSeverity",
            "toSeverity",
            "reason",
            "action",
            "changes",
        ]
