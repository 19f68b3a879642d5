"""What a ticket's page shows of a comment, of an attachment and of what was done, to the person who reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tickets.attachments.models import Attachment
from tickets.comments.models import Comment
from tickets.models import HistoryEntry


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment, with what the person who reads may do with it. `in_text`: the text of its comment shows it."""

    attachment: Attachment
    can_remove: bool = False
    in_text: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A comment, with what the person who reads may do with it, or an entry. `folded` are several entries instead."""

    comment: Comment | None = None
    html: str = ""
    entry: HistoryEntry | None = None
    folded: list[Item] | None = None
    is_new: bool = False
    can_edit: bool = False
    can_remove: bool = False
    can_read_versions: bool = False
    files: list[Attached] = field(default_factory=list)

    @property
    def made_at(self) -> datetime:
        made: datetime = (self.comment or self.entry).created_at  # type: ignore[union-attr]  # it is one of both
        return made
