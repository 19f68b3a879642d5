"""Why something about an attachment is refused, beside what is wrong with its ticket or its comment."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import RETRY_AFTER_SECONDS, DomainError


class AttachmentNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "attachment_not_found"
    message = _("There is no such attachment, or it was removed.")


class NoPreview(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "no_preview"
    message = _("There is no preview of this attachment.")


class NotYourAttachment(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "not_your_attachment"
    message = _("Somebody else has attached this.")


class RangeNotSatisfiable(DomainError):
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    code = "range_not_satisfiable"
    message = _("The file does not have these bytes.")


class MalwareFound(DomainError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "malware_found"
    message = _("The virus scanner has found something in this file, so it was not kept.")


class ScannerUnavailable(DomainError):
    """A file that could not be looked at is not let through."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "scanner_unavailable"
    message = _("The virus scanner does not answer, so no file can be attached. Nothing was kept; try again later.")

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER_SECONDS)
