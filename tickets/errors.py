"""Why an action on a ticket is refused."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError

if TYPE_CHECKING:
    from tickets.models import Ticket


class TicketNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "ticket_not_found"
    message = _("Ticket not found")


class ChangedMeanwhile(DomainError):
    """`ticket` is how it is now, for those who may see it."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "changed_meanwhile"
    message = _("Somebody has changed the ticket since you loaded it: look at it again")

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        super().__init__()


class NotInDraft(DomainError):
    code = "not_in_draft"
    message = _("Only DRAFT tickets can be reviewed")


class NotInReview(DomainError):
    code = "not_in_review"
    message = _("Only tickets in REVIEW can be edited")


class PastDeleting(DomainError):
    code = "past_deleting"
    message = _("Cannot delete ticket with status >= PENDING")


class NotDeleted(DomainError):
    code = "not_deleted"
    message = _("Only deleted tickets can be restored")


class OwnTicket(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "own_ticket"
    message = _("Manager cannot review own ticket")


class NotYours(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "not_allowed_on_this_ticket"
    message = _("You may not do this to this ticket")


class SeverityMissing(DomainError):
    code = "new_severity_required"
    message = _("newSeverity is required")


class ReasonMissing(DomainError):
    code = "reason_required"
    message = _("severityChangeReason is required")


class SameSeverity(DomainError):
    code = "same_severity"
    message = _("The ticket already has this severity: approve it instead")
