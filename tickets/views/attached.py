"""What is attached to a ticket and to its comments, as its page shows it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from accounts.people.shown import shown_of
from tickets.attachments import permissions
from tickets.attachments.models import Attachment
from tickets.comments.models import Comment
from tickets.comments.shown import Attached
from tickets.models import Ticket

# The most pixels that a picture takes within a text.
IN_TEXT = (640, 480)
# As many are in sight; the others are folded.
MOST_IN_SIGHT = 20
_PICTURE = re.compile(r'<img src="/attachments/([0-9a-f-]{36})/preview"')


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """Those of the ticket itself, and those of each comment, the oldest first; `all` are both."""

    all: list[Attachment]
    of_ticket: list[Attached]
    of_comments: dict[uuid.UUID, list[Attached]]

    @property
    def in_sight(self) -> list[Attached]:
        return self.of_ticket[:MOST_IN_SIGHT]

    @property
    def folded(self) -> list[Attached]:
        return self.of_ticket[MOST_IN_SIGHT:]


def attached_files(user: User, ticket: Ticket, comments: Sequence[Comment]) -> AttachedFiles:
    """What is attached to the ticket and to these comments, which follow one another there, the oldest first.

    Where the ticket is deleted, all that is gone with it. They are to be given their people by `put_people`.
    """
    if ticket.deleted_at is not None:
        return AttachedFiles([], [], {})
    texts = {comment.pk: comment.html for comment in comments}
    present = Attachment.objects.present().filter(_of_ticket_or(comments), ticket=ticket)
    present = present.annotate(**shown_of("uploaded_by"))
    found = [each for each in present.oldest_first() if each.comment_id is None or each.comment_id in texts]
    files = AttachedFiles(found, [], {})
    for attachment in found:
        can_remove, of = permissions.can_remove(user, attachment), attachment.comment_id
        if of is None:
            files.of_ticket.append(Attached(attachment, can_remove))
        else:
            in_text = f"/attachments/{attachment.pk}/preview" in texts[of]
            files.of_comments.setdefault(of, []).append(Attached(attachment, can_remove, in_text))
    return files


def _of_ticket_or(comments: Sequence[Comment]) -> Q:
    """By their times: to name each of them takes longer than to look up their files."""
    of_ticket = Q(comment=None)
    if not comments:
        return of_ticket
    return of_ticket | Q(comment__created_at__range=(comments[0].created_at, comments[-1].created_at))


def with_sizes(html: SafeString, files: Iterable[Attachment]) -> SafeString:
    """The HTML of a comment in which pictures have their room before they are there, so that nothing moves."""
    if "<img" not in html:
        return html
    known = {str(attachment.pk): attachment for attachment in files if attachment.has_preview}

    def sized(found: re.Match[str]) -> str:
        attachment = known.get(found[1])
        if attachment is None:
            return found[0]
        width, height = attachment.fitted(*IN_TEXT)
        return f'{found[0]} width="{width}" height="{height}" loading="lazy"'

    return mark_safe(_PICTURE.sub(sized, html))  # noqa: S308  # nosec B308 B703 # only numbers were added
