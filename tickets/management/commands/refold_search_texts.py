"""`manage.py refold_search_texts`: after an update that changes how search compares texts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.models import Comment, CommentText, Ticket, TicketText
from tickets.search.refolding import forget, refold


class Command(BaseCommand):
    help = "Bring the texts that search reads up to this version. The desk may serve meanwhile; it may be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="write all of them anew, such as when an audit says so")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            forget(TicketText.objects.all(), Ticket.objects.all())
            forget(CommentText.objects.all(), Comment.objects.filter(removed_at=None), of="comment")
        folded = sum(refold(TicketText.objects.all())) + sum(refold(CommentText.objects.all(), of="comment"))
        self.stdout.write(f"{folded} texts folded anew.")
