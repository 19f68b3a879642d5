"""Domain errors: what a request is refused with, in words for people and for programs.

Actions raise them. config/exception_handler.py turns them into answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.masking.addresses import masked

type Fields = Mapping[str, list[str]]

RETRY_AFTER_SECONDS = 5


class DomainError(Exception):
    """A request that cannot be carried out, in words for people (`message`) and for programs (`code`).

    `fields` names what is wrong with which input; `retry_after` is in seconds. `details` are what the API's answer
    carries beside, in JSON, by name.
    """

    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code: str = "bad_request"
    message: Any = gettext_lazy("The request cannot be carried out.")
    details: Mapping[str, Any] = {}

    def __init__(
        self, message: str | None = None, *, fields: Fields | None = None, retry_after: int | None = None
    ) -> None:
        self.fields = fields
        self.retry_after = retry_after
        if message is not None:
            self.message = message
        super().__init__(str(self.message))

    @property
    def problems(self) -> list[str]:
        """What is wrong with single fields, without their names."""
        return [str(text) for texts in (self.fields or {}).values() for text in texts]


class InvalidInput(DomainError):
    """Input of the wrong shape; `fields` says which and why.

    What is wrong with a single field is the message as well, since clients of the earlier service show nothing else.
    """

    code = "invalid_input"

    def __init__(self, fields: Fields) -> None:
        if len(fields) == 1:
            message = " ".join(str(text) for texts in fields.values() for text in texts)
        else:
            message = _("Check these fields: %(fields)s.") % {"fields": ", ".join(fields)}
        super().__init__(message, fields=fields)


class Unauthorized(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"
    message = gettext_lazy("Unauthorized")


class ForbiddenRole(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "forbidden_role"
    message = gettext_lazy("Forbidden resource")


class NotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    message = gettext_lazy("There is nothing at this address.")


class MethodNotAllowed(DomainError):
    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"


class TooLarge(DomainError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"
    message = gettext_lazy("The request is too large.")


class HeadersTooLarge(DomainError):
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    code = "headers_too_large"
    message = gettext_lazy("The headers of the request are too large.")


class TooSlow(DomainError):
    status = HTTPStatus.REQUEST_TIMEOUT
    code = "too_slow"
    message = gettext_lazy("The request came in too slowly, so the rest of it was not awaited. Nothing was changed.")


class TooManyUploads(DomainError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "too_many_uploads"
    message = gettext_lazy("Too many large files are being sent at once. Nothing was changed; try again in a moment.")

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER_SECONDS)


class NotImplementedHere(DomainError):
    status = HTTPStatus.NOT_IMPLEMENTED
    code = "not_implemented"
    message = gettext_lazy("Bodies are taken in as they are or in chunks, and not in other transfer codings.")


class UnsupportedMediaType(DomainError):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class MalformedBody(DomainError):
    code = "malformed_body"
    message = gettext_lazy("The body cannot be read: send well-formed JSON in UTF-8.")


class HostNotAllowed(DomainError):
    code = "host_not_allowed"


class TooManyAttempts(DomainError):
    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_attempts"


class Busy(DomainError):
    """All places for something that only so many may do at once are taken, and none became free in time."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "busy"
    message = gettext_lazy("Too many are doing this at once. Nothing was changed; try again in a moment.")

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER_SECONDS)


class StorageUnavailable(DomainError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "storage_unavailable"
    message = gettext_lazy(
        "The file cannot be kept: the storage is full or away. Nothing was changed; try again later."
    )

    def __init__(self, cause: Exception | None = None) -> None:
        message = None
        if cause:
            text = _("The file cannot be kept or read (%(cause)s). Nothing was changed; try again later.")
            message = text % {"cause": masked(_in_words(cause))}
        super().__init__(message, retry_after=RETRY_AFTER_SECONDS)


class DatabaseUnavailable(DomainError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "database_unavailable"
    message = gettext_lazy("The database does not answer or is busy. Nothing was changed; try again in a moment.")

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER_SECONDS)


class DatabaseReadOnly(DatabaseUnavailable):
    code = "database_read_only"
    message = gettext_lazy(
        "The database can be read but not written, as a standby can. Nothing was changed; try again later."
    )


class InternalError(DomainError):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    message = gettext_lazy("Something went wrong on our side. It has been logged.")


def _in_words(error: Exception) -> str:
    """The error for people: why and where the system refused, or what a storage's client says, and which."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}"
