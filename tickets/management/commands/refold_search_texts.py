"""`manage.py refold_search_texts`: after an update that changes how search compares texts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tickets.models import TicketText
from tickets.search.refolding import refold


class Command(BaseCommand):
    help = "Bring the texts that search reads up to this version. The desk may serve meanwhile; it may be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sum(refold(TicketText.objects.all()))} texts folded anew.")
