"""Doing something once under a key, however often it is asked for. One mechanism for the API, for forms and cycles.

What comes of a key is recorded in the transaction in which it is done, so that a process that is killed, or a
connection that breaks off, leaves both or neither. `find` and `keep` are enough where whoever comes second is stopped
by something else: by the row lock under which tickets are numbered, or by the constraint that there is one running
cycle. A request of the API may have nothing of the kind, and is to wait for the first one's answer. So it claims its
key before it begins.

A claim is a row that is committed at once. To hold an uncommitted row instead, on which the second would wait inside
the database, would need neither an expiry nor heartbeats. But an import lasts for minutes and enters itself in the
ledger before its one transaction begins; whoever waited in the database would hold a connection all that time, which
behind a pooler is one that others need; and on SQLite nobody but the first could write. The price is that a claim stays
when its process dies. It is given up where the process is seen to be gone, or has shown no sign of life for LEASE.
Should one that was given up still live, it finds its claim gone when it settles, and its transaction is rolled back.

Whoever waits asks again and again, and holds neither a transaction nor a connection meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import Error, IntegrityError, connection, transaction
from django.db.models import Sum

from accounts.idempotency.errors import KeyInUse, KeyReused, TooManyKeys
from accounts.idempotency.models import LEAST_SIZE, IdempotencyKey, IdempotencyKeyQuerySet
from config import clock
from config.database.heartbeats import heartbeats
from config.server.processes import ProcessName, is_gone, this_process

log = logging.getLogger(__name__)

ANSWERS_KEPT = timedelta(hours=24)
HEARTBEAT_SECONDS = 15
# Some heartbeats may fail to be written before a claim counts as given up.
LEASE = timedelta(minutes=2)

PATIENCE_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25
# A request that waits occupies one of the 16 threads of this process. So only this many may wait for PATIENCE_SECONDS
# at the same time; any further one waits for SHORT_PATIENCE_SECONDS, which is enough for whatever is done quickly.
PATIENT_WAITERS = threading.BoundedSemaphore(4)
SHORT_PATIENCE_SECONDS = 3.0

# Some 64 000 small answers, or a hundred of the largest. One request of a few bytes may be answered with a ticket of
# 600 kB, so without a limit one person could fill the disk.
MOST_KEPT = 64_000_000


@dataclass(frozen=True, slots=True)
class KeyName:
    """What a key stands for: `person` is whose it is by id, None for the nightly job."""

    purpose: str
    key: str
    person: uuid.UUID | None = None

    def rows(self) -> IdempotencyKeyQuerySet:
        return IdempotencyKey.objects.filter(person=self.person, purpose=self.purpose, key=self.key)


@dataclass(slots=True)
class Claim:
    """The right to do what a key stands for, until it is settled or given up."""

    name: KeyName
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    is_settled: bool = False

    def settle(self, status: int, headers: Mapping[str, str], body: str) -> None:
        """Keep the answer. Call in the transaction of what it tells of, so that both are there or neither.

        Raises KeyInUse where the claim was given up meanwhile and may be another's.
        """
        kept = IdempotencyKey.objects.filter(claim=self.id).update(
            claim=None,
            process=None,
            expires_at=clock.Present(ANSWERS_KEPT),
            status=status,
            headers=dict(headers),
            body=body,
            size=max(len(body.encode()), LEAST_SIZE),
        )
        if not kept:
            raise KeyInUse
        self.is_settled = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Shows signs of life until the end of the block, and frees the key where that raises anything."""
        try:
            with heartbeats(self._beat, every=HEARTBEAT_SECONDS):
                yield
        except BaseException:
            self._free()
            raise

    def _beat(self) -> None:
        IdempotencyKey.objects.filter(claim=self.id).update(expires_at=clock.Present(LEASE))

    def _free(self) -> None:
        """Give the claim up. Where a commit was only thought to have failed it is settled, and stays."""
        for _attempt in range(2):
            try:
                IdempotencyKey.objects.filter(claim=self.id).delete()
                return
            except Error as error:
                log.warning("A claim of the key %s could not be freed: %s", self.name, error)
                if connection.in_atomic_block:
                    return
                connection.close()  # which may be what failed; should the next one as well, the claim expires by itself


def find(name: KeyName) -> uuid.UUID | None:
    """The id of what came of this key, where that was kept and has not expired."""
    return name.rows().done().current().values_list("result", flat=True).first()


def keep(name: KeyName, result: uuid.UUID, *, kept: timedelta | None) -> None:
    """Record what came of a key, for as long as `kept` or for ever.

    Call in the transaction of what was done. Raises IntegrityError where something has been done under it already.
    """
    name.rows().expired().delete()
    IdempotencyKey.objects.create(
        person_id=name.person,
        purpose=name.purpose,
        key=name.key,
        result=result,
        expires_at=None if kept is None else clock.Present(kept),
    )


def claim(name: KeyName, fingerprint: str) -> Claim | IdempotencyKey:
    """The right to do it, or what has been done under this key already. Call outside of transactions.

    Waits while another does it. Raises KeyInUse where that takes too long, KeyReused where the key came with another
    body, TooManyKeys.
    """
    held = _claim_now(name, fingerprint)
    return held if held is not None else _claim_later(name, fingerprint)


def remove_expired() -> int:
    """Delete the keys whose time is over, with the answers that were kept under them; the number of rows."""
    return IdempotencyKey.objects.expired().delete()[0]


def _claim_now(name: KeyName, fingerprint: str) -> Claim | IdempotencyKey | None:
    """As `claim`, but None where one would have to wait."""
    row = name.rows().with_expiry().first()
    if row is None:
        return _new_claim(name, fingerprint)
    if row.has_expired:
        # It may have shown a sign of life, or have been settled, since it was read.
        name.rows().filter(pk=row.pk).expired().delete()
        return _new_claim(name, fingerprint)
    if row.process and is_gone(ProcessName(*row.process)):
        # Unless its last commit was still under way in the database.
        name.rows().filter(claim=row.claim).delete()
        return _new_claim(name, fingerprint)
    if row.fingerprint != fingerprint:
        raise KeyReused
    return None if row.claim else row


def _claim_later(name: KeyName, fingerprint: str) -> Claim | IdempotencyKey:
    with _patience() as seconds:
        end, pause = time.monotonic() + seconds, FIRST_PAUSE
        while time.monotonic() < end:
            if not connection.in_atomic_block:
                connection.close()  # gives it back to the pool
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if held := _claim_now(name, fingerprint):
                return held
    raise KeyInUse


@contextmanager
def _patience() -> Iterator[float]:
    """For how many seconds this request may wait."""
    if not PATIENT_WAITERS.acquire(blocking=False):
        yield SHORT_PATIENCE_SECONDS
        return
    try:
        yield PATIENCE_SECONDS
    finally:
        PATIENT_WAITERS.release()


def _new_claim(name: KeyName, fingerprint: str) -> Claim | None:
    """None where another was quicker."""
    kept = IdempotencyKey.objects.filter(person=name.person).current().aggregate(size=Sum("size"))["size"]
    if (kept or 0) >= MOST_KEPT:
        raise TooManyKeys
    made = Claim(name)
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                person_id=name.person,
                purpose=name.purpose,
                key=name.key,
                fingerprint=fingerprint,
                claim=made.id,
                process=list(this_process()),
                expires_at=clock.Present(LEASE),
            )
    except IntegrityError:
        return None
    return made
