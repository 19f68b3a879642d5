"""`manage.py mail_inbox`: for cron, every few minutes, where no worker runs. Beside one it does no harm."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import letters
from config.database.statistics import gather_statistics
from tickets.outbox.sending import send_due


class Command(BaseCommand):
    help = "Send the mails that are due about tickets, and those about accounts that could not be sent yet."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HAS_MAIL:
            raise CommandError("Mail is not configured: set EMAIL_URL.")
        letters.send_waiting()  # what a server that was stopped, or a mail server that was away, has left
        gather_statistics()
        self.stdout.write(f"{send_due().sent} mails sent.")
