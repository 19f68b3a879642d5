"""What `GET /events` answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.api.fields import TimeField
from config.times import iso
from tickets.events.reading import Event
from tickets.workflow import Action, Severity, Status


class EventSerializer(serializers.Serializer[Any]):
    """One thing that happened to one ticket, without its texts."""

    # Only declares the shape. `event_json` writes it, since DRF's fields take longer for a page than the query does.

    cursor = serializers.CharField(help_text="Send it as `after` to read on behind this event.")
    at = TimeField(help_text="When it was made, which may lie before the times of events in front of it.")
    type = serializers.ChoiceField(choices=Action.choices)
    ticketId = serializers.UUIDField()
    ticketNumber = serializers.CharField()
    version = serializers.IntegerField(min_value=1, help_text="The version of the ticket that it made.")
    actorId = serializers.UUIDField(allow_null=True, help_text="Null for the external system.")
    fromStatus = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    toStatus = serializers.ChoiceField(choices=Status.choices)
    fromSeverity = serializers.ChoiceField(choices=Severity.choices, allow_null=True)
    toSeverity = serializers.ChoiceField(choices=Severity.choices, allow_null=True)


class EventPageSerializer(serializers.Serializer[Any]):
    items = EventSerializer(many=True)
    next = serializers.CharField(help_text="What to send as `after` the next time, also where `items` is empty.")


def event_json(event: Event) -> dict[str, Any]:
    """The event in JSON, as EventSerializer declares it."""
    entry = event.entry
    return {
        "cursor": str(event.cursor),
        "at": iso(entry.created_at),
        "type": entry.action,
        "ticketId": entry.ticket_id,
        "ticketNumber": event.ticket_number,
        "version": entry.version,
        "actorId": entry.user_id,
        "fromStatus": entry.from_status,
        "toStatus": entry.to_status,
        "fromSeverity": entry.from_severity,
        "toSeverity": entry.to_severity,
    }
