"""People on pages: a name with the mark of its initials, and the e-mail one hover away.

As a rule a name is no link and takes no focus, since a list of fifty would have fifty more places to go through. Who
does not hover finds the e-mail one tap away: on a ticket's page under “E-mails” (templates/tickets/ticket.html), to
which every row of a list leads, and one's own in the preferences. Where no such page is behind it, the name itself
leads to a mail to them (`mail=True`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User

register = template.Library()

# The initials are drawn by the style sheet from `data-initials`: as text they would be read out and copied with the
# name, and be two more elements in each row.
_WHO = '<span class="who tone-{}" data-initials="{}" title="{}"><bdi>{}</bdi></span>'
_MAILED = '<a href="mailto:{}" class="who tone-{}" data-initials="{}" title="{}"><bdi>{}</bdi></a>'


def plain(value: object) -> SafeString:
    """What is an id, a number, a time or a word of ours has nothing to escape, which takes longer than it looks."""
    return SafeString(value)  # nosec B703


@register.simple_tag
def person(user: User | None, otherwise: str = "", *, mail: bool = False) -> SafeString:
    """Mark and name of a person; `otherwise` where there is none, as for what the external system did."""
    if not user:
        return format_html("{}", otherwise)
    return _shown(user.id, user.name, user.email, mail)


@register.simple_tag
def e_mails(people: Iterable[User]) -> SafeString:
    """People with their e-mails as items of a list. One that is too long for its place breaks before its host."""
    return format_html_join("", "{}", [(_with_e_mail(user.id, user.name, user.email),) for user in people])


@lru_cache(maxsize=1_000)
def _with_e_mail(id: uuid.UUID, name: str, email: str) -> SafeString:
    local, at, host = email.rpartition("@")
    to = quote(email, safe="@")
    return format_html(
        '<li>{} <a href="mailto:{}">{}<wbr>{}{}</a></li>', _shown(id, name, email, False), to, local, at, host
    )


@lru_cache(maxsize=1_000)
def _shown(id: uuid.UUID, name: str, email: str, mail: bool) -> SafeString:
    """Kept, since a page names the same few people dozens of times."""
    user = User(id=id, name=name, email=email)
    shown = (plain(user.tone), user.initials, user.name_and_email, user.shown_name)
    return format_html(_MAILED, quote(email, safe="@"), *shown) if mail else format_html(_WHO, *shown)
