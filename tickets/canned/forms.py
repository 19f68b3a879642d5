"""What people fill in about canned texts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.canned.models import CANNED_NAME_LENGTH, CANNED_TEXT_LENGTH
from tickets.forms import TextArea, VisibleTextField


class CannedTextForm(forms.Form):
    name = VisibleTextField(
        label=_("Name"), max_length=CANNED_NAME_LENGTH, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    text = TextArea(
        label=_("Text"),
        rows=4,
        max_length=CANNED_TEXT_LENGTH,
        help_text=_("{ticket}, {author} and {severity} become those of the ticket that you write on."),
    )
    is_shared = forms.BooleanField(label=_("Share it with all managers"), required=False)
