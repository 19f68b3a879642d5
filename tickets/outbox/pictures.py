"""The HTML of comments, as mail programs can show it.

A mail program has nothing of the desk's: links get the desk's address, and pictures, which only who is signed in may
fetch, become links with the names of their files. Nothing is fetched by reading a mail.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tickets.attachments.models import Attachment
from tickets.comments.rendering import html_of
from tickets.models import Comment

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# As rendering.py has let them through: what somebody typed has no `<` in it there.
_PICTURE = re.compile(rf'<img\b[^>]*?\bsrc="/attachments/({_ID})/preview"[^>]*>')
_OWN_LINK = re.compile(r'(<a\b[^>]*?\bhref=")(?=/)')
_IN_TEXT = re.compile(rf"\(attachment:({_ID})\)", re.IGNORECASE)


def html_for_mail(comment: Comment, names: Mapping[uuid.UUID, str]) -> SafeString:
    """`names` are those of attached files."""

    def named(picture: re.Match[str]) -> str:
        name = names.get(uuid.UUID(picture[1])) or _("Picture")
        return format_html('<a href="{}">{}</a>', address_of(picture[1]), name)

    html = _OWN_LINK.sub(rf"\g<1>{settings.PUBLIC_URL}", _PICTURE.sub(named, html_of(comment)))
    return mark_safe(html)  # noqa: S308  # nosec B308 B703 # the cleaner's own, with addresses of ours


def text_for_mail(comment: Comment) -> str:
    """As it was typed, with addresses of pictures that can be opened."""
    return _IN_TEXT.sub(lambda found: f"({address_of(found[1].lower())})", comment.text or "")


def names_of_pictures(comments: Iterable[Comment]) -> dict[uuid.UUID, str]:
    found = {uuid.UUID(key) for comment in comments for key in _PICTURE.findall(html_of(comment))}
    if not found:
        return {}
    return dict(Attachment.objects.present().filter(pk__in=found).values_list("pk", "file_name"))


def address_of(attachment: str) -> str:
    return f"{settings.PUBLIC_URL}/attachments/{attachment}"
