"""`manage.py audit`: what it says, what it finds beside forged histories, and that a busy desk gives no false alarm."""

from __future__ import annotations

import json
import threading
from contextlib import closing, suppress

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from config.audit.findings import Scope
from config.audit.running import findings
from config.database.snapshot import snapshot
from tests.support import factories
from tests.support.forgery import sql, triggers_lifted
from tests.support.many import double_tickets
from tests.support.pages import words
from tickets.audit.sealing import LEAF, Fresh
from tickets.models import Audit, SealedBlock, Ticket, TicketSequence, TicketText

pytestmark = pytest.mark.django_db


def audit(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code, and what stands on standard output."""
    capsys.readouterr()
    try:
        call_command("audit", *arguments)
    except CommandError as error:
        return error.returncode, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_a_desk_on_which_all_holds(capsys: pytest.CaptureFixture[str]) -> None:
    for status in ("DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"):
        factories.ticket(status)
    factories.deleted(factories.ticket())
    code, said = audit(capsys)
    assert code == 0
    assert "Looked at 1 year, 6 tickets, 13 entries, 13 events, 0 runs, 0 files in " in said
    assert said.endswith("Nothing is wrong.\n")


def test_an_empty_desk_is_sealed_and_what_is_written_later_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    _code, seal = audit(capsys, "--seal")
    assert seal.startswith("seal-1:0:")
    assert seal.count("\n") == 1
    factories.ticket("CLOSED")
    assert audit(capsys, "--since", seal.strip())[0] == 0


def test_each_seal_of_a_desk_that_is_worked_on_holds(capsys: pytest.CaptureFixture[str]) -> None:
    seals = []
    for _ in range(3):
        factories.ticket("CLOSED")
        seals.append(audit(capsys, "--seal")[1].strip())
    assert [seal.split(":")[1] for seal in seals] == ["3", "6", "9"]
    assert [audit(capsys, "--since", seal)[0] for seal in seals] == [0, 0, 0]


def test_a_seal_is_that_of_every_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The SHA-256 over year (two bytes), sequence and version (four each) and hash of each entry, computed once.

    So whatever was sealed by an earlier version can be checked. Events of anything else do not count.
    """
    ticket = factories.ticket("OPEN")
    factories.comment(ticket)
    factories.import_status(ticket, "CLOSED")
    with triggers_lifted():
        sql("UPDATE tickets_ticket SET year = 2026, sequence = 7, ticket_number = 'TKT-2026-000007'")
        for version, letter in enumerate("hijk", 1):
            sql("UPDATE tickets_historyentry SET hash = %s WHERE version = %s", [letter.encode() * 32, version])
    _code, seal = audit(capsys, "--seal")
    entries, root = seal.split(":")[1::2]
    assert (entries, root.strip()) == ("4", "89249351e33d3532a583032cbd65f36597a574acf0261b9c6ed8f0c737c34922")


def test_seals_beyond_one_part(capsys: pytest.CaptureFixture[str]) -> None:
    """1000 entries are read, and kept, at a time."""
    factories.ticket("CLOSED")
    double_tickets(8)
    call_command("chain_history")
    call_command("refold_search_texts", "--all")
    _code, first = audit(capsys, "--seal")
    double_tickets(1)
    call_command("chain_history")
    call_command("refold_search_texts", "--all")
    code, second = audit(capsys, "--since", first.strip(), "--seal")
    assert (code, second.split(":")[1]) == (0, "1536")
    with triggers_lifted():
        sql(
            "UPDATE tickets_historyentry SET hash = texts_hash WHERE version = 3 AND ticket_id ="
            " (SELECT id FROM tickets_ticket WHERE sequence = 400)"
        )
    for seal, is_named in ((first, False), (second, True)):
        number = Ticket.objects.get(sequence=400).ticket_number
        code, said = audit(capsys, "--since", seal.strip())
        assert f"{number}: Entry 3 is not what it was when it was sealed." in said
        assert ("seal: The " in said) == is_named


def test_what_had_no_hash_when_it_was_sealed_gives_no_alarm_once_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    factories.ticket("CLOSED")
    with triggers_lifted():
        sql("UPDATE tickets_historyentry SET hash = NULL WHERE version > 1")
    code, before = audit(capsys, "--seal")
    assert code == 1
    call_command("chain_history")
    assert audit(capsys)[0] == 0
    code, said = audit(capsys, "--since", before.strip())
    assert code == 1
    assert "2 had no hash then and have one now" in said
    _code, after = audit(capsys, "--seal")
    assert audit(capsys, "--since", after.strip())[0] == 0


@pytest.mark.parametrize("counts", [(1500, 2500), (2500, 1500)])
def test_of_seals_that_are_made_at_once_all_is_kept(counts: tuple[int, int]) -> None:
    """Both began when nothing was kept; the second finds what the first has kept meanwhile."""
    leaves = [number.to_bytes(LEAF.size) for number in range(2500)]
    seals = [Fresh(0), Fresh(0)]
    for seal, count in zip(seals, counts, strict=True):
        for place, leaf in enumerate(leaves[:count]):
            seal.add(place, leaf)
    for seal in seals:
        seal.keep()
    kept = SealedBlock.objects.order_by("number")
    assert b"".join(bytes(block.leaves) for block in kept) == b"".join(leaves)


@pytest.mark.parametrize("seal", ["", "seal-1:3:20261126T021503Z:5f", "seal-2:0:20261126T021503Z:" + 64 * "0"])
def test_what_is_no_seal_is_refused(seal: str) -> None:
    with pytest.raises(CommandError, match=r"--since: .* is no seal. Give the whole line that `audit --seal` printed."):
        call_command("audit", "--since", seal)


def test_a_seal_is_one_of_all_tickets() -> None:
    with pytest.raises(CommandError, match="leave --ticket out"):
        call_command("audit", "--ticket", "TKT-2026-000001", "--seal")


def test_one_ticket(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = factories.ticket("CLOSED"), factories.ticket("CLOSED")
    Ticket.objects.filter(pk=bad.pk).update(title="Another")
    assert audit(capsys, "--ticket", good.ticket_number)[0] == 0
    code, said = audit(capsys, "--ticket", bad.ticket_number)
    assert code == 1
    assert f"{bad.ticket_number}: The texts of entry 1 are not what its hash says." in said
    code, said = audit(capsys, "--ticket", "TKT-1999-000001")
    assert code == 1
    assert "TKT-1999-000001: There is no ticket with this number. Look whether it is mistyped." in said


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    ticket = factories.ticket()
    TicketText.objects.filter(ticket=ticket).update(text="another")
    code, said = audit(capsys, "--json")
    told = json.loads(said)
    assert (code, told["seal"], told["lookedAt"]["tickets"]) == (1, None, 1)
    [finding] = told["findings"]
    assert (finding["subject"], finding["problem"]) == (ticket.ticket_number, "Search knows another text of it.")
    call_command("refold_search_texts", "--all")  # as the advice says
    assert audit(capsys)[0] == 0


@pytest.mark.parametrize(
    ("change", "subject", "problem"),
    [
        (
            "UPDATE tickets_ticketsequence SET last_sequence = 5",
            "TKT-{}-000004 to TKT-{}-000005",
            "Given, but there is no",
        ),
        ("UPDATE tickets_ticketsequence SET last_sequence = 2", "{}", "Its last number is 3, and its sequence says 2."),
        ("UPDATE tickets_total SET tickets = tickets + 1 WHERE status = 'DRAFT'", "DRAFT", "3 tickets have it, and"),
        ("DELETE FROM tickets_tickettext WHERE text LIKE '%000002%'", "TKT-{}-000002", "Search does not know it."),
        ("DELETE FROM tickets_event WHERE position = 2", "TKT-{}-000002", "No event tells of entry 1."),
        ("UPDATE tickets_historyentry SET hash = NULL", "TKT-{}-000001", "Entry 1 has no hash."),
        ("DELETE FROM tickets_historyentry", "TKT-{}-000001", "It has no history."),
    ],
)
def test_what_disagrees_is_named(change: str, subject: str, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        factories.ticket()
    assert audit(capsys)[0] == 0
    with triggers_lifted():
        sql(change)
    year = TicketSequence.objects.get().year
    assert f"{subject.replace('{}', str(year))}: {problem}" in audit(capsys)[1]


def test_a_gap_among_the_numbers_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    tickets = [factories.ticket() for _ in range(4)]
    with triggers_lifted():
        for table in ("tickets_event", "tickets_historyentry", "tickets_tickettext"):
            sql(f"DELETE FROM {table} WHERE ticket_id IN (SELECT id FROM tickets_ticket WHERE sequence IN (2, 3))")
        sql("DELETE FROM tickets_ticket WHERE sequence IN (2, 3)")
    missing = f"{tickets[1].ticket_number} to {tickets[2].ticket_number}: Given, but there is no such ticket."
    assert missing in audit(capsys)[1]


def test_what_an_audit_found_is_kept_for_support_staff(capsys: pytest.CaptureFixture[str]) -> None:
    ticket = factories.ticket()
    audit(capsys, "--seal")
    TicketText.objects.filter(ticket=ticket).update(text="another")
    audit(capsys)
    client = Client()
    client.force_login(factories.associate(is_staff=True))
    kept = Audit.objects.latest("pk")
    assert kept.found == 1
    listed = words(client.get("/admin/tickets/audit/"))
    assert "1 finding everything a command -" in listed
    assert "Nothing is wrong. everything a command made" in listed
    assert "By nightly job" in listed
    page = words(client.get(f"/admin/tickets/audit/{kept.pk}/change/"))
    assert "1 entry, 1 event, 0 files, 0 runs, 1 ticket, 1 year" in page
    assert ticket.ticket_number in page
    assert "Search knows another text of it." in page
    assert client.post(f"/admin/tickets/audit/{kept.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_desk_that_is_worked_on_gives_no_false_alarm() -> None:
    """Tickets are raised and worked off by another thread, between one query of the audit and the next."""
    for _ in range(3):
        factories.ticket("CLOSED")
    over, failures = threading.Event(), list[BaseException]()

    def work() -> None:
        with closing(connection):
            while not over.is_set():
                try:
                    factories.restored(factories.deleted(factories.ticket()))
                    factories.ticket("CLOSED")
                except BaseException as error:  # noqa: BLE001 - told to the test
                    failures.append(error)
                    return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        found = [str(finding) for _ in range(5) for finding in findings(Scope())]
    finally:
        over.set()
        thread.join()
    assert (found, failures) == ([], [])
    assert Ticket.objects.count() > 3


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_stands_still_and_keeps_nobody_from_writing() -> None:
    def write() -> None:
        with closing(connection):
            factories.ticket()

    with snapshot():
        before = Ticket.objects.count()
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert Ticket.objects.count() == before == 0
    assert Ticket.objects.count() == 1


def test_an_audit_of_nothing_but_trouble_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands in a column, an audit says so and goes on."""
    factories.ticket("REVIEW")
    last = factories.ticket()
    with triggers_lifted(), suppress(Exception):
        sql("""UPDATE tickets_historyentry SET changes = '{"title": 7}', salt = NULL WHERE version = 2""")
    Ticket.objects.filter(pk=last.pk).update(title="Another")
    code, said = audit(capsys)
    assert code == 1
    assert f"{last.ticket_number}: " in said
    assert "Entry 2 cannot have followed" in said
