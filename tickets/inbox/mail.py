"""What people are told of by e-mail, as far as they want that."""

from __future__ import annotations

import logging

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import ngettext

from accounts.mailing import Verdict, send_to_one
from accounts.models import User
from config import clock
from config.database.statistics import gather_statistics
from tickets.inbox import notifications
from tickets.inbox.models import Told

log = logging.getLogger("tickets.inbox.mail")
MOST_IN_ONE_MAIL = 50


def mail_inboxes() -> int:
    """Send each person one mail with all that is due for them; returns the number of mails.

    A mail that cannot be sent is logged and tried again the next time.
    """
    gather_statistics()
    sent, due = 0, Told.objects.filter(mail_due_at__lte=clock.now())
    for user in User.objects.active().filter(pk__in=due.values("user")):
        keys = list(due.filter(user=user).values_list("pk", flat=True))
        things = notifications.newest(user, limit=len(keys), among=keys)
        if things and not _send(user, things):
            continue
        Told.objects.filter(pk__in=keys).update(mail_due_at=None)
        sent += bool(things)
    return sent


def _send(user: User, things: list[Told]) -> bool:
    count, shown = len(things), things[:MOST_IN_ONE_MAIL]
    subject = ngettext("%(count)d thing is new on the desk", "%(count)d things are new on the desk", count)
    context = {"person": user, "things": shown, "public_url": settings.PUBLIC_URL, "more": count - len(shown)}
    body = render_to_string("tickets/inbox_mail.txt", context)
    delivery = send_to_one(subject % {"count": count}, body, user.email)
    if delivery.verdict is not Verdict.TAKEN:
        log.warning("The mail to %s could not be sent: %s", user.email, delivery.error)
    return delivery.verdict is Verdict.TAKEN
