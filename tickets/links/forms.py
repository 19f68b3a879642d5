"""What people fill in about links. Shapes only; the rules are in actions.py, beside this."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.links.models import KINDS, LinkKind
from tickets.search.queries import MAX_QUERY_LENGTH


class FindForm(forms.Form):
    q = forms.CharField(
        label=_("Find a ticket"),
        help_text=_("By its number, or by words that stand in it."),
        max_length=MAX_QUERY_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto", "autocomplete": "off"}),
    )


class LinkForm(forms.Form):
    """`ticket` is the number of the other one."""

    kind = forms.ChoiceField(
        label=_("This ticket is"), choices=[(kind, kind.label) for kind in KINDS], initial=LinkKind.RELATED
    )
    ticket = forms.CharField(max_length=40)
