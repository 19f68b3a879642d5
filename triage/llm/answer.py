"""What comes back from a language model: the level that its answer names, or why there is none."""

from __future__ import annotations

import re
from enum import StrEnum

from tickets.workflow import Severity


class Failure(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # an HTTP status that is not success
    UNUSABLE = "unusable"  # an answer that names no single level
    BUSY = "busy"  # too many calls under way here
    LIMITED = "limited"  # asked too often by one person; see triage/llm/allowance.py
    RESTING = "resting"  # left alone after failures; see triage/llm/breaker.py


# Models are asked for one word, but small ones explain themselves: "not HIGH, rather LOW". So an answer is read from
# left to right in pieces of three kinds: names of levels, words that deny what follows, and turns, where a denial ends.
_PIECE = re.compile(
    r"(?P<level>(?<![a-z])(?:very[\s_*-]*high|high|medium|low|easy)(?![a-z]))"
    r"|(?P<denial>\b(?:not|no|never|neither|nor|cannot|nothing|than|below|under|above|instead\s+of)\b|n['’]t\b"
    r"|\b(?:não|nao|nem|nunca|em\s+vez\s+de)\b)"
    r"|(?P<turn>[,;:.!?()\n—–]|\b(?:but|rather(?!\s+than)|instead(?!\s+of)|however|because|so|since)\b)",
    re.IGNORECASE,
)


def level_in(answer: str) -> Severity | None:
    """The one level that an answer names and does not deny; None if there is none, or more than one.

    What a model thinks aloud before `</think>` does not count.
    """
    named: set[Severity] = set()
    denied = False
    for piece in _PIECE.finditer(answer.rpartition("</think>")[2]):
        if piece["turn"]:
            denied = False
        elif piece["denial"]:
            denied = True
        elif not denied:
            named.add(_level(piece["level"]))
    return named.pop() if len(named) == 1 else None


def _level(written: str) -> Severity:
    """The level of a name however it is joined: "very high", "Very-High", "VERYHIGH"."""
    return Severity("_".join(re.split(r"[\s_*-]+", written.upper())).replace("VERYHIGH", "VERY_HIGH"))
