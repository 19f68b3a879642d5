"""What an edit has changed is shown word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.texts.comparison import changes

pytestmark = pytest.mark.no_database

# The old text, the new one, and both in one: [taken out] and {put in}.
CASES = [
    ("", "", ""),
    ("same", "same", "same"),
    ("abc", "abd", "[abc]{abd}"),
    ("a b", "a b c", "a b{ c}"),
    ("x", "", "[x]"),
    ("The printer is broken", "The scanner is broken", "The [printer]{scanner} is broken"),
    ("on floor 2, room 5.", "on floor 2, room 57.", "on floor 2, room [5]{57}."),
    ("one two three four", "one 2 three 4", "one [two]{2} three [four]{4}"),
    ("a\nb\nc", "a\nx\nc", "a\n[b]{x}\nc"),
    ("cafe\u0301 open", "caf\u00e9 open", "[cafe\u0301]{caf\u00e9} open"),
]


def in_one(old: str, new: str) -> str:
    frames = {"same": "%s", "out": "[%s]", "in": "{%s}"}
    return "".join(frames[kind] % text for kind, text in changes(old, new) if text)


@pytest.mark.parametrize(("old", "new", "both"), CASES)
def test_only_words_that_changed_are_marked(old: str, new: str, both: str) -> None:
    assert in_one(old, new) == both


def test_texts_that_differ_all_over_are_one_change() -> None:
    old, new = "a " * 4000 + "b", "c " * 4000 + "d"
    assert in_one(f"same {old} end", f"same {new} end") == f"same [{old}]{{{new}}} end"
    dots, commas = f"x{'.' * 400}y", f"q{'.,' * 400}z"
    assert in_one(dots, commas) == f"[{dots}]{{{commas}}}"


def test_many_places_that_stayed_the_same_are_looked_at_within_bounds() -> None:
    """Looking for the next one begins anew behind each, which takes time that grows with the square of the text."""
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 3900)]
    old, new = ("".join(mark + sign for sign in signs) for mark in "!?")
    assert in_one(f"{old}.", f"{new};") == f"[{old}.]{{{new};}}"
    old, new = ("".join(mark + sign for sign in signs[:500]) for mark in "!?")
    assert in_one(f"{old}.", f"{new}.") == "".join(f"[!]{{?}}{sign}" for sign in signs[:500]) + "."


@given(st.text(alphabet="ab \n.\u0301", max_size=60), st.text(alphabet="ab \n.\u0301", max_size=60))
def test_either_text_can_be_read_out_of_both_in_one(old: str, new: str) -> None:
    pieces = list(changes(old, new))
    assert "".join(text for kind, text in pieces if kind != "in") == old
    assert "".join(text for kind, text in pieces if kind != "out") == new
