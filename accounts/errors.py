from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class AccountChanged(DomainError):
    """What support staff did to a person came before what the person was doing, and stands."""

    status = HTTPStatus.CONFLICT
    code = "account_changed"
    message = _(
        "Your account was changed by support staff while you were doing this, so it was not done."
        " Sign in again to see how things stand."
    )
