"""Who may read, write, edit and remove comments, by the state of the ticket and whose comment it is.

Written by hand. The words are those of moves.py; `comment?` is a comment that is not there (any more), `others` one of
somebody else, `unasked` one that is no question for whose answer a draft waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.grid.moves import READ
from tests.support.grid.notation import Cells, by_state

# `none` is an id of nothing, `-LIVE` a comment that was removed from a live ticket.
# Of a comment that the colleague has written. Managers may remove it, and only the colleague may edit it.
EDIT_COLLEAGUES = """
                                 signed-out colleague author,undoer,staff,deleter managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok        others                      others
-DRAFT,-REVIEW                   401        404       404                         404
-LIVE,none                       401        comment?  comment?                    comment?
"""
REMOVE_COLLEAGUES = """
                                 signed-out colleague author,undoer,staff,deleter managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok        others                      ok
-DRAFT,-REVIEW                   401        404       404                         404
-LIVE,none                       401        comment?  comment?                    comment?
"""
# Of a comment that each has written themselves.
CHANGE_OWN = """
                                 signed-out associates managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok         ok
-DRAFT,-REVIEW                   401        404        404
-LIVE,none                       401        comment?   comment?
"""
# Of a question that the colleague has asked about a draft, and of a comment elsewhere.
WITHDRAW_COLLEAGUES = """
                                 signed-out colleague author,undoer,staff,deleter managers
DRAFT                            401        ok        others                      others
REVIEW,PENDING,OPEN,CLOSED       401        unasked   others                      others
-DRAFT,-REVIEW                   401        404       404                         404
-LIVE,none                       401        comment?  comment?                    comment?
"""
# The earlier texts are for everybody; of a comment that was removed `empty` for all but managers.
VERSIONS = """
                                 signed-out associates managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok         ok
-DRAFT,-REVIEW                   401        404        404
-LIVE                            401        empty      ok
none                             401        comment?   comment?
"""


@dataclass(frozen=True)
class CommentAttempt:
    """What is sent where, and the table of answers. `by` is who wrote the comment: the colleague, or whoever asks."""

    method: str
    path: str
    answers: Cells
    body: dict[str, Any] | None = None
    status: int = 200
    by: str = "colleague"
    page: str = ""  # of the desk, which does the same for a form that is posted


EDIT, REMOVE, WITHDRAW, VERSIONS_PAGE = (
    f"/desk/comments/{{comment}}/{what}/" for what in ("edit", "remove", "withdraw", "versions")
)
NEW, OTHER = {"text": "Is it still so?"}, {"text": "It is *not* any more."}
ATTEMPTS = {
    "read": CommentAttempt("GET", "/tickets/{ticket}/comments", by_state(READ)),
    "add": CommentAttempt(
        "POST", "/tickets/{ticket}/comments", by_state(READ), NEW, 201, page="/desk/tickets/{number}/comments/"
    ),
    "edit": CommentAttempt("PATCH", "/comments/{comment}", by_state(EDIT_COLLEAGUES), OTHER, page=EDIT),
    "edit own": CommentAttempt("PATCH", "/comments/{comment}", by_state(CHANGE_OWN), OTHER, by="own", page=EDIT),
    "remove": CommentAttempt("DELETE", "/comments/{comment}", by_state(REMOVE_COLLEAGUES), page=REMOVE),
    "remove own": CommentAttempt("DELETE", "/comments/{comment}", by_state(CHANGE_OWN), by="own", page=REMOVE),
    "withdraw": CommentAttempt("DELETE", "/comments/{comment}/question", by_state(WITHDRAW_COLLEAGUES), page=WITHDRAW),
    "versions": CommentAttempt("GET", "/comments/{comment}/versions", by_state(VERSIONS), page=VERSIONS_PAGE),
    "versions of own": CommentAttempt("GET", "/comments/{comment}/versions", by_state(VERSIONS), by="own"),
}
