"""Serializers and fields that take what the contract names and nothing that merely resembles it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.times import iso, parse_time

# How many unknown fields an answer names: a body may hold a hundred thousand of them.
MAX_NAMED_FIELDS = 20


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, beside all else that is wrong; null in an optional field means absent."""

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            strange = (name for name in data if name not in self.fields)
            unknown = {name: [_("Unknown field.")] for name in islice(strange, MAX_NAMED_FIELDS)}
            data = self._of_form(data) if isinstance(data, QueryDict) else data
            optional = {name for name, field in self.fields.items() if not field.required}
            data = {name: value for name, value in data.items() if value is not None or name not in optional}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            known = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
            raise serializers.ValidationError({**unknown, **known}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return values

    def _of_form(self, form: QueryDict) -> dict[str, Any]:
        """A list is sent as a field that is there once for each item. Of any other that is repeated the last counts."""
        lists = {name for name, field in self.fields.items() if isinstance(field, serializers.ListField)}
        return {name: form.getlist(name) if name in lists else form[name] for name in form}


class TextField(serializers.CharField):
    """A string, not something that could be turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ChoiceField(serializers.ChoiceField):
    """One of the listed strings, to the letter."""

    default_error_messages = {"invalid_choice": _("Write one of {choices}.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false; in a form, which has nothing but text, one of these words."""

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(self.root.initial_data, QueryDict):
            data = {"true": True, "false": False}.get(data, data)
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class TimeField(serializers.DateTimeField):
    """A time in ISO 8601: read as UTC where it has no offset, cut to milliseconds, written in UTC with `Z`."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="2026-01-31T09:30:00.000Z")
        try:
            moment = parse_time(value)
        except ValueError:
            self.fail("invalid", format="2026-01-31T09:30:00.000Z")
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def to_representation(self, value: datetime) -> str:
        return iso(value)
