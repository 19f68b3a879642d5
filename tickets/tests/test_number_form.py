"""What has the form of a ticket's number: the same for addresses, searches, files and tickets with a past."""

from __future__ import annotations

import pytest

from tickets.texts.numbers import has_form, sequence_in

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    "text", ["TKT-2026-000001", "TKT-0000-000000", "TKT-2026-1000000", "TKT-9999-999999999", "TKT-2026-0000001"]
)
def test_from_six_to_nine_digits_have_the_form_of_a_number(text: str) -> None:
    assert has_form(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TKT-2026-00001",
        "TKT-2026-1000000000",
        "tkt-2026-000001",
        "TKT-26-000001",
        "TKT-2026-00000\uff11",
        "TKT-2026-000001\n",
        " TKT-2026-000001",
        "TKT-2026-000001,TKT-2026-000002",
    ],
)
def test_other_texts_have_it_not(text: str) -> None:
    assert not has_form(text)


@pytest.mark.parametrize(
    ("text", "sequence"),
    [
        ("TKT-2026-000001", 1),
        ("TKT-2026-999999", 999_999),
        ("TKT-2026-1000000", 1_000_000),
        ("TKT-2026-999999999", 999_999_999),
        ("TKT-2026-000000", None),
        ("TKT-2026-0000001", None),
        ("TKT-2025-000001", None),
        ("TKT-2026-", None),
        ("x", None),
    ],
)
def test_a_number_of_the_year_tells_its_sequence(text: str, sequence: int | None) -> None:
    assert sequence_in(text, 2026) == sequence
