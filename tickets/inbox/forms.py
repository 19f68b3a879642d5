"""The table of kinds in the preferences, and by which way one is told of each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.models import User
from tickets.inbox.models import Kind, Way
from tickets.inbox.ways import choose_ways, ways_of


class WaysForm(forms.Form):
    """A select for each kind. Kinds that are not sent, and those that are sent as they were shown, stay as they are.

    Without mail it is not offered, and what would be mailed is shown as what it comes to then. Only managers are told
    of drafts.
    """

    use_required_attribute = False

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, auto_id="way_%s")
        self.user = user
        offered = list(Way) if settings.HAS_MAIL else [Way.INBOX, Way.NOWHERE]
        for kind, way in ways_of(user).items():
            if kind != Kind.DRAFT or user.is_manager:
                self.fields[kind.value] = forms.ChoiceField(
                    label=kind.label,
                    choices=[(way.value, way.label) for way in offered],
                    initial=way if way in offered else Way.INBOX,
                    required=False,
                )

    def save(self) -> None:
        sent = {name: self.cleaned_data[name] for name in self.changed_data if self.cleaned_data[name]}
        choose_ways(self.user, {Kind(name): Way(way) for name, way in sent.items()})
