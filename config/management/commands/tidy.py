"""`manage.py tidy`: trims what grows without end, as each cycle does."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.tidy import tidy


class Command(BaseCommand):
    help = "Remove what is not needed any more: old files of exchanges, expired sessions, and so on."

    def handle(self, *args: Any, **options: Any) -> None:
        done = tidy()
        for name, count in done.removed.items():
            self.stdout.write(f"{count} {name} removed")
        if done.failed:
            raise CommandError("; ".join(f"{name}: {problem}" for name, problem in done.failed.items()))
