"""Each ticket's history: whether its hashes hold, where it leads, and whether all that follows from it agrees."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from config.audit.findings import Finding, Scope
from config.audit.sharing import spread
from tickets.audit import hashing
from tickets.audit.reading import EntryRow, Place, TicketRow, are_sealed, places, tickets_with_entries
from tickets.audit.removed import REMOVED
from tickets.backfill.course import Course, Standing, Step
from tickets.backfill.errors import Rule
from tickets.models import Erasure
from tickets.search import folding

COMPARE = "Something other than this product has changed the database: compare with a backup, and find out who could."
UNKNOWN = "Look whether it is mistyped. If a ticket had it once: compare with a backup, and find out who removed it."
CHAIN = "If rows were loaded or copied by SQL, run `manage.py chain_history`; otherwise: " + COMPARE
REFOLD = "Nothing is lost: `manage.py refold_search_texts --all` writes what search reads anew."
EVENTS = "Who reads along may have missed something. " + COMPARE

# Of each process. Some tickets have longer histories than others, so that with one piece each the processes would not
# be done at the same time.
PIECES = 8

# What was removed with leave, of each ticket: the versions of each removal.
type Removals = dict[str, list[tuple[int, int]]]
# The number of one ticket, or behind which place tickets are judged and up to which.
type Piece = tuple[str | None, Place | None, Place | None]


def check(scope: Scope) -> Iterator[Finding]:
    """What is wrong with the histories of all tickets, or of the one in scope.

    Other processes begin with their part before this returns. They take more of it where this one reads all entries
    once more, for seals.
    """
    found = spread(scope, judge, _pieces(scope), to_each_assistant=2 if are_sealed(scope) else 1)
    return _with_the_unknown(scope, found)


def _with_the_unknown(scope: Scope, found: Iterator[Finding]) -> Iterator[Finding]:
    yield from found
    if scope.ticket and not scope.looked_at["tickets"]:
        yield Finding(scope.ticket, "There is no ticket with this number.", UNKNOWN)


def _pieces(scope: Scope) -> list[Piece]:
    """All tickets in one piece, or in some for each process."""
    if not scope.assistants:
        return [(scope.ticket, None, None)]
    ends = [None, *places(PIECES * (len(scope.assistants) + 1)), None]
    return [(None, after, up_to) for after, up_to in pairwise(ends)]


def judge(scope: Scope, *piece: Any) -> Iterator[Finding]:
    """What is wrong with the histories of a Piece. Another process may be the one that calls it, by its name."""
    removals = _removals()
    tickets = entries = 0
    for ticket, history in tickets_with_entries(*piece):
        tickets, entries = tickets + 1, entries + len(history)
        for problem, advice in problems(ticket, history, removals.get(ticket.id, ())):
            yield Finding(ticket.number, problem, advice)
    scope.count(tickets=tickets, entries=entries)


def _removals() -> Removals:
    removals: Removals = defaultdict(list)
    erasures = Erasure.objects.order_by("pk")
    for ticket_id, first, last in erasures.values_list("ticket_id", "first_version", "last_version"):
        removals[ticket_id.hex].append((first, last))
    return removals


def problems(ticket: TicketRow, history: list[EntryRow], removals: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with one ticket, in words, each with what to do."""
    if not history:
        yield "It has no history.", COMPARE
        return
    changes = [_changes(entry) for entry in history]
    yield from _broken_hashes(ticket, history, _first_texts(ticket, changes))
    yield from _removed_without_leave(history, removals)
    yield from _broken_course(ticket, history, changes, removals)
    yield from _broken_events(history)
    yield from _broken_search_text(ticket)


def _broken_hashes(ticket: TicketRow, history: list[EntryRow], first: dict[str, str]) -> Iterator[tuple[str, str]]:
    before: bytes | None = None
    for entry in history:
        is_first = entry.version == 1
        own = (ticket.number, ticket.due, ticket.suggested) if is_first else ()
        if entry.hash is None or entry.texts_hash is None:
            yield f"Entry {entry.version} has no hash.", CHAIN
        elif entry.hash != hashing.entry_hash(*entry[:11], entry.texts_hash, before, *own):
            yield f"Entry {entry.version}, or one before it, is not what its hash says.", COMPARE
        elif entry.salt is not None:
            texts = (first["title"], first["description"]) if is_first else (None, None)
            found = hashing.texts_hash(entry.salt, entry.reason, entry.changes, *texts)
            if entry.texts_hash != found or len(entry.salt) != hashing.SALT_LENGTH:
                yield f"The texts of entry {entry.version} are not what its hash says.", COMPARE
        before = entry.hash


def _removed_without_leave(history: list[EntryRow], removals: Any) -> Iterator[tuple[str, str]]:
    for entry in history:
        if entry.salt is None and entry.hash and not any(one <= entry.version <= last for one, last in removals):
            yield f"The texts of entry {entry.version} were removed, and nothing says by whom.", COMPARE


def _broken_course(
    ticket: TicketRow, history: list[EntryRow], changes: list[dict[str, list[str]] | None], removals: Any
) -> Iterator[tuple[str, str]]:
    """What keeps the history from being replayed, or in what the ticket is not as it has left it."""
    course = Course(ticket.author)
    replaced_at = {last for first, last in removals if first == 1}
    for entry, changed in zip(history, changes, strict=True):
        if entry.version != course.version + 1:
            yield f"Entry {course.version + 1} is missing.", COMPARE
            return
        step = _step(entry, changed or {})
        rule = Rule.CHANGES if changed is None else course.broken_rule(step)
        if rule is None and course.updated_at is not None and entry.at < course.updated_at:
            rule = Rule.TIMES
        if rule:
            yield f"Entry {entry.version} cannot have followed; the rule is that {rule.value}.", COMPARE
            return
        course.take(step)
        if entry.version in replaced_at:
            course.texts = {"title": REMOVED, "description": REMOVED}
    if ticket.version != course.version:
        yield f"It has version {ticket.version}, and {course.version} entries.", COMPARE
    for rule in course.differences(_standing(ticket)):
        yield f"Its history leads elsewhere; the rule is that {rule.value}.", COMPARE
    if ticket.reviewer == ticket.author:
        yield "Its author is its reviewer.", COMPARE


def _broken_events(history: list[EntryRow]) -> Iterator[tuple[str, str]]:
    """Each entry has its event, and they are told in the order of versions; one without position comes later."""
    position = 0
    for entry in history:
        if entry.event_at is None:
            yield f"No event tells of entry {entry.version}.", EVENTS
            continue
        if entry.event_at != entry.at:
            yield f"The event of entry {entry.version} has another time.", EVENTS
        if entry.position is not None:
            if entry.position <= position:
                yield f"Entry {entry.version} is told before one that came earlier.", EVENTS
            position = entry.position


def _broken_search_text(ticket: TicketRow) -> Iterator[tuple[str, str]]:
    """Of a text that waits to be folded anew nobody can say what it should be."""
    if ticket.text is None:
        yield "Search does not know it.", REFOLD
    elif ticket.folding == folding.FOLDING and ticket.text != folding.document(
        ticket_number=ticket.number, title=ticket.title, description=ticket.description
    ):
        yield "Search knows another text of it.", REFOLD


def _changes(entry: EntryRow) -> dict[str, list[str]] | None:
    """The old and the new text of each that was changed; None where it has not this form."""
    if entry.changes == "{}":
        return {}
    try:
        changes = json.loads(entry.changes)
    except ValueError:
        return None
    fits = isinstance(changes, dict) and all(
        isinstance(texts, list) and len(texts) == 2 and all(isinstance(text, str) for text in texts)
        for texts in changes.values()
    )
    return changes if fits else None


def _first_texts(ticket: TicketRow, changes: list[dict[str, list[str]] | None]) -> dict[str, str]:
    """Title and description that the ticket began with, by undoing all edits."""
    texts = {"title": ticket.title, "description": ticket.description}
    for changed in reversed(changes):
        for name, (old, _new) in (changed or {}).items():
            texts[name] = old
    return texts


def _step(entry: EntryRow, changed: dict[str, list[str]]) -> Step:
    is_erased = entry.salt is None and entry.hash is not None
    return Step(*entry[4:11], entry.at, entry.reason, changed, is_erased)


def _standing(ticket: TicketRow) -> Standing:
    return Standing(
        ticket.status,
        ticket.severity,
        ticket.title,
        ticket.description,
        ticket.reviewer,
        ticket.deleted_at,
        ticket.deleted_by,
        ticket.created_at,
        ticket.updated_at,
    )
