"""Every UPDATE of the whole suite is held against one table: the columns that each function of the product may set.

A row that is saved whole, from a copy that was loaded earlier, undoes what somebody else has written meanwhile. Tests
of single races find only the races that somebody thought of; this finds the statement, whatever test it runs in. A
writer that is new gets its line in OWNED.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db.backends.signals import connection_created

ROOT = Path(__file__).resolve().parents[2]
# Tests may write what they like, and measurements are no part of the product. A migration moves whatever it must.
NOT_THE_PRODUCT = re.compile(r"(^|/)(tests|bench|migrations|\.venv)/|(^|/)conftest\.py$")
MIDDLEWARE = "config.site.middleware"  # stands around what Django does by itself

# writer -> table -> the columns that it owns
OWNED: dict[str, dict[str, str]] = {
    MIDDLEWARE: {"django_session": "session_data expire_date", "accounts_user": "last_login"},
    "accounts.actions.save_preferences": {"accounts_user": "theme time_zone"},
    "accounts.actions.change_own_name": {"accounts_user": "name folded_name"},
    "accounts.actions._set_password": {"accounts_user": "password"},
    "accounts.actions.change_person": {"accounts_user": "email name folded_name role is_active is_staff"},
    "accounts.idempotency.keys.Claim._beat": {"accounts_idempotencykey": "expires_at"},
    "accounts.idempotency.keys.Claim.settle": {
        "accounts_idempotencykey": "claim process expires_at status headers body size"
    },
    "accounts.letters.send_waiting": {"accounts_letter": "tried_at sent_at"},
    "accounts.record.sign_ins.record_failure": {"accounts_failedsignins": "count until address"},
    "accounts.limits.counting.take": {"accounts_ratecounter": "began_at count"},
    "accounts.limits.counting.give_back": {"accounts_ratecounter": "count"},
    "accounts.models.User.renew_hash": {"accounts_user": "password hash_renewals"},
    "accounts.signing_in.throttling.succeed": {"accounts_knownaddress": "succeeded_at"},
    "accounts.views.sign_in_page": {"accounts_user": "last_login", "django_session": "session_data expire_date"},
    "csvsync.runs.ledger._beat": {"csvsync_run": "heartbeat_at"},
    "csvsync.runs.ledger._end": {"csvsync_run": "state finished_at error counts changes size sha256 phase"},
    "csvsync.runs.ledger.enter_phase": {"csvsync_run": "phase counts heartbeat_at"},
    "config.database.availability.require_writable": {"django_migrations": "name"},
    "csvsync.exchange.notices._claim": {"csvsync_trouble": "told_at"},
    "csvsync.exchange.notices._mail_of_failure": {"csvsync_trouble": "told_at"},
    "csvsync.imports.verdict_sql._execute": {"csvsync_staged": "ticket_id verdict note to_status"},
    "csvsync.runs.retention.keep": {"csvsync_run": "kept_as"},
    "csvsync.runs.retention.remove_old_files": {"csvsync_run": "kept_as"},
    "tickets.actions._apply": {
        "tickets_ticket": "status severity title description reviewed_by_id deleted_at deleted_by_id updated_at version"
    },
    "tickets.actions._move_imported": {"tickets_ticket": "status version updated_at"},
    "tickets.actions._change_search_text": {"tickets_tickettext": "text"},
    "tickets.asking.course._end": {"tickets_question": "ended_at ending"},
    "tickets.asking.course.settle": {"tickets_question": "is_past ended_at ending"},
    "tickets.attachments.removing.remove": {"tickets_attachment": "removed_at removed_by_id"},
    "tickets.audit.completing._each_batch": {"tickets_historyentry": "salt texts_hash hash"},
    "tickets.audit.erasing._erase_attachments": {"tickets_attachment": "file_name sha256 removed_at removed_by_id"},
    "tickets.audit.erasing._replace_texts": {
        "tickets_ticket": "title description",
        "tickets_tickettext": "text folding",
    },
    "tickets.audit.erasing._replace_comments": {"tickets_comment": "text html", "tickets_commentversion": "text"},
    "tickets.audit.erasing.erase_texts": {"tickets_historyentry": "reason changes salt"},
    "tickets.audit.sealing.Fresh._keep": {"tickets_sealedblock": "leaves"},
    "tickets.canned.actions.change_canned_text": {"tickets_cannedtext": "name text is_shared"},
    "tickets.comments.actions.edit_comment": {
        "tickets_comment": "text html rendering edited_at",
        "tickets_commenttext": "text folding",
    },
    "tickets.comments.actions.remove_comment": {"tickets_comment": "text html removed_at removed_by_id"},
    "tickets.comments.looks.note_look": {"tickets_lastlook": "seen_at"},
    "tickets.events.numbering._number": {"tickets_event": "position mark"},
    "tickets.following.actions._choose": {"tickets_followchoice": "follows"},
    "tickets.outbox.claiming._change": {"tickets_told": "mail_due_at mail_claim"},
    "tickets.outbox.claiming.postpone": {"tickets_told": "mail_due_at mail_attempts"},
    "tickets.numbering.advance_year": {"tickets_ticketsequence": "last_sequence"},
    "tickets.numbering._increment": {"tickets_ticketsequence": "last_sequence"},
    "tickets.inbox.read_marks._mark": {"tickets_told": "is_read"},
    "tickets.inbox.telling._settle_draft": {"tickets_told": "is_read mail_due_at"},
    "tickets.inbox.ways.choose_ways": {"tickets_chosenway": "way"},
    "tickets.search.refolding.forget": {"tickets_tickettext": "folding", "tickets_commenttext": "folding"},
    "tickets.search.refolding.replace": {"tickets_tickettext": "text folding", "tickets_commenttext": "text folding"},
    "tickets.review.leases.take": {"tickets_lease": "manager_id taken_at until"},
    "tickets.review.sittings.sit_down": {"tickets_sitting": "used_at"},
    "tickets.review.sittings.note_done": {"tickets_sitting": "done used_at"},
    "tickets.saved_views.actions._change": {"tickets_rememberedview": "name is_shared"},
    "triage.llm.breaker._record_failure": {"triage_breaker": "failures open_until"},
    "triage.llm.breaker.may_ask": {"triage_breaker": "open_until"},
    "triage.llm.breaker.record": {"triage_breaker": "failures open_until"},
    "triage.llm.single_flight._begin": {"triage_inquiry": "ends_at"},
    "triage.matching._link": {"triage_suggestion": "ticket_id matched_at"},
    "triage.matching.match_tickets": {"triage_suggestion": "matched_at"},
}

UPDATE = re.compile(
    r'\bUPDATE\s+(?:ONLY\s+)?"?(\w+)"?(?:\s+(?:AS\s+)?"?\w+"?)?\s+SET\s'
    r'|\bINSERT\s+INTO\s+"?(\w+)"?.*?\bDO\s+UPDATE\s+SET\s',
    re.IGNORECASE | re.DOTALL,
)
PIECE = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|\w+|\S""")
found: list[str] = []  # by whichever thread; told to the test that runs


def updates(sql: str) -> Iterator[tuple[str, list[str]]]:
    """Each table that a statement updates, with the columns that it sets."""
    for match in UPDATE.finditer(sql):
        yield (match[1] or match[2]), list(_columns(sql[match.end() :]))


def _columns(assignments: str) -> Iterator[str]:
    depth, at_start = 0, True
    for piece in PIECE.findall(assignments):
        if depth == 0 and piece.upper() in ("WHERE", "FROM", "RETURNING", ";", ")"):
            return
        if at_start and piece != "(":
            yield piece.strip('"')
        at_start = depth == 0 and piece == ","
        depth += (piece == "(") - (piece == ")")


def writer(frame: FrameType | None) -> str | None:
    """The innermost function of the product, where those inside it count as itself.

    None where a test, a measurement or a migration writes by itself.
    """
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(f"{ROOT}/"):
            relative = path.removeprefix(f"{ROOT}/")
            if not relative.startswith(".venv/"):
                if NOT_THE_PRODUCT.search(relative):
                    return None
                module = relative.removesuffix(".py").replace("/", ".")
                return (
                    module if module == MIDDLEWARE else f"{module}.{frame.f_code.co_qualname.partition('.<locals>')[0]}"
                )
        frame = frame.f_back
    return None


def check(sql: str, frame: FrameType | None) -> str | None:
    """What is wrong with a statement that the frame sends, in words."""
    for table, columns in updates(sql):
        name = writer(frame)
        if name is None:
            return None
        foreign = set(columns) - set(OWNED.get(name, {}).get(table, "").split())
        if foreign:
            return f"{name} sets {table}: {', '.join(sorted(foreign))}, which it does not own (tests/support/writes.py)"
    return None


def _watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if "SET" in sql.upper() and (problem := check(sql, sys._getframe(1))):
        found.append(problem)
    return execute(sql, params, many, context)


def _watch_connection(connection: Any, **_: Any) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _watch)  # a test takes its own off from the other end


def pytest_configure() -> None:
    connection_created.connect(_watch_connection)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    found.clear()
    result = yield
    if found:
        pytest.fail("\n".join(sorted(set(found))), pytrace=False)
    return result
