"""Tells monitoring services and people how the nightly cycle went. A notice that fails is logged and stops nothing."""

from __future__ import annotations

import logging

import requests
from django.conf import settings

from config.masking.addresses import masked
from csvsync.exchange import operations_mail

log = logging.getLogger(__name__)

SECONDS = (3.0, 5.0)  # to connect, to wait
MESSAGE_LENGTH = 10_000


def began() -> None:
    _ping("/start", "")


def succeeded(summary: str) -> None:
    _ping("", summary)
    operations_mail.tell_of_success(summary)


def failed(error: BaseException) -> None:
    text = masked(f"{type(error).__name__}: {error}")
    _ping("/fail", text)
    operations_mail.tell_of_failure(text)


def _ping(suffix: str, text: str) -> None:
    """CRON_PING_URL, with /start or /fail behind it, as healthchecks.io and others take it."""
    if not settings.CRON_PING_URL:
        return
    try:
        body = text[:MESSAGE_LENGTH].encode()
        requests.post(settings.CRON_PING_URL + suffix, data=body, timeout=SECONDS).raise_for_status()
    except requests.RequestException as error:
        log.warning("The ping %s could not be sent: %s", suffix or "of success", error)
