"""Who signed in and out, and how often somebody tried in vain.

Each sign-in adds one entry. Failures do not: strangers could fill the table with them. They are counted in one row for
each account that is tried, and in a single one for all e-mails that nobody has, so however many try, there is no more
than that. The count becomes an entry when it reaches ten, a hundred and so on, and once it is over: with the next
sign-in, which tells how many failed before it, or after an hour without another failure. The e-mails that nobody has
are kept nowhere, since a password may have been typed there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.models import AuditEntry, FailedSignIns, User
from accounts.record.acts import By, address_of, record
from config import clock
from config.times import iso

QUIET = timedelta(hours=1)
NOBODY = ""
TOLD_AT = tuple(10**power for power in range(1, 10))


def record_sign_in(request: HttpRequest, user: User) -> None:
    """Somebody begins a session on the desk or in the admin."""
    _succeeded(By.sending(request, user), AuditEntry.Action.SIGNED_IN)


def record_token(request: HttpRequest, user: User) -> None:
    """Somebody is given a token for the API."""
    _succeeded(By.sending(request, user), AuditEntry.Action.TOKEN_ISSUED)


def _succeeded(by: By, action: AuditEntry.Action) -> None:
    with transaction.atomic():
        failed = FailedSignIns.objects.filter(key=str(by.actor.pk)).first() if by.actor else None
        failures_before = _told(failed) if failed and _take(failed) else {}
        record(by, action, by.actor, failures_before)


def record_failure(email: str, address: str) -> None:
    """A sign-in has failed. It takes the same statements whether somebody has this e-mail or not."""
    person = User.objects.filter(email=email).only("pk").first()
    key = str(person.pk) if person else NOBODY
    close_quiet(key=key)
    with transaction.atomic():
        counted = FailedSignIns.objects.filter(key=key)
        more = {"count": F("count") + 1, "until": clock.Present(), "address": address}
        if not counted.update(**more):
            now = clock.now()
            first = FailedSignIns(key=key, count=0, since=now, until=now, address=address)
            FailedSignIns.objects.bulk_create([first], ignore_conflicts=True)  # another may have been faster
            counted.update(**more)
        failed = counted.first()  # None where it has become an entry meanwhile
        if failed and failed.count in TOLD_AT:
            _record_failures(failed)


def close_quiet(**which: Any) -> int:
    """Turn the counts that nobody has added to for an hour into entries; how many. `which` narrows them."""
    closed = 0
    for failed in FailedSignIns.objects.filter(until__lt=clock.Present(-QUIET), **which):
        with transaction.atomic():
            if _take(failed):
                closed += 1
                if failed.count not in TOLD_AT:
                    _record_failures(failed)
    return closed


def _take(failed: FailedSignIns) -> bool:
    """Remove the count, unless somebody has added to it or taken it since it was read."""
    return FailedSignIns.objects.filter(key=failed.key, count=failed.count, since=failed.since).delete()[0] > 0


def _record_failures(failed: FailedSignIns) -> None:
    person = User.objects.get(pk=failed.key) if failed.key else None
    record(By(None, failed.address), AuditEntry.Action.SIGN_INS_FAILED, person, _told(failed))


def _told(failed: FailedSignIns) -> dict[str, Any]:
    return {"failures": failed.count, "since": iso(failed.since), "until": iso(failed.until)}


def record_sign_out(request: HttpRequest, user: object = None, **more: Any) -> None:
    """Somebody ends their session."""
    if isinstance(user, User):
        record(By(user, address_of(request)), AuditEntry.Action.SIGNED_OUT, user)


def watch_sign_outs() -> None:
    """Have each end of a session recorded, once Django is ready.

    By Django's own signal, since the admin has a way out of its own that calls no function of ours.
    """
    user_logged_out.connect(record_sign_out, dispatch_uid="record of sign-outs")
