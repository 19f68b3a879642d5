"""Seals: one line about all entries, which an operator keeps where nobody who could change the database can.

Whoever may write SQL may change an entry and compute all hashes anew, and nothing in the database tells. What they
cannot change is a line that was written down elsewhere before. It holds a hash over all entries up to some event, in
the order of events, which never changes: what is written later comes behind it. It holds its time as well, so that what
comes behind it and is dated back is told from what happened later.

The line alone says that something has changed, and not what. So the desk keeps what went into it as well, in
tickets_sealedblock. Somebody may change that too. But where it still leads to the hash in the line, it is as it was,
and names every entry that is not.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import batched, islice, zip_longest
from tempfile import SpooledTemporaryFile
from typing import Any

from django.db import connection, transaction

from config import clock
from config.audit.findings import Finding, Scope
from config.database.turns import take_turns
from tickets.audit.histories import COMPARE
from tickets.audit.reading import are_sealed, moment, time_of
from tickets.audit.sqlite import EPOCH, MICROSECOND
from tickets.events.numbering import number_events
from tickets.models import SealedBlock

MOVED_IN = "If data were moved in since (tickets/backfill), make a new seal; otherwise: " + COMPARE
AT_ONCE = 1000
BLOCKS_AT_ONCE = 20
IN_MEMORY = 8 * 1024 * 1024
# Year and sequence of the ticket's number, the version, and the hash.
LEAF = struct.Struct(">hii32s")
NOTHING = bytes(32)
TIME = "%Y%m%dT%H%M%SZ"
FORM = re.compile(r"seal-1:([0-9]{1,18}):([0-9]{8}T[0-9]{6}Z):([0-9a-f]{64})")

_LEAVES = """
SELECT ticket.year, ticket.sequence, event.version, entry.hash, {at}
FROM tickets_event AS event
    LEFT JOIN tickets_historyentry AS entry ON entry.ticket_id = event.ticket_id AND entry.version = event.version
    LEFT JOIN tickets_ticket AS ticket ON ticket.id = event.ticket_id
WHERE event.position > 0 AND event.version IS NOT NULL ORDER BY event.position
"""
# What is read to its end is joined fastest as a whole. PostgreSQL expects that only the first tenth of it is read, and
# would look each entry up by itself, which takes several times as long for all.
_TO_THE_END = "SELECT set_config('cursor_tuple_fraction', '1', true)"


@dataclass(frozen=True, slots=True)
class Seal:
    """How many entries it covers, when it was made, and the hash over the entries."""

    entries: int
    made_at: datetime
    root: str

    @classmethod
    def parse(cls, text: str) -> Seal:
        """The seal that somebody gives back. Raises ValueError for what is none."""
        form = FORM.fullmatch(text.strip())
        if not form:
            raise ValueError(text)
        return cls(int(form[1]), datetime.strptime(form[2], TIME).replace(tzinfo=UTC), form[3])

    def __str__(self) -> str:
        return f"seal-1:{self.entries}:{self.made_at.strftime(TIME)}:{self.root}"


def number_all_events() -> None:
    """Give every event that is there a position, so that a seal covers it. Call it before the snapshot."""
    while number_events():
        pass


def check(scope: Scope) -> Iterator[Finding]:
    """What is not as it was when `scope.since` was made, or the last time that any was; makes `scope.seal` if wanted.

    In one pass over all entries, which are not read where nobody has ever sealed anything.
    """
    if not are_sealed(scope):
        return
    last = SealedBlock.objects.order_by("-number").first()
    since = Seal.parse(scope.since) if scope.since else None
    earliest = _microseconds(since.made_at - clock.LONGEST_TRANSACTION) if since else 0
    comparison, digest, entries, dated_back = Comparison(), sha256(), 0, dict[str, int]()
    root = digest.hexdigest()
    fresh = Fresh(last.number if last else 0)
    for rows, was in zip_longest(_rows(with_times=since is not None), batched(_kept(), AT_ONCE), fillvalue=()):
        leaves = b"".join([_leaf(*row[:4]) for row in rows])
        if since and entries < since.entries <= entries + len(rows):
            covered = digest.copy()
            covered.update(leaves[: (since.entries - entries) * LEAF.size])
            root = covered.hexdigest()
        digest.update(leaves)
        if scope.wants_seal:
            fresh.add(entries, leaves)
        for *facts, at in rows[max(0, since.entries - entries) :] if since else ():
            if _is_before(at, earliest):
                dated_back.setdefault(*_name(_leaf(*facts)))
        entries += len(rows)
        comparison.add_all(b"".join(was), leaves)
    yield from comparison.findings()
    for number, version in dated_back.items():
        yield Finding(number, f"Entry {version} was put in since the seal, and is dated before it.", MOVED_IN)
    if since and (root if entries >= since.entries else "") != since.root:
        yield _broken(since, comparison.hashed_since)
    if scope.wants_seal:
        scope.seal = str(Seal(entries, clock.now(), digest.hexdigest()))
        scope.afterwards.append(fresh.keep)


class Fresh:
    """What goes into a seal and is not kept yet, in a file of its own until the snapshot is over.

    The snapshot only reads. To read all entries again afterwards would take as long as the whole pass, and a first seal
    of a million tickets is too much to be held in memory.
    """

    def __init__(self, start: int) -> None:
        """`start` is the number of the last block that is kept, which may have room for more."""
        self.start = start
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - `__del__` closes it

    def __del__(self) -> None:
        """However the audit ends: on a standby nothing is kept."""
        self.file.close()

    def add(self, place: int, leaves: bytes) -> None:
        """Note the leaves of entries from this place on in the order of events, the first being at 0.

        They lie in one block.
        """
        if place >= self.start * AT_ONCE:
            self.file.write(leaves)

    def keep(self) -> None:
        """Keep it, for telling later what is not as it was. What was kept before stays as it is."""
        self.file.seek(0)
        for some in batched(enumerate(self._blocks(), self.start), BLOCKS_AT_ONCE):
            self._keep(dict(some))

    @transaction.atomic
    def _keep(self, blocks: dict[int, bytes]) -> None:
        """Add what is missing of these blocks. Another seal may have been kept since this one began, and know more."""
        take_turns("what was sealed")
        last = SealedBlock.objects.order_by("-number").first()
        if last and last.number in blocks:
            last.leaves = bytes(last.leaves) + blocks[last.number][len(last.leaves) :]
            last.save(update_fields=["leaves"])
        new = {number: leaves for number, leaves in blocks.items() if last is None or number > last.number}
        SealedBlock.objects.bulk_create(SealedBlock(number=number, leaves=leaves) for number, leaves in new.items())

    def _blocks(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(AT_ONCE * LEAF.size), b"")


class Comparison:
    """Compares entries as they were with those that stand in their places now."""

    def __init__(self) -> None:
        # Those that differ. Where one was taken out all later ones have other places, and are in both.
        self.then: dict[bytes, None] = {}
        self.now: dict[bytes, None] = {}
        self.hashed_since = 0  # entries that had no hash then: what was sealed says nothing about them

    def add_all(self, were: bytes, leaves: bytes) -> None:
        """Add the leaves of a row of places, of which more may be filled now than were then."""
        if leaves.startswith(were):
            return
        for at in range(0, len(were), LEAF.size):
            self.add(were[at : at + LEAF.size], leaves[at : at + LEAF.size] or None)

    def add(self, was: bytes, leaf: bytes | None) -> None:
        if was == leaf:
            return
        if leaf is not None and was.endswith(NOTHING) and _name(was) == _name(leaf):
            self.hashed_since += 1
            return
        self.then[was] = None
        if leaf is not None:
            self.now[leaf] = None

    def findings(self) -> Iterator[Finding]:
        """One for each ticket of which something was changed, taken out or put in."""
        gone = [leaf for leaf in self.then if leaf not in self.now]
        new = [leaf for leaf in self.now if leaf not in self.then]
        changed = {_name(leaf) for leaf in gone} & {_name(leaf) for leaf in new}
        # For each that was taken out, one that came after the last seal has moved into the places that are compared.
        put_in = [leaf for leaf in new if _name(leaf) not in changed]
        put_in = put_in[: max(0, len(put_in) - (len(gone) - len(changed)))]
        told: set[str] = set()
        for leaf in [*gone, *put_in]:
            number, version = _name(leaf)
            if number not in told:
                told.add(number)
                if (number, version) in changed:
                    problem = "is not what it was when it was sealed"
                else:
                    problem = "was sealed and is gone" if leaf in self.then else "was put in among those sealed"
                yield Finding(number, f"Entry {version} {problem}.", COMPARE)
        if self.then and not told:
            yield Finding("events", "They are not in the order in which they were sealed.", COMPARE)


def _broken(seal: Seal, hashed_since: int) -> Finding:
    words = f"The {seal.entries} entries that it covers are not what they were when it was made."
    digest, entries = sha256(), 0
    for leaf in islice(_kept(), seal.entries):
        digest.update(leaf)
        entries += 1
    if (entries, digest.hexdigest()) == (seal.entries, seal.root):
        words += " The findings about what was sealed name them."
        if hashed_since:
            words += f" {hashed_since} had no hash then and have one now, as `manage.py chain_history` gives it."
    else:
        words += " What the desk itself has kept of it was changed as well, so only a backup from then says which."
    return Finding("seal", words, COMPARE)


def _rows(*, with_times: bool) -> Iterator[list[Any]]:
    """Of every entry that has been told of what goes into a seal, and its time as it is read or None; in the order of
    events, AT_ONCE at a time.
    """
    query = _LEAVES.format(at=time_of("entry", "created_at") if with_times else "NULL")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_TO_THE_END)
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(AT_ONCE):
            yield rows


def _is_before(at: Any, earliest: int) -> bool:
    return (at if isinstance(at, int) else moment(at) or 0) < earliest


def _leaf(year: int | None, sequence: int | None, version: int, hash_: bytes | None) -> bytes:
    try:
        return LEAF.pack(year or 0, sequence or 0, version, hash_ or NOTHING)
    except struct.error:  # numbers that no product has written
        return LEAF.pack(0, 0, 0, NOTHING)


def _kept() -> Iterator[bytes]:
    for number in range(SealedBlock.objects.count()):
        block = SealedBlock.objects.filter(number=number).first()
        leaves = bytes(block.leaves) if block else b""
        for at in range(0, len(leaves) - LEAF.size + 1, LEAF.size):
            yield leaves[at : at + LEAF.size]


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _name(leaf: bytes) -> tuple[str, int]:
    year, sequence, version, _hash = LEAF.unpack(leaf)
    return f"TKT-{year}-{sequence:06d}", version
