from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Role, User
from config.api.fields import StrictSerializer, TextField

# Spaces alone are no e-mail, and a NUL is nowhere taken.
WRITTEN = {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}


@extend_schema_field(WRITTEN)
class EmailField(TextField):
    pass


class CredentialsSerializer(StrictSerializer):
    email = EmailField(max_length=1000)
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
