"""What was said about a ticket and what was done to it, in the order of time, as the ticket's page shows it.

It is shown in parts, from the newest. A part is as many comments as tickets/comments/reading.py says and what was done
between them; of that the newest, unless all is asked for. Where much was done in a row it is folded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import DatabaseError
from django.db.models import Subquery
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.people.shown import put_people, shown_of
from accounts.signing_in.sessions import SignedInRequest
from config.ids import parse_uuid
from config.paging import is_count
from config.requests import looks_ahead
from tickets.comments import looks
from tickets.comments import permissions as comment_permissions
from tickets.comments.models import Comment
from tickets.comments.reading import Part, number_of_part, part_of
from tickets.comments.rendering import html_of
from tickets.comments.shown import Item
from tickets.inbox import read_marks
from tickets.inbox.notifications import unread_about
from tickets.models import HistoryEntry, Ticket
from tickets.views.attached import AttachedFiles, attached_files, with_sizes

log = logging.getLogger("tickets.views")

# How many entries of history a part shows unless all are asked for.
MOST_ENTRIES = 50
# How many entries in a row are folded, and how many of them stay in sight.
FOLDED_FROM, IN_SIGHT = 10, 3


@dataclass(frozen=True, slots=True)
class Conversation:
    """A part of it, the oldest first; `number` counts parts from the newest, which is 1.

    `files` is what is attached to the ticket and to these comments. `people` are all whom it names. `is_shortened`:
    older entries than those shown belong to this part. `query` is that of the page but for which part it shows; links
    to comments, of which there are many, begin with it.
    """

    items: list[Item]
    files: AttachedFiles
    people: list[User]
    number: int
    has_earlier: bool
    is_shortened: bool
    query: str


def conversation(request: SignedInRequest, ticket: Ticket, *, is_looked_at: bool = True) -> Conversation:
    """The part that `comment` is in, or of the number `part`, or the newest, with all entries if `history` is `all`.

    Where a person looks now, and this is not fetched ahead for later, all that they are told of it becomes read.
    """
    user, unread = request.user, unread_about(request.user, ticket)
    part = _part(request, ticket)
    entries = _entries_of(ticket, part, user)
    everything = request.GET.get("history") == "all"
    shown = list(entries if everything else entries[: MOST_ENTRIES + 1])
    is_shortened = not everything and len(shown) > MOST_ENTRIES
    shown = shown if everything else shown[:MOST_ENTRIES]
    if is_looked_at and request.method == "GET" and not looks_ahead(request):
        _mark_as_read(user, unread)
        if part.number == 1:
            _note_look(user, ticket, [*shown, *part.comments])
    files = attached_files(user, ticket, part.comments)
    return Conversation(
        items=list(_folded(_items(user, part.comments, shown, files, is_live=ticket.deleted_at is None))),
        files=files,
        people=_people_of(ticket, part.comments, shown, files),
        number=part.number,
        has_earlier=part.after is not None,
        is_shortened=is_shortened,
        query=_query(request),
    )


def mark_as_seen(user: User, ticket: Ticket) -> None:
    """What was fetched ahead is being looked at now: all that this person is told of the ticket becomes read."""
    _mark_as_read(user, unread_about(user, ticket))


def _query(request: SignedInRequest) -> str:
    query = request.GET.copy()
    for name in ("part", "comment"):
        query.pop(name, None)
    return f"{query.urlencode()}&" if query else ""


def _part(request: SignedInRequest, ticket: Ticket) -> Part:
    seen_at = Subquery(looks.seen_by(request.user))
    comments = Comment.objects.filter(ticket=ticket).select_related("question")
    comments = comments.annotate(seen_at=seen_at, **shown_of("author"), **shown_of("removed_by"))
    number = request.GET.get("part", "")[:6]
    if (comment := request.GET.get("comment")) is not None:
        try:
            number = str(number_of_part(ticket.pk, parse_uuid(comment)) or 1)
        except ValueError:
            number = "1"
    return part_of(comments, int(number) if is_count(number) else 1)


def _entries_of(ticket: Ticket, part: Part, user: User) -> Any:
    """The query of what was done in the time of this part, the newest first."""
    entries = ticket.history.newest_first().annotate(seen_at=Subquery(looks.seen_by(user)), **shown_of("user"))
    if part.after is not None:
        entries = entries.made_after(part.after)
    return entries if part.until is None else entries.made_until(part.until)


def _items(
    user: User, comments: Iterable[Comment], entries: Iterable[HistoryEntry], files: AttachedFiles, *, is_live: bool
) -> list[Item]:
    said = [_comment_item(user, comment, files, is_live=is_live) for comment in comments]
    done = [Item(entry=entry, is_new=_is_new(entry, entry.user_id, user)) for entry in entries][::-1]
    return sorted([*done, *said], key=lambda item: item.made_at)  # stable: what was done comes first


def _comment_item(user: User, comment: Comment, files: AttachedFiles, *, is_live: bool) -> Item:
    can_change = is_live and comment.removed_at is None
    has_versions = comment.edited_at is not None or comment.removed_at is not None
    return Item(
        comment=comment,
        html=SafeString("") if comment.removed_at else with_sizes(html_of(comment), files.all),
        is_new=_is_new(comment, comment.author_id, user),
        can_edit=can_change and comment_permissions.can_edit(user, comment),
        can_remove=can_change and comment_permissions.can_remove(user, comment),
        can_read_versions=is_live and has_versions and comment_permissions.can_read_versions(user, comment),
        files=files.of_comments.get(comment.pk, []),
    )


def _is_new(thing: Any, by: Any, user: User) -> bool:
    """Whether it came, by somebody else, since this person looked last; at a first look nothing is."""
    return bool(thing.seen_at and thing.created_at > thing.seen_at and by != user.pk)


def _folded(items: list[Item]) -> Iterator[Item]:
    """Comments that follow one another are one item; of many entries all but the last, unless some of them are new."""
    for is_said, run in groupby(items, key=lambda item: item.comment is not None):
        several = list(run)
        if is_said:
            yield Item(said=several)
        elif len(several) < FOLDED_FROM or any(item.is_new for item in several):
            yield from several
        else:
            yield Item(folded=several[:-IN_SIGHT])
            yield from several[-IN_SIGHT:]


def _people_of(
    ticket: Ticket, comments: Iterable[Comment], entries: Iterable[HistoryEntry], files: AttachedFiles
) -> list[User]:
    """Everybody whom the page names, each once: author and reviewer first. All that is shown is given them."""
    people = {person.id: person for person in (ticket.created_by, ticket.reviewed_by, ticket.deleted_by) if person}
    put_people(people, entries, "user")
    put_people(people, comments, "author")
    put_people(people, comments, "removed_by")
    put_people(people, files.all, "uploaded_by")
    return list(people.values())


def _note_look(user: User, ticket: Ticket, things: list[Any]) -> None:
    newest = max(things, key=lambda thing: thing.created_at)
    if newest.seen_at is None or newest.seen_at < newest.created_at:
        looks.note_look(user, ticket.pk, newest.created_at)


def _mark_as_read(user: User, unread: list[int]) -> None:
    """A database that cannot be written to is logged and no more: it is no reason to keep somebody from reading."""
    if unread:
        try:
            read_marks.read(user, unread)
        except DatabaseError as error:  # one that can only be read just now, or where somebody else writes for long
            log.warning("What %s reads could not be marked: %s", user.pk, error)
