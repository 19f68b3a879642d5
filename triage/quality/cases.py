"""Which tickets stand behind a figure of triage quality: reading that from the query of an address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import InvalidInput
from tickets.models import Ticket
from tickets.workflow import Severity
from triage.models import Source
from triage.quality.measures import Group, judged_tickets

# In a query: there is no value, rather than any.
NONE = "NONE"
YES_OR_NO = [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]


class MonthField(forms.CharField):
    """`2026-03`; its first moment and the first of the next month, in UTC."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if not re.fullmatch("20[0-9]{2}-(0[1-9]|1[0-2])", text):
            raise ValidationError(_("Write a month such as 2026-03."))
        return text


class CaseForm(forms.Form):
    """What a query may say. Each field narrows the tickets, and an empty one does not.

    A `source` of NONE means suggestions that are not in the ledger, and `decided=NONE` tickets that no manager has
    decided on yet.
    """

    source = forms.ChoiceField(choices=[*Source.choices, (NONE, NONE)], required=False)
    model = forms.CharField(max_length=200, required=False)
    month = MonthField(required=False)
    suggested = forms.ChoiceField(choices=Severity.choices, required=False)
    decided = forms.ChoiceField(choices=[*Severity.choices, (NONE, NONE)], required=False)
    followed = forms.ChoiceField(choices=YES_OR_NO, required=False)
    kept = forms.ChoiceField(choices=YES_OR_NO, required=False)


class Case:
    """The tickets that a query asks for. Raises InvalidInput for a query that makes no sense.

    The same question can be put in two ways: to the groups that the figures are counted from (`fits`), so that a page
    of figures costs no further queries, and to the database (`tickets`), for the list of those tickets.

    `followed` is whether the author chose what was suggested, `kept` whether the manager left what the author chose.
    """

    def __init__(self, query: Mapping[str, Any], names: tuple[str, ...] = tuple(CaseForm.base_fields)) -> None:
        form = CaseForm({name: query.get(name, "") for name in names})
        if not form.is_valid():
            raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
        self.asked: dict[str, str] = {name: value for name, value in form.cleaned_data.items() if value}

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Each thing that is asked for, in words, with the query that asks for all but it."""
        return [(label, f"?{self.query(**{name: ''})}") for name, label in self._labels()]

    def query(self, **changes: str) -> str:
        """Its own query with something put in or, where the value is empty, taken out."""
        return urlencode({name: value for name, value in (self.asked | changes).items() if value})

    def _labels(self) -> Iterator[tuple[str, str]]:
        for name, value in self.asked.items():
            match name, value:
                case "source", "NONE":
                    label = _("not in the ledger")
                case "source", _source:
                    label = str(Source(value).label)
                case "model", _model:
                    label = value
                case "month", _month:
                    label = _("created in %(month)s") % {"month": value}
                case "suggested", _level:
                    label = _("suggested %(level)s") % {"level": Severity(value).label}
                case "decided", "NONE":
                    label = _("not decided on yet")
                case "decided", _level:
                    label = _("decided %(level)s") % {"level": Severity(value).label}
                case "followed", "yes":
                    label = _("followed by the author")
                case "followed", _no:
                    label = _("not followed by the author")
                case _kept, "yes":
                    label = _("the author’s level kept")
                case _:
                    label = _("the author’s level changed")
            yield name, label

    def fits(self, group: Group) -> bool:
        """Whether the tickets of this group are asked for."""
        decided = group.reviewed is not None
        of_group = {
            "source": group.source or NONE,
            "model": group.model,
            "month": group.month,
            "suggested": group.suggested,
            "decided": group.reviewed or NONE,
            "followed": "yes" if group.chosen == group.suggested else "no",
            "kept": ("yes" if group.reviewed == group.chosen else "no") if decided else None,
        }
        return all(of_group[name] == value for name, value in self.asked.items())

    def tickets(self) -> QuerySet[Ticket, Any]:
        """The tickets asked for, newest first, each with `suggested` and `chosen`."""
        found = judged_tickets().filter(*(self._condition(name, value) for name, value in self.asked.items()))
        return found.order_by("-year", "-sequence")

    def _condition(self, name: str, value: str) -> Q:
        match name, value:
            case "source", "NONE":
                return Q(suggestion=None)
            case (("source" | "model"), _):
                return Q(**{f"suggestion__{name}": value})
            case "month", _:
                return Q(created_at__gte=_first_moment(value), created_at__lt=_first_moment(_next_month(value)))
            case "suggested", _:
                return Q(suggested=value)
            case "decided", "NONE":
                return Q(reviewed_by=None)
            case "decided", _:
                return Q(reviewed_by__isnull=False, severity=value)
            case "followed", _:
                return Q(chosen=F("suggested")) if value == "yes" else ~Q(chosen=F("suggested"))
        same = Q(severity=F("chosen"))
        return Q(reviewed_by__isnull=False) & (same if value == "yes" else ~same)


def _first_moment(month: str) -> datetime:
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)


def _next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"
