"""How long tests wait for what must happen.

Whether the product keeps a deadline is judged by what the product itself has noted, by processor time or by the order
of events. A test's own clock only bounds how long it waits before it gives up, and that bound is for what never
happens: on a machine that has much else to do, what takes a moment elsewhere may take a minute.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import walk_stack
from types import CodeType

# Seconds. Less than the time limit of a single test, so that the wait that failed is the one that is named.
PATIENCE = 120.0


def wait_until[T](condition: Callable[[], T], words: str = "it did not happen", *, pause: float = 0.02) -> T:
    """What the condition answers, once that is true. Fails with these words when it never is."""
    end = time.monotonic() + PATIENCE
    while not (answer := condition()):
        assert time.monotonic() < end, words
        time.sleep(pause)
    return answer


@contextmanager
def own_seconds() -> Iterator[Callable[[], float]]:
    """How long the block has taken by the clock, less what this process's threads waited for a processor meanwhile.

    That is how long it takes on a machine that has nothing else to do, so it may be held against a deadline anywhere.
    The kernel keeps the account; where it does not, nothing is taken off. Threads that wait side by side are all taken
    off, which can be more than the clock has counted; it is never less than nothing.
    """
    waited, began = _waited_for_a_processor(), time.monotonic()
    took: list[float] = []
    yield lambda: took[0]
    by_the_clock, now = time.monotonic() - began, _waited_for_a_processor()
    off = sum(seconds - waited.get(thread, 0.0) for thread, seconds in now.items())
    took.append(max(0.0, by_the_clock - off))


def _waited_for_a_processor() -> dict[str, float]:
    """Seconds, by thread."""
    found = {}
    for account in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):  # the thread has ended
            found[account.parent.name] = int(account.read_text().split()[1]) / 1e9
    return found


def waiting_in(code: CodeType) -> int:
    """How many threads wait for an event in the function with this code."""
    found = 0
    for top in sys._current_frames().values():
        callers: Iterator[CodeType] = (frame.f_code for frame, _line in walk_stack(top))
        found += top.f_code is threading.Condition.wait.__code__ and code in callers
    return found


def until(condition: Callable[[], object]) -> None:
    """Looked at so often that what must happen in the middle of something short, a kill for one, does."""
    wait_until(condition, pause=0.002)
