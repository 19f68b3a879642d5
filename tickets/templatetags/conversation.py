"""Comments and attachments as a ticket's page shows them.

A page has dozens of them, each with half a dozen things that depend on who reads. As templates they took longer than
all the rest of the page; so what is the same for all is made once, and what needs no escaping is not escaped again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from django import template
from django.template.defaultfilters import filesizeformat
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.people import person, plain
from tickets.attachments.models import Attachment
from tickets.comments.models import Comment
from tickets.comments.shown import Attached, Item
from tickets.templatetags.desk import moment

register = template.Library()

_NOTHING = SafeString("")
# Stands for an id in an address.
_ID = str(uuid.UUID(int=0))


@register.simple_tag
def comment_row(item: Item, comment: Comment, query: str) -> SafeString:
    """The comment of an item, or the place of one that was removed. `query` is that of the item's Conversation."""
    query = conditional_escape(query)
    return format_html(
        '<li id="comment-{id}" class="comment"><p class="by"><strong>{who}</strong>'
        ' <a class="muted" href="?{query}comment={id}#comment-{id}">{when}</a>{marks}</p>{content}{own}</li>',
        id=plain(comment.pk),
        who=person(comment.author),
        query=query,
        when=moment(comment.created_at),
        marks=_marks(item, comment, query),
        content=_removed(item, comment, comment.removed_at, query) if comment.removed_at else _content(item, query),
        own=_own(item, comment, query),
    )


@register.simple_tag
def attached_rows(files: Iterable[Attached], query: str = "") -> SafeString:
    """Attachments as items of a list. Of those of a comment its author and time say who and when."""
    words = escape(_("(opens in a new tab)")), escape(_("Remove"))
    query = conditional_escape(query)
    return _joined(_attached_row(each, query, *words) for each in files)


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308  # nosec B308 B703 # each of them is


@cache
def _address_with(name: str, script_prefix: str) -> str:
    """Looked up once, not for every row. It begins with `script_prefix`, by which several are told apart."""
    return reverse(name, args=[_ID])


def _address(name: str, of: Comment | Attachment) -> SafeString:
    return plain(_address_with(name, get_script_prefix()).replace(_ID, str(of.pk)))


def _link(name: str, of: Comment, query: str, words: str) -> SafeString:
    return format_html('<a href="{}?{}">{}</a>', _address(name, of), query, words)


def _marks(item: Item, comment: Comment, query: str) -> SafeString:
    """What is special about a comment, behind its time."""
    marks = []
    if comment.is_question:
        marks.append(format_html(' <span class="tag">{}</span>', _("Question")))
        if hasattr(comment, "question"):
            marks.append(format_html(' <span class="muted">{}</span>', comment.question.state.label))
    if comment.edited_at and not comment.removed_at:
        words = _("edited")
        edited = _link("tickets:comment-versions", comment, query, words) if item.can_read_versions else words
        marks.append(format_html(' <span class="muted">{} {}</span>', edited, moment(comment.edited_at)))
    if item.is_new:
        marks.append(format_html(' <span class="count new">{}</span>', _("New")))
    return _joined(marks)


def _content(item: Item, query: str) -> SafeString:
    files = format_html('<ul class="files">{}</ul>', attached_rows(item.files, query)) if item.files else _NOTHING
    return format_html('<div class="markdown">{}</div>{}', item.html, files)


def _removed(item: Item, comment: Comment, at: datetime, query: str) -> SafeString:
    by, read = _("Removed by its author"), _NOTHING
    if comment.removed_by_id != comment.author_id:
        by = format_html(_("Removed by {who}"), who=person(comment.removed_by))
    if item.can_read_versions:
        read = _link("tickets:comment-versions", comment, query, _("What it said"))
    return format_html('<p class="muted">{} {} {}</p>', by, moment(at), read)


def _own(item: Item, comment: Comment, query: str) -> SafeString:
    """What the person who reads may do with it."""
    edit = _link("tickets:edit-comment", comment, query, _("Edit")) if item.can_edit else _NOTHING
    remove = _link("tickets:remove-comment", comment, query, _("Remove comment")) if item.can_remove else _NOTHING
    return format_html('<p class="own">{} {}</p>', edit, remove) if edit or remove else _NOTHING


def _about(file: Attachment) -> SafeString:
    size = filesizeformat(file.size)
    if file.comment_id:
        return conditional_escape(size)
    return format_html("{} · {} {}", size, person(file.uploaded_by), moment(file.created_at))


def _attached_row(each: Attached, query: str, new_tab: str, remove: str) -> SafeString:
    """Of the words each is escaped already."""
    file, name = each.attachment, escape(each.attachment.file_name)
    return format_html(
        '<li>{picture}<p><a href="/attachments/{id}" download><bdi>{name}</bdi></a>'
        ' <span class="small muted">{about}</span>{removal}</p></li>',
        picture=_thumbnail(file, name, new_tab) if file.has_preview and not each.in_text else _NOTHING,
        id=plain(file.pk),
        name=name,
        about=_about(file),
        removal=_removal(file, name, query, remove) if each.can_remove else _NOTHING,
    )


def _thumbnail(file: Attachment, name: SafeString, new_tab: str) -> SafeString:
    width, height = file.thumbnail
    return format_html(
        '<a class="thumbnail" href="/attachments/{id}/preview" target="_blank" rel="noopener">'
        '<img src="/attachments/{id}/preview" alt="{name}" width="{width}" height="{height}" loading="lazy">'
        '<span class="hidden-text"> {new_tab}</span></a>',
        id=plain(file.pk),
        name=name,
        width=plain(width),
        height=plain(height),
        new_tab=new_tab,
    )


def _removal(file: Attachment, name: SafeString, query: str, words: str) -> SafeString:
    return format_html(
        ' <a class="small muted" href="{}?{}">{}<span class="hidden-text"> <bdi>{}</bdi></span></a>',
        _address("tickets:remove-attachment", file),
        query,
        words,
        name,
    )
