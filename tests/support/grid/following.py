"""Who may ask whether they follow a ticket, follow it and leave it, by its state. The words are those of moves.py."""

from __future__ import annotations

from tests.support.grid.moves import READ
from tests.support.grid.notation import by_state

# Methods of `/tickets/{id}/following`, each with its answers; PUT and DELETE are buttons on the ticket's page as well.
ATTEMPTS = {method: by_state(READ) for method in ("GET", "PUT", "DELETE")}
