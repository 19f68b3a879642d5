"""The thirds of auto-process, for sets that do not fit into memory."""

from __future__ import annotations

import io
import random
import tracemalloc
from hashlib import sha256

import pytest

from csvsync.external import simulation
from csvsync.external.simulation import Ranking, Simulation

pytestmark = pytest.mark.no_database


def digests(count: int) -> list[bytes]:
    rng = random.Random(f"{count} digests")
    return [rng.randbytes(16) for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 9, 10, 11, 12, 19, 20, 21, 30, 31, 100, 1000])
@pytest.mark.parametrize("repeated", [1, 3])
def test_the_thirds_are_the_same_in_memory_and_on_the_disk(
    count: int, repeated: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation, "IN_MEMORY", 10)
    monkeypatch.setattr(simulation, "DIGESTS_AT_ONCE", 4)
    made = digests(count)
    ranks = Ranking()
    for digest in made * repeated:
        ranks.add(digest)
    ordered = sorted(made)
    expected = (ordered[count // 3], ordered[2 * (count // 3)]) if made else (b"", b"")
    assert ranks.thirds() == expected


def test_a_set_of_any_size_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "IN_MEMORY", 10_000)
    ranks = Ranking()
    tracemalloc.start()
    for number in range(100_000):
        ranks.add(sha256(b"%d" % number).digest()[:16])
    first, second = ranks.thirds()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000  # all of them would take 10
    assert 0.32 < int.from_bytes(first) / 2**128 < 0.345
    assert 0.655 < int.from_bytes(second) / 2**128 < 0.68


def test_auto_process_ranks_on_the_disk_as_the_contract_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "IN_MEMORY", 7)
    keys = [f"TKT-2026-{n:06d}" for n in range(1, 101)]
    content = "ticket_number,status\n" + "".join(f"{key},PENDING\n" for key in keys)
    answer = b"".join(Simulation(io.BytesIO(content.encode()))).decode()
    ranked = sorted(keys, key=lambda key: sha256(key.encode()).hexdigest())
    expected = dict.fromkeys(ranked[:33], "PENDING")
    expected |= dict.fromkeys(ranked[33:66], "OPEN") | dict.fromkeys(ranked[66:], "CLOSED")
    assert dict(line.split(",") for line in answer.splitlines()[1:]) == expected
