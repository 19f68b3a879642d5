"""`manage.py mail_inbox`: for cron, every few minutes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import letters
from tickets.inbox.mail import mail_inboxes


class Command(BaseCommand):
    help = "Send each person who wants it one mail with what is new in their inbox."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HAS_MAIL:
            raise CommandError("Mail is not configured: set EMAIL_URL.")
        letters.send_waiting()  # what a server that was stopped, or a mail server that was away, has left
        self.stdout.write(f"{mail_inboxes()} mails sent.")
