"""How often signing in may fail. An attempt takes a place before it is tried and gives it back unless it fails.

So those under way count, in whichever process: a hundred at once are no way around the limit. Who finds no place free
waits for those under way, and only failures refuse.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import ngettext

from accounts.models import KnownAddress, SignInFailure, SignInPlace
from config import clock
from config.database.turns import take_turns
from config.errors import Busy, TooManyAttempts

WAIT_SECONDS = 5
PAUSE_SECONDS = 0.05
# After that a place belongs to a process that has died; an attempt takes seconds at most.
LEFT_BEHIND = timedelta(minutes=1)
KNOWN_FOR = timedelta(days=30)
NOTED_AGAIN_AFTER = timedelta(days=1)


def take_place(email: str, address: str) -> SignInPlace:
    """A place for one attempt, which has to end in fail, succeed or give_back.

    Raises TooManyAttempts once too many have failed, and Busy where those under way do not end in time.
    """
    end = time.monotonic() + WAIT_SECONDS
    while True:
        with transaction.atomic():
            take_turns(f"sign-in from {address}")
            place = _place(email, address)
        if place is not None:
            return place
        if time.monotonic() > end:
            raise Busy
        time.sleep(PAUSE_SECONDS)


def _place(email: str, address: str) -> SignInPlace | None:
    """None where all places that earlier failures have left are taken. Raises TooManyAttempts."""
    now = clock.now()
    failures = SignInFailure.objects.filter(address=address, created_at__gt=now - _window())
    places = SignInPlace.objects.filter(address=address, created_at__gt=now - LEFT_BEHIND)
    is_known = KnownAddress.objects.filter(address=address, succeeded_at__gt=now - KNOWN_FOR).exists()
    for failed, under_way, limit in (
        (
            failures.filter(email=email),
            places.filter(email=email),
            settings.SIGN_IN_FAILURES_PER_ACCOUNT_AND_ADDRESS,
        ),
        (
            failures,
            places,
            settings.SIGN_IN_FAILURES_PER_KNOWN_ADDRESS if is_known else settings.SIGN_IN_FAILURES_PER_ADDRESS,
        ),
    ):
        # Counted before the failures are: one that ends in between counts twice and not never.
        trying = under_way.count()
        # The oldest of the newest `limit` failures is the one whose ageing lets the next attempt through.
        deciding = list(failed.order_by("-created_at").values_list("created_at", flat=True)[limit - 1 : limit])
        if deciding:
            raise _too_many(deciding[0] + _window() - now)
        if failed.count() + trying >= limit:
            return None
    return SignInPlace.objects.create(email=email, address=address, created_at=now)


def _window() -> timedelta:
    return timedelta(seconds=settings.SIGN_IN_FAILURE_WINDOW_SECONDS)


def _too_many(wait: timedelta) -> TooManyAttempts:
    seconds = max(1, round(wait.total_seconds()))
    minutes = -(-seconds // 60)
    text = ngettext(
        "Too many failed sign-ins. Try again in %(minutes)d minute.",
        "Too many failed sign-ins. Try again in %(minutes)d minutes.",
        minutes,
    )
    return TooManyAttempts(text % {"minutes": minutes}, retry_after=seconds)


def fail(place: SignInPlace) -> None:
    """The attempt has failed: its place becomes a failure. Rows that no limit looks at any more are deleted as well."""
    with transaction.atomic():
        now = clock.now()
        SignInFailure.objects.create(email=place.email, address=place.address, created_at=now)
        give_back(place)
        remove_old(now)


def succeed(place: SignInPlace) -> None:
    """The attempt was good, and so its address is one from which people of ours sign in."""
    with transaction.atomic():
        give_back(place)
        now = clock.now()
        noted = KnownAddress.objects.filter(address=place.address, succeeded_at__gt=now - NOTED_AGAIN_AFTER)
        if not noted.exists():
            KnownAddress.objects.bulk_create(
                [KnownAddress(address=place.address, succeeded_at=now)],
                update_conflicts=True,
                unique_fields=["address"],
                update_fields=["succeeded_at"],
            )


def give_back(place: SignInPlace) -> None:
    SignInPlace.objects.filter(pk=place.pk).delete()


def remove_old(now: datetime | None = None) -> int:
    """Delete rows that no limit looks at any more; returns how many.

    Those are failed sign-ins, places of processes that died, and addresses not used for long.
    """
    now = now or clock.now()
    old = (
        SignInFailure.objects.filter(created_at__lt=now - _window()),
        SignInPlace.objects.filter(created_at__lt=now - LEFT_BEHIND),
        KnownAddress.objects.filter(succeeded_at__lt=now - KNOWN_FOR),
    )
    return sum(rows.delete()[0] for rows in old)
