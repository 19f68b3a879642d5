"""A client that reads along by `GET /tickets?updatedSince=`, with the overlap that docs/api.md asks for."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import requests

from tests.support.installation import Installation
from tests.support.served import Served

OVERLAP = timedelta(minutes=10)


class Poller:
    """What a client knows that reads along: the time of each ticket's last change that it was told of."""

    def __init__(self, desk: Served) -> None:
        self.desk = desk
        self.known: dict[str, str] = {}
        self.newest = datetime(2025, 1, 1, tzinfo=UTC)
        self.polls = 0

    def poll(self) -> None:
        """Read all pages. Where the desk does not answer, the next poll makes up for it."""
        since, newest = self.newest - OVERLAP, self.newest
        page, total = 1, 0
        while True:
            query = f"sort=-updatedAt&updatedSince={since:%Y-%m-%dT%H:%M:%S.%fZ}&pageSize=200&page={page}"
            try:
                answer = self.desk.api("GET", f"/tickets?{query}")
            except requests.RequestException:
                return
            if answer.status_code != 200:
                return
            body = answer.json()
            for item in body["items"]:
                self.known[item["id"]] = max(item["updatedAt"], self.known.get(item["id"], ""))
                newest = max(newest, datetime.fromisoformat(item["updatedAt"]))
            if len(body["items"]) < 200:
                self.newest, self.polls = newest, self.polls + 1
                return
            page, total = (page + 1, body["total"]) if body["total"] >= total else (1, 0)


def changes_of(installed: Installation) -> dict[str, str]:
    """The time of each ticket's last change, as the API writes it, past the product."""
    found = {}
    for key, moment in installed.rows("SELECT id, updated_at FROM tickets_ticket"):
        at = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment).replace(tzinfo=UTC)
        found[str(uuid.UUID(str(key)))] = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return found
