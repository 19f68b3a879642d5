"""What people fill in about tickets. Shapes only; the rules are in tickets/actions.py."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models import DESCRIPTION_LENGTH, REASON_LENGTH, TITLE_LENGTH
from tickets.texts.characters import is_invisible, unix_lines
from tickets.uploads.forms import FilesForm
from tickets.workflow import Severity

DATETIME_LOCAL = "%Y-%m-%dT%H:%M"


class VisibleTextField(forms.CharField):
    """Counts as empty where nobody sees anything of it."""

    def validate(self, value: Any) -> None:
        super().validate("" if isinstance(value, str) and is_invisible(value) else value)


class TextArea(VisibleTextField):
    """Text of several lines, stored as it was typed but for its line ends."""

    def __init__(self, *, rows: int, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "dir": "auto", **(attrs or {})}), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(unix_lines(value) if isinstance(value, str) else value)


class TextsForm(forms.Form):
    """Title and description. The title has a text area as well, since titles may have line breaks."""

    title = TextArea(
        label=_("Title"),
        rows=1,
        max_length=TITLE_LENGTH,
        help_text=_("What is wrong, in one line."),
        attrs={"class": "line"},
    )
    description = TextArea(
        label=_("Description"),
        rows=9,
        strip=False,
        max_length=DESCRIPTION_LENGTH,
        help_text=_("What you did, what you expected, what happened, and who else is affected."),
    )


def in_three_working_days() -> datetime:
    """At 17:00 in the person's time zone: what most tickets want, so that there is less to fill in."""
    day = timezone.localtime().replace(hour=17, minute=0, second=0, microsecond=0)
    for _step in range(3):
        day += timedelta(days=3 if day.weekday() == 4 else 2 if day.weekday() == 5 else 1)
    return day


class NewTicketForm(FilesForm, TextsForm):
    due_date = forms.DateTimeField(
        label=_("Due"),
        initial=in_three_working_days,
        input_formats=[DATETIME_LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"],
        widget=forms.DateTimeInput(format=DATETIME_LOCAL, attrs={"type": "datetime-local"}),
    )
    severity = forms.ChoiceField(
        label=_("Severity"), choices=Severity.choices, widget=forms.RadioSelect, initial=Severity.MEDIUM
    )
    ai_suggested_severity = forms.ChoiceField(
        choices=[("", ""), *Severity.choices], required=False, widget=forms.HiddenInput
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_date"].help_text = _("Time zone: %(zone)s.") % {"zone": timezone.get_current_timezone()}
        if not self.is_bound:  # in one that came back, the first wrong field has the focus
            self.fields["title"].widget.attrs["autofocus"] = True

    def clean_ai_suggested_severity(self) -> str | None:
        return self.cleaned_data["ai_suggested_severity"] or None

    def clean_due_date(self) -> datetime:
        due: datetime = self.cleaned_data["due_date"]
        try:
            return due.astimezone(UTC)
        except OverflowError:
            raise ValidationError(_("This day is too far away.")) from None

    def submission(self) -> tuple[uuid.UUID, dict[str, Any]]:
        """The fields of a valid form, and a key that is the same whenever the same form brings the same text.

        Another text gets another key, so that nothing is lost when somebody goes back and writes the next ticket
        into the form of the last. The suggestion does not count: it may come in between.
        """
        fields = dict(self.cleaned_data)
        form_key = fields.pop("key") or uuid.uuid4()
        typed = (str(fields[name]) for name in ("title", "description", "due_date", "severity"))
        return uuid.uuid5(form_key, "\0".join(typed)), fields


class EditTicketForm(FilesForm, TextsForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class ReviewForm(forms.Form):
    """`decision` is APPROVE, which leaves the severity as it is, or the level that the ticket gets instead.

    None at all is a rule of the move, as a missing reason is.
    """

    APPROVE = "APPROVE"

    decision = forms.ChoiceField(
        label=_("Severity"), choices=[(APPROVE, _("Approve")), *Severity.choices], initial=APPROVE, required=False
    )
    reason = TextArea(
        label=_("Reason"),
        rows=3,
        max_length=REASON_LENGTH,
        required=False,
        help_text=_("For another severity. The author reads it."),
        attrs={"class": "short", "placeholder": " "},  # a space, by which the style sheet tells an empty field
    )
    version = forms.IntegerField(widget=forms.HiddenInput(attrs={"data-fresh": True}), min_value=1, required=False)
