"""What one is told of, in the preferences, which know nothing of tickets themselves."""

from __future__ import annotations

from django import template

from accounts.models import User
from tickets.inbox.forms import WaysForm

register = template.Library()


@register.simple_tag
def told_by(user: User) -> WaysForm:
    return WaysForm(user)
