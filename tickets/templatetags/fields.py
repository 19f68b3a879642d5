"""The inputs of forms, as templates/includes/field.html shows them."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The input itself. In a form that was refused the first wrong one has the focus, with or without JavaScript.

    Where the form as a whole is wrong that is its first, and the summary says what is the matter. Beside a field that
    has to know what the page showed stands that as well.
    """
    shown = field.as_hidden(only_initial=True) if field.field.show_hidden_initial else SafeString("")
    return _control(field) + shown


def _control(field: BoundField) -> SafeString:
    form = field.form
    if not form.is_bound or not form.errors:
        return field.as_widget()
    visible = form.visible_fields()
    first = next((each for each in visible if each.errors), visible[0])
    return field.as_widget(attrs={"autofocus": field.name == first.name})
