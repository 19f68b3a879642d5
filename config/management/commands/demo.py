"""`manage.py demo [--tickets N]`: accounts, tickets and what the other apps know of them, to try the product with.

Like the home page it gathers all apps, which do not know each other; so it stands here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from config import clock
from config.database.statistics import gather_statistics
from config.database.turns import take_turns
from csvsync.demo import create_runs
from tickets.backfill.told import backfill_told
from tickets.demo import people
from tickets.demo.connections import create_connections
from tickets.demo.conversations import create_conversations
from tickets.demo.tickets import create_tickets
from tickets.models import Ticket
from triage.demo import create_suggestions

TOLD_SINCE, UNREAD_SINCE = timedelta(days=30), timedelta(days=1)


class Command(BaseCommand):
    help = "Create demo accounts and tickets where there is nothing yet, or only a demo. Needs DEMO=1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, default=300, help="how many (default 300)")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo accounts have a well-known password. Set DEMO=1 if this is no real installation.")
        if options["tickets"] < 0:
            raise CommandError("--tickets takes a whole number from 0.")
        take_turns("demo")
        if not people.is_for_this_desk():
            self.stdout.write("This desk has people or tickets of its own, so no demo was added to it.")
            return
        created = people.create_people()
        if Ticket.objects.exists():
            self.stdout.write("There are tickets already: none were added.")
        else:
            count = create_tickets(created, options["tickets"])
            create_conversations(created)
            create_connections(created)
            backfill_told(since=clock.now() - TOLD_SINCE, unread_since=clock.now() - UNREAD_SINCE)
            create_suggestions()
            create_runs()
            transaction.on_commit(gather_statistics)
            self.stdout.write(f"Created {count} demo tickets.")
        self.stdout.write(
            f"Sign in as {people.ASSOCIATE} or {people.MANAGER}, password {people.PASSWORD}"
            f" (support staff: {people.SUPPORT}, at /admin/)."
        )
