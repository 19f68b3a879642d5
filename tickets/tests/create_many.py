"""A process of its own that creates tickets: `create_many.py AUTHOR COUNT`. Every tenth creation fails on purpose."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import django


class OnPurpose(Exception):
    """What lets a creation fail."""


def main(author_id: str, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()

    from django.db import OperationalError, transaction

    from accounts.models import User
    from tickets.actions import create_ticket

    author = User.objects.get(pk=author_id)
    n = 1
    while n <= count:
        try:
            with transaction.atomic():
                create_ticket(
                    author, title=f"{os.getpid()} {n}", description="d", due_date=datetime.now(UTC), severity="LOW"
                )
                if n % 10 == 0:
                    raise OnPurpose
        except OperationalError:
            continue  # SQLite on a busy machine: as whoever is answered 503, try again
        except OnPurpose:
            pass
        n += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
