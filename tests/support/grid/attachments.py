"""Who may see, add and remove attachments, by the state of the ticket and whose attachment it is.

Written by hand. The words are those of moves.py; `attachment?` is one that is not there (any more), `attached` one that
somebody else has attached, `others` a comment of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.grid.moves import READ
from tests.support.grid.notation import Cells, by_state

# `none` is an id of nothing, `-LIVE` an attachment that was removed from a live ticket.
SEE = """
                                 signed-out associates  managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok          ok
-DRAFT,-REVIEW                   401        404         404
-LIVE,none                       401        attachment? attachment?
"""
# What the colleague has attached.
REMOVE_COLLEAGUES = """
                                 signed-out colleague   author,undoer,staff,deleter managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok          attached                    ok
-DRAFT,-REVIEW                   401        404         404                         404
-LIVE,none                       401        attachment? attachment?                 attachment?
"""
# To a comment of the colleague.
ADD_TO_COLLEAGUES = """
                                 signed-out colleague author,undoer,staff,deleter managers
DRAFT,REVIEW,PENDING,OPEN,CLOSED 401        ok        others                      others
-DRAFT,-REVIEW,none              401        404       404                         404
"""


@dataclass(frozen=True)
class AttachmentAttempt:
    """What is sent where, and the table of answers. `by` is who has attached it: the colleague, or whoever asks."""

    method: str
    path: str
    answers: Cells = field(repr=False)
    status: int = 200
    by: str = "colleague"
    to_comment: bool = False
    by_session: bool = False
    page: str = ""  # of the desk, which does the same for a form that is posted


ONE, ALL = "/attachments/{attachment}", "/tickets/{ticket}/attachments"
ADD_PAGE, REMOVE_PAGE = "/desk/tickets/{number}/attachments/", "/desk/attachments/{attachment}/remove/"
ATTEMPTS = {
    "list": AttachmentAttempt("GET", ALL, by_state(READ)),
    "add": AttachmentAttempt("POST", ALL, by_state(READ), 201, page=ADD_PAGE),
    "add to a comment": AttachmentAttempt("POST", ALL, by_state(ADD_TO_COLLEAGUES), 201, to_comment=True),
    "fetch": AttachmentAttempt("GET", ONE, by_state(SEE)),
    "fetch by session": AttachmentAttempt("GET", ONE, by_state(SEE), by_session=True),
    "preview": AttachmentAttempt("GET", f"{ONE}/preview", by_state(SEE)),
    "preview by session": AttachmentAttempt("GET", f"{ONE}/preview", by_state(SEE), by_session=True),
    "remove": AttachmentAttempt("DELETE", ONE, by_state(REMOVE_COLLEAGUES), page=REMOVE_PAGE),
    "remove own": AttachmentAttempt("DELETE", ONE, by_state(SEE), by="own", page=REMOVE_PAGE),
}
