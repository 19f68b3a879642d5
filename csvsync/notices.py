"""Telling people and their watchdogs how the nightly cycle went. A notice that fails is logged and harms nothing."""

from __future__ import annotations

import logging

import requests
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from accounts.models import Role, User

log = logging.getLogger(__name__)

SECONDS = (3.0, 5.0)  # to connect, to wait
MESSAGE_LENGTH = 10_000


def began() -> None:
    _ping("/start", "")


def succeeded(summary: str) -> None:
    _ping("", summary)


def failed(error: BaseException) -> None:
    text = f"{type(error).__name__}: {error}"
    _ping("/fail", text)
    if settings.CRON_FAILURE_MAIL:
        _mail_managers(text)


def _ping(suffix: str, text: str) -> None:
    """CRON_PING_URL, with /start or /fail behind it, as healthchecks.io and others take it."""
    if not settings.CRON_PING_URL:
        return
    try:
        body = text[:MESSAGE_LENGTH].encode()
        requests.post(settings.CRON_PING_URL + suffix, data=body, timeout=SECONDS).raise_for_status()
    except requests.RequestException as error:
        log.warning("The ping %s could not be sent: %s", suffix or "of success", error)


def _mail_managers(text: str) -> None:
    try:
        managers = User.objects.filter(is_active=True, role=Role.MANAGER).values_list("email", flat=True)
        body = _(
            "The nightly exchange with the external system has failed:\n\n%(error)s\n\n"
            "No ticket was changed. The next cycle takes what is left; the ledger of runs has the details:\n%(url)s\n"
        ) % {"error": text, "url": f"{settings.PUBLIC_URL}/desk/exchange/"}
        for email in managers:
            send_mail(_("The nightly exchange has failed"), body, None, [email])
    except Exception as error:  # noqa: BLE001 - whatever it is, the reason of the failure matters more
        log.warning("The mail about the failure could not be sent: %s", error)
