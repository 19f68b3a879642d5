from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.errors import DomainError


class TooManyRequests(DomainError):
    """One person has sent more requests within a minute than REQUESTS_PER_MINUTE."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"

    def __init__(self, limit: int, retry_after: int) -> None:
        text = ngettext(
            "One person may send %(limit)d requests a minute. Nothing was changed; try again in %(seconds)d second.",
            "One person may send %(limit)d requests a minute. Nothing was changed; try again in %(seconds)d seconds.",
            retry_after,
        )
        super().__init__(text % {"limit": limit, "seconds": retry_after}, retry_after=retry_after)


class AccountChanged(DomainError):
    """Support staff changed a person while the person was changing themselves. The staff's change stands."""

    status = HTTPStatus.CONFLICT
    code = "account_changed"
    message = _(
        "Your account was changed by support staff while you were doing this, so it was not done."
        " Sign in again to see how things stand."
    )


class PersonNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "person_not_found"
    message = _("Person not found")


class AbovePerson(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "above_you"
    message = _("Managers and support staff are changed, and made, only by a manager who is support staff.")


class EmailTaken(DomainError):
    """The form has found the e-mail free, but another person got it before this one was stored."""

    status = HTTPStatus.CONFLICT
    code = "email_taken"
    message = _("Somebody has this e-mail already.")


class OwnRights(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "own_rights"
    message = _("Nobody changes their own rights. Ask a colleague.")


class NoMailForLink(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "no_mail_for_link"
    message = _("A link for yourself or for somebody above you is mailed and never shown, and this desk sends no mail.")
