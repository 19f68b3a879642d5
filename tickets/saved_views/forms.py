"""What people fill in about a saved view."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.forms import VisibleTextField
from tickets.saved_views.models import NAME_LENGTH


class SavedViewForm(forms.Form):
    name = VisibleTextField(label=_("Name"), max_length=NAME_LENGTH, widget=forms.TextInput(attrs={"dir": "auto"}))
