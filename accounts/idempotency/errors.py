from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class KeyInUse(DomainError):
    """Another request with the same key is under way, or has taken over from this one, which has changed nothing."""

    status = HTTPStatus.CONFLICT
    code = "key_in_use"
    message = _("A request with this Idempotency-Key is still under way. Send it again in a moment to get its answer.")

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class KeyReused(DomainError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "key_reused"
    message = _("This Idempotency-Key came with another body before. Give each new request a key of its own.")


class TooManyKeys(DomainError):
    """So much is kept for this person already that no further answer could be."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_keys"
    message = _(
        "Too many answers are kept under your keys. Nothing was done; send it without Idempotency-Key, or once the"
        " keys of a day ago have expired."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=3600)
