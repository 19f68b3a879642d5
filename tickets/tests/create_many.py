"""Processes that create tickets: `create_many.py PROCESSES AUTHOR COUNT`. Every tenth creation fails on purpose.

They are children of one that has loaded the product, which takes a second of the processor.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import django


class OnPurpose(Exception):
    """What lets a creation fail."""


def main(processes: int, author_id: str, count: int) -> int:
    """0 when each of them ended well."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    import tickets.actions  # noqa: F401  # before there are children

    children = []
    for _ in range(processes):
        if child := os.fork():
            children.append(child)
        else:
            create(author_id, count)
            os._exit(0)
    return max(os.waitpid(child, 0)[1] for child in children)


def create(author_id: str, count: int) -> None:
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
    sys.exit(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])) != 0)
