"""Who may read, make and remove links, by the state of one of the two tickets and by who has made the link.

Written by hand. The words are those of moves.py; `link?` is a link that is not there, or not while one of its tickets
is deleted, `made` one that somebody else has made. The other ticket is a live one of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.grid.moves import READ
from tests.support.grid.notation import Cells, by_state

# Of a link that the colleague has made. Managers may remove it.
REMOVE_COLLEAGUES = """
                                 signed-out colleague author,undoer,staff,deleter managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok        made                        ok
-DRAFT,-REVIEW,none              401        link?     link?                       link?
"""
# Of a link that each has made themselves.
REMOVE_OWN = """
                                 signed-out associates managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok         ok
-DRAFT,-REVIEW,none              401        link?      link?
"""


@dataclass(frozen=True)
class LinkAttempt:
    """What is sent where, and the table of answers. `by` is who has made the link: the colleague, or whoever asks."""

    method: str
    path: str
    answers: Cells
    names: str = ""  # the ticket in the body
    status: int = 200
    by: str = "colleague"


ATTEMPTS = {
    "read": LinkAttempt("GET", "/tickets/{ticket}/links", by_state(READ)),
    "add": LinkAttempt("POST", "/tickets/{ticket}/links", by_state(READ), "other", 201),
    "add from elsewhere": LinkAttempt("POST", "/tickets/{other}/links", by_state(READ), "ticket", 201),
    "remove": LinkAttempt("DELETE", "/links/{ticketlink}", by_state(REMOVE_COLLEAGUES)),
    "remove own": LinkAttempt("DELETE", "/links/{ticketlink}", by_state(REMOVE_OWN), by="own"),
}
