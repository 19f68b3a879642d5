"""What a manager fills in in review mode, beside the decision. Shapes only; the rules are in the actions."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.comments.models import COMMENT_LENGTH
from tickets.forms import TextArea
from tickets.texts.numbers import has_form

MORNING = 6  # o'clock


class AskForm(forms.Form):
    text = TextArea(
        label=_("Question"),
        rows=3,
        strip=False,
        max_length=COMMENT_LENGTH,
        help_text=_("The author finds it in the inbox. The ticket comes back to you with the answer."),
        attrs={"class": "short"},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def submission(self, ticket_id: uuid.UUID) -> tuple[uuid.UUID, str]:
        """The text of a valid form, and a key that is the same whenever the same form brings the same text."""
        key, text = self.cleaned_data["key"] or uuid.uuid4(), self.cleaned_data["text"]
        return uuid.uuid5(key, f"{ticket_id}\0{text}"), text


class DuplicateForm(forms.Form):
    of = forms.CharField(label=_("Number of the ticket that it duplicates"), max_length=40)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def clean_of(self) -> str:
        number = str(self.cleaned_data["of"]).upper()
        if not has_form(number):
            raise forms.ValidationError(_("Write a number such as TKT-2026-000123."))
        return number


class SnoozeForm(forms.Form):
    TOMORROW, WEEK, CHANGE = "tomorrow", "week", "change"

    until = forms.ChoiceField(
        choices=[(TOMORROW, _("Until tomorrow")), (WEEK, _("Until next week")), (CHANGE, _("Until something happens"))]
    )

    def moment(self) -> datetime | None:
        """The morning of tomorrow or of next Monday, in the person's time zone; None until something happens."""
        if (until := self.cleaned_data["until"]) == self.CHANGE:
            return None
        morning: Any = timezone.localtime().replace(hour=MORNING, minute=0, second=0, microsecond=0)
        return morning + timedelta(days=1 if until == self.TOMORROW else 7 - morning.weekday())  # type: ignore[no-any-return]  # a datetime
