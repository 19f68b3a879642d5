"""Rounds that send what is due, and what becomes of a mail that cannot be sent."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.mailing import Delivery, Verdict, deliver
from accounts.models import AuditEntry
from accounts.record.acts import By, record
from config import clock
from tickets.outbox.claiming import Claimed, claim_next, finish, next_due, postpone
from tickets.outbox.composing import compose

log = logging.getLogger("tickets.outbox")

# However long a mail server is away, whether it is back is tried this often.
LONGEST_AWAY = timedelta(minutes=5)
# A mailbox that refuses everything is told of in the record once in this time.
RECORDED_EVERY = timedelta(days=1)
REFUSED_BY = By(None, "mail server")


@dataclass(frozen=True, slots=True)
class Round:
    """`next_at` is when there will be something to do, None where nothing waits."""

    sent: int
    next_at: datetime | None


def send_due(seconds: float = math.inf) -> Round:
    """Send the mails that are due, for about so long, as long as the mail server is there."""
    end, sent = time.monotonic() + seconds, 0
    while time.monotonic() < end and (mail := claim_next()):
        delivery = _deliver(mail)
        if delivery is None:
            continue
        if delivery.verdict is Verdict.NOT_REACHED:
            log.warning("The mail server cannot be reached: %s", delivery.error)
            return Round(sent, postpone(mail, min(mail.pause, LONGEST_AWAY)))
        _settle(mail, delivery)
        sent += delivery.verdict is Verdict.TAKEN
    return Round(sent, next_due())


def _deliver(mail: Claimed) -> Delivery | None:
    """None where there was nothing to send, or no way to write it; both are settled then."""
    try:
        message = compose(mail)
        if message is not None:
            return deliver(message)
    except Exception:  # of this mail alone, such as an address that cannot be written; the others are sent
        log.exception("The mail to %s could not be sent.", mail.person.email)
        postpone(mail, mail.pause)
        return None
    finish(mail)
    return None


def _settle(mail: Claimed, delivery: Delivery) -> None:
    if delivery.verdict is Verdict.TAKEN:
        finish(mail)
    elif delivery.is_final:
        log.warning("The mail to %s was refused and is given up: %s", mail.person.email, delivery.error)
        _give_up(mail, delivery)
    else:
        log.warning("The mail to %s was refused and is tried again: %s", mail.person.email, delivery.error)
        postpone(mail, mail.pause)


@transaction.atomic
def _give_up(mail: Claimed, delivery: Delivery) -> None:
    """What it tells of stays in the inbox."""
    finish(mail)
    lately = AuditEntry.objects.filter(action=AuditEntry.Action.MAIL_REFUSED, subject=mail.person)
    if not lately.filter(created_at__gt=clock.now() - RECORDED_EVERY).exists():
        answer = {"email": mail.person.email, "answer": delivery.answer}
        record(REFUSED_BY, AuditEntry.Action.MAIL_REFUSED, mail.person, answer)
