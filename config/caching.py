"""Figures that take long to compute, kept for a short while in Django's cache.

Where they are quick, as on a desk of some ten thousand tickets, nothing is kept and they are always of this moment.
Where they are slow they are kept for a time that grows with what they cost, so that however many people look, a
process spends at most a fiftieth of its time on them. Nothing that anybody acts on is read from here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.cache import cache

# Seconds; what takes no longer is computed each time.
QUICK = 0.1
# For how many times its cost a figure is kept, and for how many seconds at most.
TIMES_ITS_COST = 50
LONGEST = 15 * 60


def cached_if_slow[Result](name: str, compute: Callable[[], Result]) -> Result:
    """What `compute` returns now, or returned not long ago. The result has to be one that can be pickled."""
    found: Result | None = cache.get(name)
    if found is not None:
        return found
    began = time.perf_counter()
    result = compute()
    cost = time.perf_counter() - began
    if cost > QUICK:
        cache.set(name, result, min(LONGEST, cost * TIMES_ITS_COST))
    return result
