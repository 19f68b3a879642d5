"""What has become of a draft since a manager has sent it back."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from tickets.models import HistoryEntry, Ticket
from tickets.workflow import Action, Status


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """The entry that sent the ticket back, and each text that is another since, as it was and as it is."""

    entry: HistoryEntry
    texts: dict[str, tuple[str, str]]


def resubmitted_to(manager: User, ticket: Ticket) -> Resubmitted | None:
    """None where this manager was not the last to send it back."""
    if ticket.status != Status.DRAFT or ticket.reviewed_by_id != manager.pk:
        return None
    sent = ticket.history.filter(action=Action.SEVERITY_CHANGED, to_status=Status.REVIEW, user=manager)
    entry = sent.newest_first().first()
    if entry is None:
        return None
    before = ticket.texts_at(entry.version)
    texts = {name: (old, new) for name, old in before.items() if old != (new := getattr(ticket, name))}
    return Resubmitted(entry, texts)
