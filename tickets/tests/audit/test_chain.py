"""Every entry carries the hashes that docs/audit.md promises, however it is written, the same on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.database.statistics import analyze
from tests.support import factories, many
from tests.support.databases.transactions import not_yet_committed, wait_until_somebody_waits
from tests.support.forgery import assert_chained
from tests.support.many import double_tickets
from tests.support.past_tickets import People, at, closed, deleted, draft, lowered
from tests.support.patience import PATIENCE
from tests.support.version_before import writing_as_before_hashes
from tickets import actions
from tickets.audit import completing, hashing
from tickets.audit.completing import complete
from tickets.backfill.writing import backfill_tickets
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db

ODD = 'Ünï "quoted" \\ back\tslash \x7f ẞ 😀'


def test_what_the_actions_write_is_chained() -> None:
    sent_back = factories.ticket("REVIEW", title=ODD, description=f"{ODD}\n{ODD}")
    actions.edit_ticket(sent_back.created_by, sent_back.pk, title=f"{ODD}!", description="line\r\nline")
    factories.restored(factories.deleted(factories.ticket()))
    closed_one = factories.ticket("CLOSED")
    factories.import_status(factories.ticket("OPEN"), "CLOSED", user=factories.manager())
    assert closed_one.version == 3
    assert_chained(3 + 3 + 3 + 4)


def test_what_is_moved_in_is_chained_from_the_texts_that_it_began_with() -> None:
    people = People()
    backfill_tickets([closed(people), lowered(people), deleted(people), draft(people, day=20)])
    assert_chained(8 + 3 + 4 + 1)


def test_no_two_salts_are_the_same() -> None:
    for _ in range(3):
        factories.ticket("CLOSED")
    assert len({bytes(entry.salt or b"") for entry in HistoryEntry.objects.all()}) == 9


def new_entry(ticket: Ticket, version: int, action: str = "deleted") -> HistoryEntry:
    reason = {"deleted": "soft deleted", "restored": "restored"}[action]
    return HistoryEntry(
        ticket=ticket,
        version=version,
        created_at=at(1),
        user=ticket.created_by,
        actor_role=ticket.created_by.role,
        action=action,
        from_status="DRAFT",
        to_status="DRAFT",
        reason=reason,
    )


def test_entries_of_one_ticket_in_one_statement_are_chained() -> None:
    ticket = factories.ticket()
    actions_ = ["deleted", "restored"] * 3
    HistoryEntry.objects.bulk_create([new_entry(ticket, number, name) for number, name in enumerate(actions_, 2)])
    assert_chained(7)


def test_a_program_of_the_version_before_writes_chained_entries() -> None:
    with writing_as_before_hashes():
        factories.ticket("CLOSED")
    assert_chained(3)


def test_an_entry_that_comes_with_its_hashes_keeps_them() -> None:
    """As `loaddata` brings them."""
    ticket = factories.ticket()
    entry = new_entry(ticket, 2)
    entry.salt, entry.texts_hash, entry.hash = b"s" * 16, b"t" * 32, b"h" * 32
    entry.save(force_insert=True)
    kept = HistoryEntry.objects.get(pk=entry.pk)
    assert [bytes(kept.salt or b""), bytes(kept.texts_hash or b""), bytes(kept.hash or b"")] == [
        b"s" * 16,
        b"t" * 32,
        b"h" * 32,
    ]


def test_entries_that_come_in_disorder_are_hashed_once_all_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    ticket = factories.ticket()
    for version, action in ((4, "deleted"), (3, "restored")):
        new_entry(ticket, version, action).save(force_insert=True)
    assert HistoryEntry.objects.filter(hash=None).count() == 2
    with pytest.raises(CommandError, match="is not there"):
        call_command("chain_history")
    new_entry(ticket, 2).save(force_insert=True)
    call_command("chain_history")
    assert "2 entries hashed." in capsys.readouterr().out
    assert_chained(4)


def ticket_with_two_unhashed() -> Ticket:
    """Entries 3 and 4 have come before 2, and so without a hash."""
    ticket = factories.ticket()
    for version, action in ((4, "deleted"), (3, "restored"), (2, "deleted")):
        new_entry(ticket, version, action).save(force_insert=True)
    return ticket


def test_what_is_added_to_a_ticket_whose_turn_is_over_is_hashed_as_well() -> None:
    ticket, hashed = ticket_with_two_unhashed(), complete()
    assert next(hashed) == 2
    for version, action in ((6, "deleted"), (5, "restored")):
        new_entry(ticket, version, action).save(force_insert=True)
    assert sum(hashed) == 1
    assert_chained(6)


@pytest.mark.django_db(transaction=True)
def test_two_who_hash_at_once_hash_each_entry_once() -> None:
    ticket_with_two_unhashed()

    def hash_all() -> int:
        with closing(connection):
            return sum(complete())

    with ThreadPoolExecutor(1) as pool:
        with not_yet_committed(lambda: next(complete())):
            second = pool.submit(hash_all)
            wait_until_somebody_waits()
        assert second.result(PATIENCE) == 0
    assert_chained(4)


def test_a_dump_from_before_is_hashed_from_the_texts_that_each_ticket_began_with() -> None:
    """Its first entries come when the tickets are there as they stand now."""
    people = People()
    ticket = factories.ticket("REVIEW", title="First", author=people.author)
    actions.edit_ticket(people.author, ticket.pk, title="Second")
    entries = list(HistoryEntry.objects.order_by("version"))
    for entry in entries:
        entry.pk, entry.salt, entry.texts_hash, entry.hash = uuid.uuid4(), None, None, None
    copy = Ticket.objects.get(pk=ticket.pk)
    copy.pk, copy.sequence, copy.ticket_number = uuid.uuid4(), 2, copy.ticket_number.replace("000001", "000002")
    copy.save(force_insert=True)
    for entry in entries:
        entry.ticket = copy
    HistoryEntry.objects.bulk_create(entries)
    assert HistoryEntry.objects.filter(ticket=copy, hash=None).count() == 3
    call_command("chain_history")
    assert_chained(6)


def test_a_value_with_a_line_break_has_no_hash() -> None:
    """It could stand for two lines, and so for another entry."""
    words = ["a" * 32, "b" * 32, 1, 0, "created", None, None, None, "DRAFT\nx", None, "LOW", b"t" * 32, None]
    assert hashing.entry_hash(*words) is None  # type: ignore[arg-type]  # in the order of its parameters


def test_the_hashes_of_an_entry_are_those_of_every_version() -> None:
    """Computed once from docs/audit.md. Whoever changes them breaks the proof of all that is stored."""
    salt = bytes(range(16))
    assert hashing.texts_hash(salt, "created", "{}", "Dräht", "Two\nlines").hex() == (
        "0b80518a92c051817d2b0f57f370a58f6ce5cd748c25b243758139d01cb7cecb"
    )
    assert hashing.texts_hash(salt, "edited: title", '{"title": ["a", "ä"]}', None, None).hex() == (
        "a09c4dddc7d2d40b3fcbe2a747badbbf1a2ebf4b94964c0f50926eb06795c845"
    )
    first = hashing.entry_hash(
        "a" * 32, "b" * 32, 1, 1767225600000001, "created", "c" * 32, "ASSOCIATE", None, "DRAFT", None, "LOW",
        b"t" * 32, None, "TKT-2026-000007", 1767312000000000, None,
    )  # fmt: skip
    assert first == bytes.fromhex("f4d787ebb13fb27163a2ef7834883ec2ffd2740ee5e2658876413eca2bb0ea24")
    later = hashing.entry_hash(
        "a" * 32, "d" * 32, 2, 1767225600000002, "imported", None, None, "PENDING", "OPEN", None, None,
        b"u" * 32, b"h" * 32,
    )  # fmt: skip
    assert later == bytes.fromhex("049ca272ff75debdb8cca4ec45e3a874e0675c5e40caf0dbf67dd40887d670a1")


def test_no_batch_is_gone_through_for_each_of_its_entries() -> None:
    """Where the planner knows of no entry without a hash, as in the middle of a long run, it joins a batch with itself
    by going through all of it for each entry. So what is written is joined with nothing but the rows, by their index.
    """
    if connection.vendor != "postgresql":
        return
    factories.ticket("CLOSED")
    double_tickets(7)
    list(complete())
    analyze(Ticket, HistoryEntry)
    many.copy_all()
    [first, *_, last] = HistoryEntry.objects.order_by("ticket_id").values_list("ticket_id", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(completing.PLANNED)
        cursor.execute(f"EXPLAIN (FORMAT JSON) {completing.COMPLETE}", [first, last])
        [[[found]]] = cursor.fetchall()
    written = [part for part in found["Plan"]["Plans"] if part["Parent Relationship"] != "InitPlan"]
    gone_through = [node["CTE Name"] for part in written for node in nodes(part) if node["Node Type"] == "CTE Scan"]
    assert gone_through == ["chain"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
