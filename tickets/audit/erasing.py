"""Removing what somebody wrote where the law asks for it, so that the record still proves itself.

Whole tickets stay, with who did what when. What goes are the texts: title, description, what edits changed in them, the
reasons of changed severities, and comments with their earlier texts; and what is attached, with its name and hash. The
salts of the hashes of entries go with them, so that nobody who guesses a text can see that they are right. That it was
done, by whom and why stands in a table that is only added to.

This is the one place outside of tickets/actions.py and tickets/backfill that writes tickets. It is no action of the
workflow: nobody on the desk can do it, it has no entry of its own, and the version of the ticket stays.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from config import clock
from tickets import workflow
from tickets.attachments import storage
from tickets.attachments.models import SHA256_LENGTH
from tickets.audit.removed import REMOVED
from tickets.models import (
    Attachment,
    Comment,
    CommentText,
    CommentVersion,
    Erasure,
    HistoryEntry,
    Mention,
    Ticket,
    TicketText,
)
from tickets.search import folding
from tickets.search.refolding import document_of
from tickets.workflow import Action


class NothingToErase(Exception):
    """There is no such entry with a text of its own, or it was removed before."""


class NotHashed(Exception):
    """Some entry has no hash yet. `manage.py chain_history` gives it one; then it can lose its text."""


@transaction.atomic
def erase_texts(user: User, ticket: Ticket, *, why: str, version: int | None = None) -> Erasure:
    """Remove all texts of a ticket as it stands now, or only the reason of the changed severity of this version.

    The texts of a single edit cannot be removed alone: those before and after it say the same. `user` is who answers
    for it; anybody with access to the server may call this. Raises NothingToErase, NotHashed.
    """
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    entries = HistoryEntry.objects.filter(ticket=ticket, salt__isnull=False)
    if version is not None:
        entries = entries.filter(version=version, action=Action.SEVERITY_CHANGED)
    if HistoryEntry.objects.filter(ticket=ticket, hash=None).exists():
        raise NotHashed
    said = [*_texts_of_comments(ticket), _attachments(ticket)] if version is None else []
    if not any(texts.exists() for texts in [entries, *said]):
        raise NothingToErase
    done = Erasure.objects.create(
        ticket=ticket,
        first_version=version or 1,
        last_version=version or ticket.version,
        created_at=clock.now(),
        user=user,
        why=why,
    )
    reason = workflow.reason_for(Action.SEVERITY_CHANGED, why=REMOVED)
    entries.filter(action=Action.SEVERITY_CHANGED).update(reason=reason, changes={}, salt=None)
    entries.update(changes={}, salt=None)
    if version is None:
        _replace_texts(ticket)
        _replace_comments(ticket)
        _erase_attachments(ticket, user)
    return done


def _replace_texts(ticket: Ticket) -> None:
    ticket.title = ticket.description = REMOVED
    ticket.save(update_fields=["title", "description"])
    TicketText.objects.filter(ticket=ticket).update(text=document_of(ticket), folding=folding.FOLDING)


def _replace_comments(ticket: Ticket) -> None:
    """The trigger of earlier texts lets it pass, since the row of this removal is there by now."""
    comments, earlier = _texts_of_comments(ticket)
    CommentText.objects.filter(comment__in=comments.values("pk")).delete()
    Mention.objects.filter(ticket=ticket).delete()
    comments.update(text=REMOVED, html=f'<p dir="auto">{REMOVED}</p>')
    earlier.update(text=REMOVED)


def _erase_attachments(ticket: Ticket, user: User) -> None:
    """Their bytes go once that is committed. The trigger of attachments lets it pass, as that of earlier texts does."""
    for attachment in _attachments(ticket):
        attachment.file_name, attachment.sha256 = REMOVED, "0" * SHA256_LENGTH
        attachment.removed_by = attachment.removed_by or user
        attachment.removed_at = attachment.removed_at or clock.Present(not_before=attachment.created_at)
        attachment.save(update_fields=["file_name", "sha256", "removed_at", "removed_by"])
        transaction.on_commit(partial(storage.forget, attachment.pk), robust=True)


def _attachments(ticket: Ticket) -> QuerySet[Attachment]:
    """The ticket's attachments, removed or not, that have their name yet."""
    return Attachment.objects.filter(ticket=ticket).exclude(file_name=REMOVED)


def _texts_of_comments(ticket: Ticket) -> list[QuerySet[Any]]:
    """The ticket's comments, and the earlier ones, that have a text yet."""
    comments = Comment.objects.filter(ticket=ticket)
    earlier = CommentVersion.objects.filter(comment__in=comments.values("pk"))
    return [comments.filter(removed_at=None).exclude(text=REMOVED), earlier.exclude(text=REMOVED)]
