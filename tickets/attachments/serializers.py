"""What the API reads and writes of attachments. Shapes only; the rules are in actions.py, beside this."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.fields import StrictSerializer, TimeField
from config.ids import parse_uuid
from tickets.attachments.kinds import PICTURES


@extend_schema_field({"type": "string", "format": "uuid"})
class IdField(serializers.Field[uuid.UUID, str, str, Any]):
    """An id. A form has no other way to leave out a field than to send it empty."""

    default_error_messages = {"invalid": _("Write an id.")}

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, None) if data == "" else super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> uuid.UUID:
        try:
            return parse_uuid(str(data))
        except ValueError:
            self.fail("invalid")


class NewAttachmentSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)  # how large it is, is for the action to judge
    commentId = IdField(source="comment_id", required=False, allow_null=True)


class AttachmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    ticketId = serializers.UUIDField(source="ticket_id")
    commentId = serializers.UUIDField(source="comment_id", allow_null=True)
    fileName = serializers.CharField(source="file_name")
    contentType = serializers.CharField(
        source="content_type", help_text=f"What its bytes were judged to be. {', '.join(PICTURES)} are pictures."
    )
    size = serializers.IntegerField(help_text="In bytes.")
    sha256 = serializers.CharField()
    uploadedById = serializers.UUIDField(source="uploaded_by_id")
    createdAt = TimeField(source="created_at")
