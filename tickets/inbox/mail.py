"""The inbox by e-mail, for those who want it."""

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
from tickets.inbox.grouping import newest_things

log = logging.getLogger("tickets.inbox.mail")
MOST_IN_ONE_MAIL = 50
MOST_COUNTED = 1000


def mail_inboxes() -> int:
    """Send one mail with the new notifications to each person who wants it; returns the number of mails.

    Transactions that are still running will commit entries that carry an earlier time. So a mail tells only of what
    is older than all of them (clock.settled), and the rest waits for the next run; else the late entries would never
    be mailed. A mail that cannot be sent is logged and tried again the next time.
    """
    gather_statistics()
    sent, until = 0, clock.settled()
    for user in User.objects.wanting_mail():
        things = newest_things(user, since=user.mailed_until, until=until, limit=MOST_IN_ONE_MAIL)
        if not things:
            continue
        count = notifications.count(user, since=user.mailed_until, until=until, limit=MOST_COUNTED)
        subject = ngettext("%(count)d thing is new on the desk", "%(count)d things are new on the desk", count)
        context = {"person": user, "things": things, "public_url": settings.PUBLIC_URL, "more": count - len(things)}
        body = render_to_string("tickets/inbox_mail.txt", context)
        delivery = send_to_one(subject % {"count": count}, body, user.email)
        if delivery.verdict is not Verdict.TAKEN:
            log.warning("The mail to %s could not be sent: %s", user.email, delivery.error)
            continue
        User.objects.filter(pk=user.pk).update(mailed_until=things[0].at)
        sent += 1
    return sent
