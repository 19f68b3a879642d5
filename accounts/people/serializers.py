from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Role, User


class PersonSerializer(serializers.Serializer[User]):
    """What anybody who is signed in may know of a person."""

    id = serializers.UUIDField()
    name = serializers.CharField(
        source="shown_name", help_text="As the desk shows it; made from the e-mail where the person has no name."
    )
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)
    active = serializers.BooleanField(source="is_active")


class PersonPageSerializer(serializers.Serializer[Any]):
    items = PersonSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pageSize = serializers.IntegerField()
