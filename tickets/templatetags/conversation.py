"""Comments and attachments as a ticket's page shows them.

A page has dozens of them, each with half a dozen things that depend on who reads. As templates they took longer than
all the rest of the page, and most of what was left went into looking up words and escaping what has nothing to escape.
So what is the same for all rows is made once, by _Writer. Whatever its methods take and give is HTML already; what
somebody has written is escaped where it comes in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from typing import NamedTuple

from django import template
from django.template.defaultfilters import filesizeformat
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.people import person
from tickets.asking.reading import question_of
from tickets.attachments.models import Attachment
from tickets.comments.models import Comment
from tickets.comments.shown import Attached, Item
from tickets.templatetags.desk import Moments

register = template.Library()

# Stands for an id in an address.
_ID = str(uuid.UUID(int=0))


@register.simple_tag
def comment_rows(items: Sequence[Item], query: str) -> SafeString:
    """Comments as items of a list, those that were removed as their places. `query` is that of the Conversation."""
    write = _Writer(query)
    return _safe("".join([write.comment(item, item.comment) for item in items if item.comment]))


@register.simple_tag
def attached_rows(files: Sequence[Attached], query: str = "") -> SafeString:
    """Attachments as items of a list. Of those of a comment its author and time say who and when."""
    return _safe(_Writer(query).files(files) if files else "")


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308  # nosec B308 B703 # a _Writer has escaped what is not ours


class _Writer:
    """Rows of one page for one person. `query` is that of the links."""

    def __init__(self, query: str) -> None:
        self.query = conditional_escape(query)
        self.moment = Moments()
        self.language = get_language() or ""
        self.words = _words(self.language)
        self.prefix = get_script_prefix()

    def comment(self, item: Item, comment: Comment) -> str:
        id = comment.id
        content = self._removed(item, comment, comment.removed_at) if comment.removed_at else self._content(item)
        return (
            f'<li id="comment-{id}" class="comment"><p class="by"><strong>{person(comment.author)}</strong>'
            f' <a class="muted" href="?{self.query}comment={id}#comment-{id}">{self.moment(comment.created_at)}</a>'
            f"{self._marks(item, comment)}</p>{content}{self._own(item, comment)}</li>"
        )

    def files(self, files: Sequence[Attached]) -> str:
        return "".join([self._file(each, each.attachment) for each in files])

    def _link(self, name: str, id: uuid.UUID, words: str) -> str:
        before, after = _address(name, self.prefix)
        return f'href="{before}{id}{after}?{self.query}">{words}</a>'

    def _marks(self, item: Item, comment: Comment) -> str:
        """What is special about a comment, behind its time."""
        marks = f' <span class="tag">{self.words.question}</span>' if comment.is_question else ""
        if question := question_of(comment):
            marks += f' <span class="muted">{escape(str(question.state.label))}</span>'
        if comment.edited_at and not comment.removed_at:
            edited = self.words.edited
            if item.can_read_versions:
                edited = f"<a {self._link('tickets:comment-versions', comment.id, edited)}"
            marks += f' <span class="muted">{edited} {self.moment(comment.edited_at)}</span>'
        return f'{marks} <span class="count new">{self.words.new}</span>' if item.is_new else marks

    def _content(self, item: Item) -> str:
        files = f'<ul class="files">{self.files(item.files)}</ul>' if item.files else ""
        return f'<div class="markdown">{item.html}</div>{files}'

    def _removed(self, item: Item, comment: Comment, at: datetime) -> str:
        by, read = self.words.removed_by_author, ""
        if comment.removed_by_id != comment.author_id:
            by = self.words.removed_by.format(who=person(comment.removed_by))
        if item.can_read_versions:
            read = f"<a {self._link('tickets:comment-versions', comment.id, self.words.what_it_said)}"
        return f'<p class="muted">{by} {self.moment(at)} {read}</p>'

    def _own(self, item: Item, comment: Comment) -> str:
        """What the person who reads may do with it."""
        edit = f"<a {self._link('tickets:edit-comment', comment.id, self.words.edit)}" if item.can_edit else ""
        remove = ""
        if item.can_remove:
            remove = f"<a {self._link('tickets:remove-comment', comment.id, self.words.remove_comment)}"
        return f'<p class="own">{edit} {remove}</p>' if edit or remove else ""

    def _file(self, each: Attached, file: Attachment) -> str:
        name, about, removal = escape(file.file_name), _size(file.size, self.language), ""
        picture = self._thumbnail(file, name) if file.has_preview and not each.in_text else ""
        if not file.comment_id:
            about = f"{about} · {person(file.uploaded_by)} {self.moment(file.created_at)}"
        if each.can_remove:
            words = f'{self.words.remove}<span class="hidden-text"> <bdi>{name}</bdi></span>'
            removal = f' <a class="small muted" {self._link("tickets:remove-attachment", file.id, words)}'
        return (
            f'<li>{picture}<p><a href="/attachments/{file.id}" download><bdi>{name}</bdi></a>'
            f' <span class="small muted">{about}</span>{removal}</p></li>'
        )

    def _thumbnail(self, file: Attachment, name: str) -> str:
        width, height = file.thumbnail
        return (
            f'<a class="thumbnail" href="/attachments/{file.id}/preview" target="_blank" rel="noopener">'
            f'<img src="/attachments/{file.id}/preview" alt="{name}" width="{width}" height="{height}" loading="lazy">'
            f'<span class="hidden-text"> {self.words.new_tab}</span></a>'
        )


class _Words(NamedTuple):
    question: str
    edited: str
    new: str
    edit: str
    remove_comment: str
    what_it_said: str
    removed_by_author: str
    removed_by: str
    new_tab: str
    remove: str


@cache
def _words(language: str) -> _Words:
    """Those of this language, which is the one in use."""
    words = _("Question"), _("edited"), _("New"), _("Edit"), _("Remove comment"), _("What it said")
    removed = _("Removed by its author"), _("Removed by {who}")
    return _Words(*(escape(each) for each in (*words, *removed, _("(opens in a new tab)"), _("Remove"))))


@cache
def _address(name: str, script_prefix: str) -> tuple[str, str]:
    """What stands before an id and behind it. It begins with `script_prefix`, by which several are told apart."""
    before, _id, after = reverse(name, args=[_ID]).partition(_ID)
    return before, after


@lru_cache(maxsize=1_000)
def _size(size: int, language: str) -> str:
    """So many bytes as people write it in this language, which is the one in use."""
    return escape(filesizeformat(size))
