"""What the API reads and writes of links. Shapes only; the rules are in actions.py, beside this."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.api.fields import ChoiceField, StrictSerializer, TextField, TimeField
from tickets.links.models import KINDS, LinkKind
from tickets.workflow import Status


class NewLinkSerializer(StrictSerializer):
    ticketId = TextField(source="other_id", help_text="The id of the other ticket.")
    kind = ChoiceField(choices=KINDS, help_text="What the ticket in the path is to the other one.")


class LinkSerializer(serializers.Serializer[Any]):
    """Of a SeenLink."""

    id = serializers.UUIDField(source="link.id")
    kind = serializers.ChoiceField(
        choices=LinkKind.choices, help_text="What the ticket that was asked about is to the other one."
    )
    ticketId = serializers.UUIDField(source="ticket.id", help_text="The other ticket.")
    ticketNumber = serializers.CharField(source="ticket.ticket_number")
    title = serializers.CharField(source="ticket.title")
    status = serializers.ChoiceField(source="ticket.status", choices=Status.values)
    createdById = serializers.UUIDField(source="link.created_by_id")
    createdAt = TimeField(source="link.created_at")
