"""How long and how slowly a stranger may talk, and how much may be open at once."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass

MOST_STEP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """All seconds are of the loop's own Clock; all of it holds for one worker process."""

    header_bytes: int = 32_768
    header_seconds: float = 10  # from the first byte of a request, of a connection's first request from its opening
    idle_seconds: float = 60  # between two requests
    # A body up to this size is taken in from anybody; a larger one only from whom the application knows.
    small_body: int = 1_000_000
    body_seconds: float = 60  # for all of a small body
    pace_seconds: float = 10  # the windows over which its speed is judged
    body_speed: int = 1_000  # bytes a second
    upload_seconds: float = 30  # the same for a larger one
    upload_speed: int = 16_000
    answer_seconds: float = 60  # the windows for answers
    answer_speed: int = 1_000
    # After an answer to a request that was not read to its end: so much more is thrown away, so that the answer is
    # not lost with the connection while its receiver is still sending.
    linger_seconds: float = 30
    linger_bytes: int = 64_000_000
    connections: int = 4_096
    connections_per_peer: int = 128


class Clock:
    """The time during which the loop was running.

    Where the machine or the process stood still, nobody has missed a deadline: what was sent meanwhile is in the
    kernel's buffers and could not be read. So a long step between two turns of the loop counts as a short one.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._last = time.monotonic()

    def advance(self) -> None:
        moment = time.monotonic()
        self.now += min(moment - self._last, MOST_STEP_SECONDS)
        self._last = moment


class Pace:
    """Whether a counter of bytes rises by `speed` a second, in each window of `seconds`."""

    def __init__(self, seconds: float, speed: int, now: float, count: int) -> None:
        self.seconds, self.least = seconds, seconds * speed
        self.began, self.count = now, count

    def is_lost(self, now: float, count: int) -> bool:
        if now - self.began < self.seconds:
            return False
        lost = count - self.count < self.least
        self.began, self.count = now, count
        return lost


def peer_of(address: str) -> str:
    """Who counts as one peer: an address, and with IPv6 the network that one customer is usually given."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and not parsed.ipv4_mapped and not parsed.is_loopback:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
