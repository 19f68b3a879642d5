"""Writing as the program of the version before would, which goes on for a while when a desk is updated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tickets.models import HistoryEntry

# Columns of history entries that came later.
LATER = {"salt", "texts_hash", "hash"}


@contextmanager
def writing_as_before_hashes() -> Iterator[None]:
    """Entries of history are written without the columns of the chain, which need not be there."""
    meta: Any = HistoryEntry._meta
    known = {name: getattr(meta, name) for name in ("local_fields", "local_concrete_fields", "concrete_fields")}
    for name, fields in known.items():
        setattr(meta, name, type(fields)(field for field in fields if field.name not in LATER))
    try:
        yield
    finally:
        for name, fields in known.items():
            setattr(meta, name, fields)
