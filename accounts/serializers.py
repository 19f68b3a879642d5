from __future__ import annotations

from rest_framework import serializers

from accounts.models import Role, User
from config.api.fields import StrictSerializer, TextField


class CredentialsSerializer(StrictSerializer):
    email = TextField(max_length=1000)
    password = TextField(max_length=4096, trim_whitespace=False)


class UserSerializer(serializers.ModelSerializer[User]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)

    class Meta:
        model = User
        fields = ["id", "email", "role"]


class SessionSerializer(serializers.Serializer[dict[str, object]]):
    access_token = serializers.CharField()
    user = UserSerializer()
