"""What `GET /events` answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.api.fields import TimeField
from config.times import iso
from tickets.events.reading import Event
from tickets.workflow import Action, Severity, Status

OF_COMMENTS = ("commented", "comment_edited", "comment_removed")
OF_ATTACHMENTS = ("attached", "attachment_removed")


class EventSerializer(serializers.Serializer[Any]):
    """One thing that happened to one ticket, without its texts."""

    # Only declares the shape. `event_json` writes it, since DRF's fields take longer for a page than the query does.

    cursor = serializers.CharField(help_text="Send it as `after` to read on behind this event.")
    at = TimeField(help_text="When it was made, which may lie before the times of events in front of it.")
    type = serializers.ChoiceField(choices=[*Action.values, *OF_COMMENTS, *OF_ATTACHMENTS])
    ticketId = serializers.UUIDField()
    ticketNumber = serializers.CharField()
    version = serializers.IntegerField(
        min_value=1, help_text="The version of the ticket that it made, or that it found."
    )
    actorId = serializers.UUIDField(allow_null=True, help_text="Null for the external system.")
    fromStatus = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    toStatus = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    fromSeverity = serializers.ChoiceField(choices=Severity.choices, allow_null=True)
    toSeverity = serializers.ChoiceField(choices=Severity.choices, allow_null=True)
    commentId = serializers.UUIDField(allow_null=True, help_text="The comment that it is about, if it is about one.")
    attachmentId = serializers.UUIDField(allow_null=True, help_text="The attachment that it is about, likewise.")


class EventPageSerializer(serializers.Serializer[Any]):
    items = EventSerializer(many=True)
    next = serializers.CharField(help_text="What to send as `after` the next time, also where `items` is empty.")


def event_json(event: Event) -> dict[str, Any]:
    """The event in JSON, as EventSerializer declares it."""
    return {
        "cursor": str(event.cursor),
        "at": iso(event.at),
        "type": event.type,
        "ticketId": event.ticket_id,
        "ticketNumber": event.ticket_number,
        "version": event.version,
        "actorId": event.actor_id,
        "fromStatus": event.from_status,
        "toStatus": event.to_status,
        "fromSeverity": event.from_severity,
        "toSeverity": event.to_severity,
        "commentId": event.comment_id,
        "attachmentId": event.attachment_id,
    }
