"""`python -m bench [rest | desk [TICKETS] | exchange [TICKETS] | triage]`: one measurement, by default `rest`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench import desk, exchange, rest, triage

BENCHES: dict[str, Callable[..., None]] = {
    "rest": rest.main,
    "desk": desk.main,
    "exchange": exchange.main,
    "triage": triage.main,
}


def main(name: str = "rest", *tickets: str) -> None:
    BENCHES[name](*map(int, tickets))


if __name__ == "__main__":
    main(*sys.argv[1:])
