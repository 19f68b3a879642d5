"""`manage.py chain_history`: hashes entries of history that were written without."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tickets.audit.completing import complete, is_complete


class Command(BaseCommand):
    help = "Hash the entries that have no hash, such as those that `loaddata` brought. The desk may serve meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sum(complete())} entries hashed.")
        if not is_complete():
            raise CommandError("There are entries whose ticket, or whose entry before, is not there.")
