"""Tells monitoring services and people how the nightly cycle went. A notice that fails is logged and stops nothing.

A monitoring service is pinged by each cycle. People are mailed when it begins to fail, once a day while it does, and
when it works again: a scheduler may try again every few minutes, from several machines. What has been mailed is
therefore in the database, by the database's clock; and where a mail about a failure cannot be sent, the next try sends
it. They are also mailed where the audit that follows has found something (csvsync/exchange/nightly_audit.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, timedelta

import requests
from django.conf import settings
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.mailing import Verdict, send_to_one
from accounts.models import User
from config.masking.addresses import masked
from csvsync.models import Trouble

log = logging.getLogger(__name__)

SECONDS = (3.0, 5.0)  # to connect, to wait
MESSAGE_LENGTH = 10_000

NIGHTLY = "nightly"
# An hour less than a day: a job that comes once a night comes some minutes earlier now and then.
SILENCE = timedelta(hours=23)


def began() -> None:
    _ping("/start", "")


def succeeded(summary: str) -> None:
    _ping("", summary)
    _mail_of_success(summary)


def failed(error: BaseException) -> None:
    text = masked(f"{type(error).__name__}: {error}")
    _ping("/fail", text)
    _mail_of_failure(text)


def audited(found: int, first: str) -> None:
    """Mail people that the nightly audit has found something; `first` is what it has found first, in words."""
    try:
        if _is_wanted():
            body = _(
                "The nightly audit has found what cannot have come about by the desk itself:\n\n%(first)s\n\n"
                "It has %(found)d findings. The admin has them, and so has `manage.py audit`:\n%(url)s\n"
            ) % {"first": first, "found": found, "url": settings.PUBLIC_URL + reverse("admin:tickets_audit_changelist")}
            _mail(_("The audit has found something"), body)
    except Exception as problem:  # noqa: BLE001 - the findings are kept, whatever becomes of the mail
        log.warning("The mail about the audit could not be sent: %s", problem)


def _ping(suffix: str, text: str) -> None:
    """CRON_PING_URL, with /start or /fail behind it, as healthchecks.io and others take it."""
    if not settings.CRON_PING_URL:
        return
    try:
        body = text[:MESSAGE_LENGTH].encode()
        requests.post(settings.CRON_PING_URL + suffix, data=body, timeout=SECONDS).raise_for_status()
    except requests.RequestException as error:
        log.warning("The ping %s could not be sent: %s", suffix or "of success", error)


def _mail_of_failure(error: str) -> None:
    """Mail people that the nightly job has failed, unless they were told within SILENCE; `error` says why, in words."""
    try:
        if not _is_wanted() or not _claim_mail():
            return
        trouble = Trouble.objects.get(pk=NIGHTLY)
        since = f"{trouble.began_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        body = _(
            "The nightly exchange with the external system has failed, the first time at %(since)s:\n\n%(error)s\n\n"
            "No ticket was changed. The next cycle takes what is left; the ledger of runs has the details:\n%(url)s\n\n"
            "It may be tried again many times. You are told once a day, and when it works again.\n"
        ) % {"since": since, "error": error, "url": _ledger()}
        if not _mail(_("The nightly exchange has failed"), body):
            Trouble.objects.filter(pk=NIGHTLY).update(told_at=None)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the reason of the failure matters more
        log.warning("The mail about the failure could not be sent: %s", problem)


def _mail_of_success(summary: str) -> None:
    """Mail people that the nightly job works again, if it had failed before; otherwise do nothing."""
    try:
        # What was going on stands in the row until it is known who removes it.
        trouble = Trouble.objects.filter(pk=NIGHTLY).first()
        if trouble is None or not Trouble.objects.filter(pk=NIGHTLY).delete()[0]:
            return
        if _is_wanted():
            since = f"{trouble.began_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            body = _(
                "The nightly exchange with the external system works again: %(summary)s.\n\n"
                "It had failed since %(since)s. The ledger of runs has the details:\n%(url)s\n"
            ) % {"since": since, "summary": summary, "url": _ledger()}
            _mail(_("The nightly exchange works again"), body)
    except Exception as problem:  # noqa: BLE001 - the cycle is done, whatever becomes of the mail
        log.warning("The mail about the end of the failure could not be sent: %s", problem)


def _is_wanted() -> bool:
    return bool(settings.OPERATIONS_MAIL) or settings.CRON_FAILURE_MAIL


def _claim_mail() -> bool:
    """Whether people are to be mailed now, and nobody else is about to."""
    try:
        return _claim()
    except Error:
        if connection.in_atomic_block:
            raise
        connection.close()  # it may be the very thing that failed, and the database be there again
        return _claim()


def _claim() -> bool:
    due = Q(told_at=None) | Q(told_at__lte=Now() - SILENCE)
    if Trouble.objects.filter(due, pk=NIGHTLY).update(told_at=Now()):
        return True
    try:
        with transaction.atomic():
            Trouble.objects.create(subject=NIGHTLY)
    except IntegrityError:
        return False
    return True


def _recipients() -> Iterable[str]:
    if settings.OPERATIONS_MAIL:
        return settings.OPERATIONS_MAIL
    return User.objects.active_managers().values_list("email", flat=True)


def _mail(subject: str, body: str) -> int:
    """Mail each person alone, so that nobody learns who else is told; returns how many mails were taken."""
    sent = 0
    for email in _recipients():
        try:
            delivery = send_to_one(subject, body, email)
        except Exception as problem:  # noqa: BLE001 - the others would meet the same
            log.warning("Mail about the nightly exchange could not be sent: %s", problem)
            break
        match delivery.verdict:
            case Verdict.TAKEN:
                sent += 1
            case Verdict.RECIPIENT_REFUSED | Verdict.MESSAGE_REFUSED:
                log.warning("A mail about the nightly exchange was refused: %s", type(delivery.error).__name__)
            case Verdict.NOT_REACHED:  # nor would it be for the others
                log.warning("Mail about the nightly exchange could not be sent: %s", delivery.error)
                break
    return sent


def _ledger() -> str:
    return settings.PUBLIC_URL + reverse("csvsync:exchange")
