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

    from django.db import transaction

    from accounts.models import User
    from tickets.actions import create_ticket

    author = User.objects.get(pk=author_id)
    for n in range(1, count + 1):
        try:
            with transaction.atomic():
                create_ticket(
                    author, title=f"{os.getpid()} {n}", description="d", due_date=datetime.now(UTC), severity="LOW"
                )
                if n % 10 == 0:
                    raise OnPurpose
        except OnPurpose:
            pass


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
