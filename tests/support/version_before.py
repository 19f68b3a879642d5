"""Writing as the program of the version before would, which goes on for a while when a desk is updated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection

from tickets import actions
from tickets.attachments import actions as attachment_actions
from tickets.comments import actions as comment_actions
from tickets.inbox import telling
from tickets.models import HistoryEntry
from tickets.uploads import claiming

# Columns of history entries that came later.
LATER = {"salt", "texts_hash", "hash"}

IMPORT = re.compile(r"WITH moved AS MATERIALIZED \(\s*SELECT (.*?) AS id,.*?FROM (\(.*?\) AS moves) JOIN", re.DOTALL)
IMPORT_BEFORE = """
    INSERT INTO tickets_historyentry (id, ticket_id, version, created_at, user_id, actor_role, action,
        from_status, to_status, reason, changes)
    SELECT {id}, ticket.id, ticket.version, ticket.updated_at, %s, %s, %s,
        moves.from_status, moves.to_status, %s, '{{}}'
    FROM {moves} JOIN tickets_ticket AS ticket ON ticket.id = moves.ticket_id
"""


@contextmanager
def writing_as_before_hashes() -> Iterator[None]:
    """Entries of history are written without the columns of the chain, which need not be there, and nobody is told."""
    meta: Any = HistoryEntry._meta
    known = {name: getattr(meta, name) for name in ("local_fields", "local_concrete_fields", "concrete_fields")}
    for name, fields in known.items():
        setattr(meta, name, type(fields)(field for field in fields if field.name not in LATER))
    try:
        with connection.execute_wrapper(_import_as_before), telling_nobody():
            yield
    finally:
        for name, fields in known.items():
            setattr(meta, name, fields)


@contextmanager
def telling_nobody() -> Iterator[None]:
    """What is done to tickets is looked up where it is shown, as before it was told to each person. So are comments.

    Nor does anything open or end questions, for whose answer no draft waited then, or snoozes.
    """
    quiet = [
        *((actions, name) for name in ("tell_of_action", "tell_of_moves", "course")),
        *((comment_actions, "course"), (telling, "tell_of_comment")),
        *((module, "wake") for module in (comment_actions, attachment_actions, claiming)),
    ]
    with ExitStack() as stack:
        for module, name in quiet:
            stack.enter_context(patch.object(module, name))
        yield


def _import_as_before(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """The statement by which an import writes its entries was this one; its other parameters are for hashes."""
    if found := IMPORT.search(sql):
        sql, params = IMPORT_BEFORE.format(id=found[1], moves=found[2]), params[1:5]
    return execute(sql, params, many, context)
