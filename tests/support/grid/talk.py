"""What is said, attached, followed and linked, with what and by whom, and how the API and the page answer.

Written by hand. Who may do what in each state of a ticket is in the tables beside this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LONG = "x" * 10_000


@dataclass(frozen=True)
class Case:
    """`by` is ana, who raised the tickets and wrote `own` comment, attachment and link; bo, her colleague, who wrote
    `others`; or boss, a manager, who has `asked` ana something. `on` is the ticket: live, deleted or none.

    `api` is the status and the code of a refusal; of earlier texts, what they say. `page` is the status and words that
    stand on the page, of what was done on the next one; or the code, where the words are those of any page of a ticket
    that is not there. A file has a name, and one of the contents that the test has.
    """

    what: str
    name: str
    api: tuple[int, str]
    page: tuple[int, str]
    by: str = "ana"
    on: str = "live"
    of: str = "own"
    sent: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


SMALL_FILES, FULL = {"ATTACHMENT_MAX_MB": 1}, {"TICKET_ATTACHMENTS_MAX_MB": 1}
SCANNED = {"CLAMD": ("127.0.0.1", 1)}  # where nobody listens
NO_TICKET = (404, "ticket_not_found")
EMPTY, TOO_LONG = "This field is required.", "Ensure this value has at most 10000 characters"
NO_COMMENT = "There is no such comment, or it was removed."
NO_LINK = "There is no such link, or one of its tickets was deleted."
NO_ATTACHMENT = "There is no such attachment, or it was removed."
UNSENT = "There is no such comment any more"
OTHERS_COMMENT, OTHERS_FILE = "This is somebody else's comment.", "Somebody else has attached this."
CASES = [
    Case("comment", "a text", (201, ""), (302, "Your comment was added."), sent={"text": "*So* it is.\nStill."}),
    Case("comment", "a question", (201, ""), (302, "Your question was added."), sent={"text": "?", "question": True}),
    Case("comment", "names somebody", (201, ""), (302, "added."), sent={"text": "@bo@example.com @no@example.com"}),
    Case("comment", "by a manager", (201, ""), (302, "added."), by="boss", sent={"text": "So it is."}),
    Case("comment", "the longest text", (201, ""), (302, "added."), sent={"text": LONG}),
    Case("comment", "a longer one", (400, "invalid_input"), (422, TOO_LONG), sent={"text": LONG + "x"}),
    Case("comment", "no text", (400, "invalid_input"), (422, EMPTY), sent={"text": ""}),
    Case("comment", "only spaces", (400, "invalid_input"), (422, EMPTY), sent={"text": " \n\t "}),
    Case("comment", "nothing to be seen", (400, "invalid_input"), (422, EMPTY), sent={"text": "\u200b\u2800"}),
    Case("comment", "a NUL", (400, "invalid_input"), (422, "Null characters are not allowed."), sent={"text": "a\0b"}),
    Case("comment", "a deleted ticket", NO_TICKET, NO_TICKET, on="deleted", sent={"text": "So it is."}),
    Case("comment", "no ticket", NO_TICKET, NO_TICKET, on="none", sent={"text": "So it is."}),
    Case("edit", "another text", (200, ""), (302, "Your comment was changed."), sent={"text": "*No*,\nnot any more."}),
    Case("edit", "the same text", (200, ""), (302, "Your comment was changed."), sent={"text": "Own"}),
    Case("edit", "names somebody", (200, ""), (302, "changed."), sent={"text": "See @bo@example.com"}),
    Case("edit", "a longer one", (400, "invalid_input"), (422, TOO_LONG), sent={"text": LONG + "x"}),
    Case("edit", "no text", (400, "invalid_input"), (422, EMPTY), sent={"text": ""}),
    Case("edit", "somebody else's", (403, "not_your_comment"), (403, OTHERS_COMMENT), of="others", sent={"text": "No"}),
    Case("edit", "by a manager", (403, "not_your_comment"), (403, OTHERS_COMMENT), by="boss", sent={"text": "No"}),
    Case("edit", "removed", (404, "comment_not_found"), (404, UNSENT), of="removed", sent={"text": "No"}),
    Case("edit", "none", (404, "comment_not_found"), (404, UNSENT), of="none", sent={"text": "No"}),
    Case("edit", "no id", (404, "comment_not_found"), (404, UNSENT), of="x", sent={"text": "No"}),
    Case("edit", "a deleted ticket", NO_TICKET, NO_TICKET, of="deleted", sent={"text": "No"}),
    Case("remove", "own", (200, ""), (302, "The comment was removed. Its place says so.")),
    Case("remove", "by a manager", (200, ""), (302, "The comment was removed."), by="boss"),
    Case("remove", "somebody else's", (403, "not_your_comment"), (403, OTHERS_COMMENT), of="others"),
    Case("remove", "removed", (404, "comment_not_found"), (404, NO_COMMENT), of="removed"),
    Case("remove", "none", (404, "comment_not_found"), (404, NO_COMMENT), of="none"),
    Case("remove", "a deleted ticket", NO_TICKET, NO_TICKET, of="deleted"),
    Case("versions", "somebody else's", (200, "Before"), (200, "Before"), by="bo"),
    Case("versions", "never edited", (200, "[]"), (200, ""), of="others"),
    Case("versions", "removed, by its author", (200, "[]"), (200, "Managers can read what it said."), of="removed"),
    Case("versions", "removed, by a manager", (200, "Gone"), (200, "Gone"), by="boss", of="removed"),
    Case("versions", "none", (404, "comment_not_found"), (404, NO_COMMENT), of="none"),
    Case("versions", "a deleted ticket", NO_TICKET, NO_TICKET, of="deleted"),
    Case("withdraw", "own", (200, ""), (302, "Your question is withdrawn."), by="boss", of="asked"),
    Case("withdraw", "somebody else's", (403, "not_your_comment"), (403, OTHERS_COMMENT), of="asked"),
    Case("withdraw", "no question", (400, "question_not_waiting"), (400, "No draft waits for an answer to this.")),
    Case("withdraw", "removed", (404, "comment_not_found"), (404, NO_COMMENT), of="removed"),
    Case("withdraw", "none", (404, "comment_not_found"), (404, NO_COMMENT), of="none"),
    Case("withdraw", "a deleted ticket", NO_TICKET, NO_TICKET, of="deleted"),
    Case("attach", "a file", (201, ""), (302, "1 file attached."), sent={"file": ("../x.txt", "text")}),
    Case("attach", "a picture", (201, ""), (302, "1 file attached."), sent={"file": ("x.html", "picture")}),
    Case("attach", "by a manager", (201, ""), (302, "1 file attached."), by="boss", sent={"file": ("x", "text")}),
    Case("attach", "an empty file", (400, "invalid_input"), (400, "The file is empty."), sent={"file": ("x", "empty")}),
    Case("attach", "no file", (400, "invalid_input"), (400, "Choose a file first.")),
    Case(
        "attach",
        "too large",
        (413, "too_large"),
        (413, "The file is larger than 1 MB."),
        sent={"file": ("x", "too large")},
        settings=SMALL_FILES,
    ),
    Case(
        "attach",
        "no room",
        (413, "too_large"),
        (413, "have at most 1 MB together: 0 bytes are left."),
        sent={"file": ("x", "text")},
        settings=FULL,
    ),
    Case(
        "attach",
        "no scanner",
        (503, "scanner_unavailable"),
        (503, "The virus scanner does not answer"),
        sent={"file": ("x", "text")},
        settings=SCANNED,
    ),
    Case("attach", "a deleted ticket", NO_TICKET, NO_TICKET, on="deleted", sent={"file": ("x", "text")}),
    Case("attach", "no ticket", NO_TICKET, NO_TICKET, on="none", sent={"file": ("x", "text")}),
    Case("comment with", "a file", (201, ""), (302, "added."), sent={"text": "See", "file": ("x.png", "picture")}),
    Case(
        "comment with",
        "an empty file",
        (400, "invalid_input"),
        (400, "The file is empty."),
        sent={"text": "See", "file": ("x", "empty")},
    ),
    Case(
        "comment with",
        "too large",
        (413, "too_large"),
        (413, "The file is larger than 1 MB."),
        sent={"text": "See", "file": ("x", "too large")},
        settings=SMALL_FILES,
    ),
    Case(
        "comment with",
        "no room",
        (413, "too_large"),
        (413, "0 bytes are left."),
        sent={"text": "See", "file": ("x", "text")},
        settings=FULL,
    ),
    Case("raise with", "a file", (201, ""), (302, ""), sent={"file": ("x.png", "picture")}),
    Case(
        "raise with",
        "an empty file",
        (400, "invalid_input"),
        (400, "The file is empty."),
        sent={"file": ("x", "empty")},
    ),
    Case(
        "raise with",
        "too large",
        (413, "too_large"),
        (413, "The file is larger than 1 MB."),
        sent={"file": ("x", "too large")},
        settings=SMALL_FILES,
    ),
    Case("take away", "own", (200, ""), (302, "Removed “own.txt”.")),
    Case("take away", "by a manager", (200, ""), (302, "Removed “own.txt”."), by="boss"),
    Case("take away", "somebody else's", (403, "not_your_attachment"), (403, OTHERS_FILE), of="others"),
    Case("take away", "removed", (404, "attachment_not_found"), (404, NO_ATTACHMENT), of="removed"),
    Case("take away", "none", (404, "attachment_not_found"), (404, NO_ATTACHMENT), of="none"),
    Case("take away", "a deleted ticket", NO_TICKET, NO_TICKET, of="deleted"),
    Case("follow", "a ticket", (200, ""), (302, "You follow this ticket."), by="boss"),
    Case("follow", "a deleted ticket", NO_TICKET, NO_TICKET, on="deleted"),
    Case("follow", "no ticket", NO_TICKET, NO_TICKET, on="none"),
    Case("leave", "a ticket", (200, ""), (302, "You have left this ticket.")),
    Case("leave", "one that one does not follow", (200, ""), (302, "You have left this ticket."), by="boss"),
    Case("leave", "a deleted ticket", NO_TICKET, NO_TICKET, on="deleted"),
    Case("link", "a duplicate", (201, ""), (302, "Linked with"), sent={"to": "second", "kind": "DUPLICATE_OF"}),
    Case("link", "by anybody", (201, ""), (302, "Linked with"), by="bo", sent={"to": "second", "kind": "RELATED"}),
    Case(
        "link",
        "linked from the other side",
        (409, "already_linked"),
        (409, "linked in this way already"),
        sent={"to": "second", "kind": "FOLLOW_UP_OF"},
    ),
    Case(
        "link",
        "linked already",
        (409, "already_linked"),
        (409, "linked in this way already"),
        sent={"to": "third", "kind": "RELATED"},
    ),
    Case(
        "link",
        "itself",
        (400, "linked_to_itself"),
        (400, "A ticket cannot be linked to itself."),
        sent={"to": "live", "kind": "RELATED"},
    ),
    Case("link", "to a deleted ticket", NO_TICKET, NO_TICKET, sent={"to": "deleted", "kind": "RELATED"}),
    Case("link", "to no ticket", NO_TICKET, NO_TICKET, sent={"to": "none", "kind": "RELATED"}),
    Case("link", "of no kind", (400, "invalid_input"), (422, "Choose a ticket."), sent={"to": "second", "kind": "x"}),
    Case(
        "link",
        "of the kind of the other side",
        (400, "invalid_input"),
        (422, "Choose a ticket."),
        sent={"to": "second", "kind": "DUPLICATED_BY"},
    ),
    Case("link", "a deleted ticket", NO_TICKET, NO_TICKET, on="deleted", sent={"to": "second", "kind": "RELATED"}),
    Case("unlink", "own", (200, ""), (302, "is no longer linked.")),
    Case("unlink", "by a manager", (200, ""), (302, "is no longer linked."), by="boss"),
    Case(
        "unlink",
        "somebody else's",
        (403, "not_your_link"),
        (403, "Only who has linked these tickets, or a manager"),
        of="others",
    ),
    Case("unlink", "none", (404, "link_not_found"), (404, NO_LINK), of="none"),
    Case("unlink", "a deleted ticket", (404, "link_not_found"), (404, NO_LINK), of="deleted"),
]
