"""Whatever several people do, in whatever order and by whatever way: the desk is what the contract makes of it."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.comment_rules import CommentRules
from tests.stateful.exchange_rules import ExchangeRules
from tests.stateful.machine import Counts
from tests.stateful.page_rules import PageRules
from tests.stateful.reading_rules import ReadingRules
from tests.support.imports import names_imported, our_files
from tests.support.server import ROOT


@pytest.mark.django_db(transaction=True)
def test_the_desk_is_what_the_contract_makes_of_it(long_run: bool) -> None:
    counts = Counts()

    class Machine(CommentRules, PageRules, ReadingRules, ExchangeRules):
        pass

    Machine.counts = counts
    run = settings(
        max_examples=500 if long_run else 4,
        stateful_step_count=100 if long_run else 50,
        derandomize=not long_run,
        database=None,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(Machine, settings=run)
    print(counts)


@pytest.mark.no_database
def test_the_model_knows_nothing_of_the_product() -> None:
    files = [path for path in our_files() if path.match("tests/stateful/contract*.py")]
    assert len(files) == 3
    imported = {name for path in files for _line, name in names_imported((ROOT / path).read_text(), path)}
    assert {name for name in imported if name.split(".")[0] in ("accounts", "config", "csvsync", "tickets")} == set()
