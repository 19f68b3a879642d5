"""What the API tells of following a ticket."""

from __future__ import annotations

from rest_framework import serializers

from tickets.following.reading import Following, Reason


class FollowingSerializer(serializers.Serializer[Following]):
    ticketId = serializers.UUIDField(source="ticket_id")
    isFollowing = serializers.BooleanField(source="is_following")
    reasons = serializers.ListField(
        child=serializers.ChoiceField(choices=Reason.values),
        help_text="All that there are, also where the person has left the ticket.",
    )
