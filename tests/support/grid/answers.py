"""What the words of the grid mean: how each kind of client is told that something was done, or why not."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from tests.support.client import PHRASES, RENAMED
from tests.support.grid.desk import Answered

REFUSALS: dict[str, tuple[int, str, str | None]] = {
    "401": (401, "unauthorized", "Unauthorized"),
    "role": (403, "forbidden_role", "Forbidden resource"),
    "404": (404, "ticket_not_found", "Ticket not found"),
    "reviewed": (400, "not_in_draft", "Only DRAFT tickets can be reviewed"),
    "own": (403, "own_ticket", "Manager cannot review own ticket"),
    "same": (400, "same_severity", None),
    "severity?": (400, "new_severity_required", "newSeverity is required"),
    "reason?": (400, "reason_required", "severityChangeReason is required"),
    "edited": (400, "not_in_review", "Only tickets in REVIEW can be edited"),
    "approved": (400, "past_deleting", "Cannot delete ticket with status >= PENDING"),
    "there": (400, "not_deleted", None),
    "yours": (403, "not_allowed_on_this_ticket", None),
    # Of other things than tickets.
    "credentials": (401, "invalid_credentials", "Invalid credentials"),
    "secret": (401, "invalid_cron_secret", "Invalid cron secret"),
    "running": (409, "cycle_running", None),
    "dry": (400, "not_a_rehearsal", None),
    "run?": (404, "run_not_found", None),
    "person?": (404, "person_not_found", "Person not found"),
    "view?": (404, "view_not_found", None),
    "canned?": (404, "canned_text_not_found", None),
    "comment?": (404, "comment_not_found", None),
    "others": (403, "not_your_comment", None),
    "unasked": (400, "question_not_waiting", None),
    "link?": (404, "link_not_found", None),
    "made": (403, "not_your_link", None),
    "attachment?": (404, "attachment_not_found", None),
    "attached": (403, "not_your_attachment", None),
    "nowhere": (404, "not_found", None),
    "405": (405, "method_not_allowed", None),
}
# What a refusal has to leave behind all the same.
WRITTEN_WITH = {"credentials": {"accounts_signinfailure", "accounts_failedsignins"}}
# What people are told instead of being given an error, each by a message on the next page.
TOLD = {
    "above": "Managers and support staff are changed, and made, only by a manager who is support staff.",
    "mail": "A link for yourself or for somebody above you is mailed and never shown, and this desk sends no mail.",
    "nobody": "0 people can no longer sign in.",
}


def problem(answered: Answered, answer: str, *, path: str) -> str:
    """What is wrong with an answer, in words; nothing where it is the one that the grid has.

    Numbers are statuses of what was done. Whatever is refused must have written nothing.
    """
    if answer.isdigit() and int(answer) < 400:
        said = f"{answered.status} {answered.location}"
        return (
            "" if answered.status == int(answer) and not leads_to_sign_in(answered) else f"{said}: {refusal(answered)}"
        )
    if set(answered.wrote) - WRITTEN_WITH.get(answer, set()):
        return f"it was refused and has written {answered.wrote}"
    match answer:
        case "login" | "door":
            sign_in = "/desk/login/" if answer == "login" else "/admin/login/"
            expected = (302, f"{sign_in}?next={quote(path)}")
            return "" if (answered.status, answered.location) == expected else f"{answered.status} {answered.location}"
        case "leave":  # htmx takes the whole page there
            led = answered.response.headers.get("HX-Redirect", "")
            return "" if (answered.status, led[:18]) == (200, "/desk/login/?next=") else f"{answered.status} {led}"
        case "stay":  # a page that asks by itself ignores it
            return "" if (answered.status, answered.body) == (401, b"") else f"{answered.status} {answered.text[:80]}"
        case "above" | "mail" | "nobody":
            told = answered.status == 302 and any(TOLD[answer] in message for message in answered.messages)
            return "" if told else f"{answered.status} {answered.messages}"
    return refused(answered, answer)


def status_of(answer: str) -> int:
    """The status of an answer, which is all that HEAD tells of it."""
    if answer.isdigit():
        return int(answer)
    return {"login": 302, "door": 302, "leave": 200, "stay": 401}.get(answer) or REFUSALS[answer][0]


def refused(answered: Answered, answer: str) -> str:
    """What is wrong with a refusal: in the contract's shape on an API path, as a page that names the code elsewhere."""
    status, code, message = REFUSALS[answer]
    if (answered.status, refusal(answered)) != (status, code):
        return f"{answered.status} {refusal(answered)}"
    if is_json(answered):
        body = answered.response.json()
        phrase = RENAMED.get(body["error"], body["error"])
        shape = (set(body) - {"fields"}, body["statusCode"], phrase, bool(body["message"]))
        if shape != ({"statusCode", "error", "code", "message"}, status, PHRASES[status], True):
            return f"not the shape of an error: {body}"
        if message not in (None, body["message"]):
            return f"message {body['message']!r}"
    return ""


def refusal(answered: Answered) -> str:
    """The code of the refusal; nothing where the answer has none."""
    if is_json(answered):
        body: Any = answered.response.json()
        return str(body.get("code", "")) if isinstance(body, dict) else ""
    found = re.search(r'data-refusal="(\w+)"', answered.text)
    return found[1] if found else ""


def is_json(answered: Answered) -> bool:
    return bool(answered.response.headers.get("Content-Type", "").startswith("application/json"))


def leads_to_sign_in(answered: Answered) -> bool:
    return (
        answered.location.startswith(("/desk/login/?", "/admin/login/?")) or "HX-Redirect" in answered.response.headers
    )
