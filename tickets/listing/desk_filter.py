"""The query of the ticket list on the desk: the API's filters, and those that only people ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.listing.filters import ChoiceFilter, TicketFilter
from tickets.models import TicketQuerySet
from tickets.search.queries import number_in


class DayField(forms.DateField):
    """A day on which a ticket may have been created."""

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day is not None and not 2000 <= day.year <= 9000:
            raise ValidationError(_("Write a day such as 2026-01-31."))
        return day


class DayFilter(filters.Filter):
    field_class = DayField


class DeskFilter(TicketFilter):
    """The API's filter with more to choose from. Days begin at midnight in the person's time zone."""

    awaiting = ChoiceFilter(choices=[("me", "me")], method="awaiting_my_review")
    overdue = ChoiceFilter(choices=[("1", "1")], method="is_overdue")
    due = ChoiceFilter(choices=[("soon", "soon")], method="is_due_soon")
    createdFrom = DayFilter(method="created_from")  # noqa: N815 - like its neighbours
    createdTo = DayFilter(method="created_to")  # noqa: N815 - like its neighbours

    def search(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """All the words somewhere in the ticket; the API looks for the whole text in one piece."""
        return queryset.matching_words(value, in_comments=self.in_comments)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A ticket whose number is searched for stands first, whatever the order."""
        found = cast(TicketQuerySet, super().filter_queryset(queryset))
        number = number_in(self.form.cleaned_data.get("q") or "")
        return found.numbered_first(number) if number else found

    def awaiting_my_review(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.awaiting_review_by(self.user)

    def is_overdue(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.overdue()

    def is_due_soon(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.due_soon()

    def created_from(self, queryset: TicketQuerySet, name: str, value: date) -> TicketQuerySet:
        return queryset.created_since(_midnight(value))

    def created_to(self, queryset: TicketQuerySet, name: str, value: date) -> TicketQuerySet:
        return queryset.created_before(_midnight(value + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time())).astimezone(UTC)
