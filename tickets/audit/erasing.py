"""Removing what somebody wrote where the law asks for it, so that the record still proves itself.

Whole tickets stay, with who did what when. What goes are the texts: title, description, what edits changed in them, and
the reasons of changed severities; and with them the salts of their hashes, so that nobody who guesses a text can see
that they are right. That it was done, by whom and why stands in a table that is only added to.

This is the one place outside of tickets/actions.py and tickets/backfill that writes tickets. It is no action of the
workflow: nobody on the desk can do it, it has no entry of its own, and the version of the ticket stays.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from config import clock
from tickets import workflow
from tickets.audit.removed import REMOVED
from tickets.models import Erasure, HistoryEntry, Ticket, TicketText
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
    if not entries.exists():
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
    return done


def _replace_texts(ticket: Ticket) -> None:
    ticket.title = ticket.description = REMOVED
    ticket.save(update_fields=["title", "description"])
    TicketText.objects.filter(ticket=ticket).update(text=document_of(ticket), folding=folding.FOLDING)
