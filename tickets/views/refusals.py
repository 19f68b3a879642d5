"""Refusals as the desk tells them: what is the matter, and what one can do. The API keeps the contract's messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.errors import DomainError, ForbiddenRole
from tickets import errors
from tickets.models import Ticket
from tickets.workflow import Status

MESSAGES = {
    errors.TicketNotFound: _("There is no such ticket any more: somebody has deleted it."),
    errors.ChangedMeanwhile: _("Somebody has changed this ticket since you opened it. Look at it again, then decide."),
    errors.NotInDraft: _("This ticket does not wait for a review any more: somebody has already decided on it."),
    errors.NotInReview: _("Only a ticket that was sent back can be edited, and this one is not any more."),
    errors.PastDeleting: _("This ticket is approved, so it cannot be deleted any more."),
    errors.NotDeleted: _("This ticket is not deleted any more."),
    errors.OwnTicket: _("You raised this ticket, so another manager has to review it."),
    errors.NotYours: _("This ticket is not yours to do that with: ask its author or a manager."),
    errors.SeverityMissing: _("Choose the new severity."),
    errors.ReasonMissing: _("Write the reason: the author will read it."),
    errors.SameSeverity: _("The ticket has this severity already: approve it instead."),
    ForbiddenRole: _("Only managers review tickets."),
}

# PastDeleting is told more exactly where more is known than that the ticket is approved.
PAST_DELETING_MESSAGES = {
    Status.OPEN: _("This ticket is being worked on, so it cannot be deleted any more."),
    Status.CLOSED: _("This ticket is closed, so it cannot be deleted any more."),
}


def message_for(error: DomainError, ticket: Ticket) -> str:
    """A sentence or two for the person whose action on this ticket was refused."""
    if isinstance(error, errors.PastDeleting) and (message := PAST_DELETING_MESSAGES.get(Status(ticket.status))):
        return str(message)
    return str(MESSAGES.get(type(error), error.message))


def show_unsent(request: HttpRequest, error: DomainError, typed: Mapping[str, Any] | None) -> HttpResponse:
    """A page with what was typed for a ticket that is not there any more, so that it can be taken elsewhere.

    Raises the error where nothing was typed.
    """
    labels = {
        "title": gettext("Title"),
        "description": gettext("Description"),
        "reason": gettext("Reason"),
        "text": gettext("Comment"),
    }
    texts = [(name, label, text) for name, label in labels.items() if (text := (typed or {}).get(name))]
    if not texts:
        raise error
    return render(request, "tickets/unsent.html", {"error": error, "texts": texts}, status=error.status)
