"""The query of the ticket list, the same for API and pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, cast

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from config.errors import InvalidInput
from config.ids import parse_uuid
from config.times import parse_time
from tickets import status_counts
from tickets.models import Ticket, TicketQuerySet
from tickets.search.queries import MAX_QUERY_LENGTH
from tickets.workflow import Severity, Status

SORTS = ("number", "createdAt", "updatedAt", "dueDate", "severity", "status")
AUTHOR, REVIEW = "author", "review"
WAITING_FOR = (AUTHOR, REVIEW)  # what a draft can wait for
COMMENTS = "comments"  # where else a text may be looked for
SORT_CHOICES = [(sign + name, sign + name) for name in SORTS for sign in ("", "-")]


class MomentField(forms.CharField):
    """A time as the API reads it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_time(text)
        except ValueError:
            raise ValidationError(_("Write a time such as 2026-01-31T09:30:00.000Z.")) from None


class MomentFilter(filters.Filter):
    field_class = MomentField


class ChoiceFilter(filters.ChoiceFilter):
    """One of the values of `choices`; the error names them."""

    def __init__(self, *, choices: list[tuple[str, Any]], **more: Any) -> None:
        listed = ", ".join(value for value, _words in choices)
        message = format_lazy(gettext_lazy("Write one of {choices}."), choices=listed)
        super().__init__(choices=choices, error_messages={"invalid_choice": message}, **more)


class TicketFilter(filters.FilterSet):
    """`user` is whom `createdBy=me` and `reviewedBy=me` mean; `people`, where given, are all whom these can name.

    `in=comments` has `q` look into comments as well. It is no attribute here, since the word is Python's.
    """

    status = ChoiceFilter(choices=Status.choices)
    severity = ChoiceFilter(choices=Severity.choices)
    q = filters.CharFilter(method="search", strip=False, max_length=MAX_QUERY_LENGTH)
    createdBy = filters.CharFilter(method="by_author")
    reviewedBy = filters.CharFilter(method="by_reviewer")
    dueBefore = MomentFilter(field_name="due_date", lookup_expr="lt", strip=False)
    updatedSince = MomentFilter(field_name="updated_at", lookup_expr="gte", strip=False)
    waitingFor = ChoiceFilter(choices=[(name, name) for name in WAITING_FOR], method="waiting_for")
    sort = ChoiceFilter(choices=SORT_CHOICES, method="ordered")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def __init__(
        self,
        data: QueryDict,
        *,
        queryset: TicketQuerySet,
        user: User,
        people: Mapping[uuid.UUID, User] | None = None,
    ) -> None:
        self.query, self.user, self.people = data, user, people
        self.named: dict[str, User] = {}  # whom `createdBy` and `reviewedBy` name, once they are valid
        super().__init__(data, queryset=queryset.newest_first())

    def found(self) -> TicketQuerySet:
        """The tickets that fit, in the order asked for. Raises InvalidInput that names each bad parameter."""
        bad = {name: [str(text) for text in texts] for name, texts in self.errors.items()}
        if self.query.get("in") not in (None, "", COMMENTS):
            bad["in"] = [_("Write comments, or leave it out.")]
        if bad:
            raise InvalidInput(bad)
        return cast(TicketQuerySet, self.qs)

    @property
    def in_comments(self) -> bool:
        return self.query.get("in") == COMMENTS

    @property
    def only_status(self) -> bool:
        """Whether nothing but a status narrows it."""
        return not any(self.query.get(name) for name in self.base_filters if name not in ("status", "sort"))

    def total(self) -> int:
        """How many fit, without a look at each where nothing but a status narrows them.

        The sums that the database keeps count all live tickets, so they fit as long as everybody may see those.
        """
        if not self.only_status:
            return self.found().count()
        by_status = status_counts.by_status()
        status = self.query.get("status")
        return by_status[status] if status else sum(by_status.values())

    def search(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.matching(value, in_comments=self.in_comments)

    def by_author(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.raised_by(self._person(name, value))

    def by_reviewer(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.reviewed_by(self._person(name, value))

    def waiting_for(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.waiting_for_author() if value == AUTHOR else queryset.waiting_for_review()

    def _person(self, name: str, value: str) -> User:
        self.named[name] = self.user if value == "me" else self._other(name, value)
        return self.named[name]

    def _other(self, name: str, value: str) -> User:
        try:
            pk = parse_uuid(value)
            return User.objects.get(pk=pk) if self.people is None else self.people[pk]
        except (ValueError, KeyError, User.DoesNotExist):
            raise InvalidInput({name: [_("Write the id of a person, or me.")]}) from None

    def ordered(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.sorted_by(value.removeprefix("-"), descending=value.startswith("-"))
