"""What pages show of people."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Model

from accounts.models import User

SHOWN = ("email", "name")


def shown_of(path: str) -> dict[str, Any]:
    """For `annotate` of a query of rows that name a person at `path`: what `put_people` makes that person of.

    `select_related` would make one anew for each row, which takes as long as the row itself.
    """
    return {f"{path}_{field}": F(f"{path}__{field}") for field in SHOWN}


def put_people(people: dict[uuid.UUID, User], rows: Iterable[Model], path: str) -> None:
    """Give each of these rows, which were loaded with `shown_of`, the person at `path`. `people` has each once."""
    id_at, *shown_at = (f"{path}_{field}" for field in ("id", *SHOWN))
    for row in rows:
        if (id := getattr(row, id_at)) is None:
            continue
        if (person := people.get(id)) is None:
            shown = [getattr(row, each) for each in shown_at]
            person = people[id] = User.from_db(row._state.db, ["id", *SHOWN], [id, *shown])
        row._state.fields_cache[path] = person
