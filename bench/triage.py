"""`python -m bench.triage`: what a suggestion costs whoever asks for it, through the production server.

Beside each other: a desk without a language model, and one whose model has stopped answering, first while it is still
asked and then, once it is left alone, with the heuristic only. Each text is new, so nothing is remembered.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

import psycopg

from bench.exchange import Client
from bench.server import set_up
from config.serve.command import WORKERS
from tests.support.databases.postgres import throwaway_cluster
from tests.support.fakes.model_server import model_server, stays_silent
from tests.support.server import running_server, server_environment

DEADLINE = 1000  # milliseconds
LEFT_ALONE_AFTER = 5  # failures
CALLS = 400  # in turns to the one and the other, so that both have the same machine
LASTS = 25  # seconds; the model is asked again after 30


class Answer(NamedTuple):
    milliseconds: float
    source: str


def main() -> None:
    with throwaway_cluster() as cluster, ExitStack() as stack:
        silent = stack.enter_context(model_server(stays_silent))
        desks = []
        for name, key in (("without", ""), ("silent", "sk-nobody")):
            with psycopg.connect(cluster.url(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            variables = {"OPENAI_API_KEY": key, "OPENAI_BASE_URL": silent.base_url, "OPENAI_TIMEOUT_MS": str(DEADLINE)}
            environment = server_environment(cluster.url(name), DEMO="1", **variables)
            set_up(environment, 100)
            desks.append(asker(stack.enter_context(running_server(environment, workers=WORKERS))))
        time.sleep(5)  # the SDK of the language model is loaded in the background
        compare(*desks)


def compare(without: Callable[[int], Answer], silent: Callable[[int], Answer]) -> None:
    for n in range(10):
        without(n)
    waited = [silent(n) for n in range(LEFT_ALONE_AFTER)]
    print(f"asked in vain, deadline {DEADLINE} ms: at most {max(answer.milliseconds for answer in waited):.0f} ms")
    alone, broken, end = [], [], time.monotonic() + LASTS
    for n in range(100, 100 + CALLS):
        if time.monotonic() > end:
            break
        alone.append(without(n))
        broken.append(silent(n))
    late = [answer for answer in broken if answer.milliseconds >= DEADLINE]
    if late or {answer.source for answer in alone + broken} != {"HEURISTIC"}:
        raise RuntimeError(f"the model was not left alone: {late[:3]}")
    for words, cut in (("median", 50), ("p99", 99)):
        one, other = (percentile(answers, cut) for answers in (alone, broken))
        print(
            f"{words:7} of {len(alone)}: without a model {one:6.1f} ms, left alone {other:6.1f} ms, {other / one:.2f}"
        )


def percentile(answers: list[Answer], cut: int) -> float:
    return statistics.quantiles((answer.milliseconds for answer in answers), n=100)[cut - 1]


def asker(address: str) -> Callable[[int], Answer]:
    """Asks about the nth text, as somebody signed in."""
    client = Client(address)
    headers = {**client.headers, "Content-Type": "application/json"}

    def ask(n: int) -> Answer:
        text = {"title": f"Printer {n} does not print", "description": f"Since {n} o'clock nobody can print invoices."}
        began = time.perf_counter()
        said = json.loads(client.ask("POST", "/ai/severity-suggestion", json.dumps(text).encode(), headers))
        return Answer(1000 * (time.perf_counter() - began), said["source"])

    return ask


if __name__ == "__main__":
    main()
