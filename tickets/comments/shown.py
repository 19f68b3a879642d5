"""What a ticket's page shows of a comment, of an attachment and of what was done, to the person who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.safestring import SafeString

from tickets.attachments.models import Attachment
from tickets.comments.models import Comment
from tickets.models import HistoryEntry


class Attached(NamedTuple):
    """An attachment, with what the person who reads may do with it. `in_text`: the text of its comment shows it."""

    attachment: Attachment
    can_remove: bool = False
    in_text: bool = False


class Item(NamedTuple):
    """A comment, with what the person who reads may do with it, or an entry.

    Instead of one it may be several: `said` are comments that follow one another, `folded` are entries.
    """

    comment: Comment | None = None
    html: SafeString = SafeString("")
    entry: HistoryEntry | None = None
    said: Sequence[Item] = ()
    folded: Sequence[Item] = ()
    is_new: bool = False
    can_edit: bool = False
    can_remove: bool = False
    can_read_versions: bool = False
    files: Sequence[Attached] = ()

    @property
    def made_at(self) -> datetime:
        made: datetime = (self.comment or self.entry).created_at  # type: ignore[union-attr]  # it is one of both
        return made
