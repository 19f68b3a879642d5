"""The heuristic takes any text, at once, and several signals add up the way people expect."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.heuristic import scoring
from triage.heuristic.concepts import CONCEPTS
from triage.heuristic.vocabulary import SETS

pytestmark = pytest.mark.no_database

RANKS = {"EASY": 0, "LOW": 1, "MEDIUM": 2, "HIGH": 3, "VERY_HIGH": 4}

OUTAGE = "production is down for everyone"
NO_HURRY = "no hurry, cosmetic"

TEXTS = [
    "",
    "The printer prints only black pages",
    "How do I change my photo?",
    "Typo on the contact page",
    "Ransomware on several computers",
    "The website is down, nobody can work",
    "There is no outage and never was",
    "Não consigo entrar no sistema",
    "Não é",
    "not",
    "No",
    "without any",
    "Excel crashes; works after a restart",
    "Production is down for everyone",
    "No hurry, cosmetic: the logo is crooked",
]

# What a regular expression or a careless loop might choke on.
HOSTILE = {
    "one letter": "a",
    "denials": "not ",
    "endings of many phrases": "data fails ",
    "stems": "failures ",
    "phrases cut short": "lost work down ",
    "contractions": "can't won't ",
    "beginnings of sign-in": "log log-",
    "symbols": "!?.,;:()[]{}<>|\"'",
    "quotes": "'",
    "apostrophes": "\u2019",
    "spaces": " ",
    "lines": "\r\n",
    "accents": "a\u0301\u0302\u0303",
    "ligatures": "\ufdfa",
    "emoji": "🖨️👩‍👩‍👧",
    "nested": "((((",
    "digits": "500 1 ",
    "long words": "crash" * 50 + " ",
    "nul": "\0",
    "half pairs": "\ud800",
    "right to left": "\u202eتعطل ",
    "chinese": "服务器宕机",
    "underscores": "__init__ ",
}


def rank(title: str, description: str = "") -> int:
    return RANKS[scoring.suggest(title, description).severity]


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Please look at this", "MEDIUM"),
        ("", "MEDIUM"),
        ("The website is down for everyone", "VERY_HIGH"),
        ("O site está fora do ar para todos os clientes", "VERY_HIGH"),
        ("Typo", "EASY"),
        ("There is no outage", "MEDIUM"),
        ("No data loss, no crash", "MEDIUM"),
        ("Sem perda de dados", "MEDIUM"),
        ("This is not urgent", "EASY"),
    ],
)
def test_a_text_has_its_level(title: str, level: str) -> None:
    assert scoring.suggest(title, "").severity == level


def test_the_title_counts_more_than_the_description() -> None:
    title, description = rank("It crashed and lost our data"), rank("Server", "It crashed and lost our data.")
    assert title > description > rank("Server")


def test_several_signals_add_up() -> None:
    assert rank("Checkout fails") < rank("Checkout fails for all customers, orders are lost")


def test_a_denial_does_not_reach_across_what_follows() -> None:
    assert rank("Mail is not sent after a crash") > rank("Mail is not sent, no crash")


def test_case_accents_and_apostrophes_do_not_matter() -> None:
    plain = scoring.suggest("Nao consigo acessar, o sistema esta indisponivel", "It doesn't start")
    shouted = scoring.suggest("NÃO CONSIGO ACESSAR, O SISTEMA ESTÁ INDISPONÍVEL", "It doesn\u2019t start")
    decomposed = scoring.suggest(
        unicodedata.normalize("NFD", "Não consigo acessar, o sistema está indisponível"), "It does not start"
    )
    assert plain == shouted == decomposed


def test_reasons_name_what_was_found_the_weightiest_first() -> None:
    reasons = scoring.suggest("Slow page, and the database is down for everyone", "").reasons
    assert reasons[0] == "Raises it: a service is down or cannot be reached."
    assert "Raises it: many people are affected." in reasons
    assert reasons[-1] == "Raises it: it is slow."


def test_there_is_always_a_reason() -> None:
    assert scoring.suggest("Blue", "").reasons == ["Nothing in the text speaks for more or less than medium."]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("addition", [f". {OUTAGE}", f" {OUTAGE}", f"\n{OUTAGE}!", f" - {OUTAGE.upper()}"])
def test_an_outage_for_everyone_never_lowers(text: str, addition: str) -> None:
    assert rank(text + addition) >= rank(text)
    assert rank("Ticket", text + addition) >= rank("Ticket", text)
    assert rank(text, addition) >= rank(text)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("addition", [f". {NO_HURRY}", f" {NO_HURRY}", f"\n{NO_HURRY}.", f" ({NO_HURRY.upper()})"])
def test_no_hurry_never_raises(text: str, addition: str) -> None:
    assert rank(text + addition) <= rank(text)
    assert rank("Ticket", text + addition) <= rank("Ticket", text)
    assert rank(text, addition) <= rank(text)


WORDS = sorted({word for found in CONCEPTS for phrase in found.phrases for word in phrase.strip("=").split()})


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*WORDS, *SETS["DENIAL"].split("|"), ".", ",", "banana"]), max_size=12))
def test_both_hold_for_texts_of_telling_words(words: list[str]) -> None:
    text = " ".join(words).replace("|", " ").replace("*", "")
    assert rank(f"{text} {OUTAGE}") >= rank(text)
    assert rank(f"{text} {NO_HURRY}") <= rank(text)
    assert rank("Ticket", f"{text}. {OUTAGE}") >= rank("Ticket", text)
    assert rank("Ticket", f"{text}. {NO_HURRY}") <= rank("Ticket", text)


@settings(max_examples=300)
@given(st.text(max_size=300), st.text(max_size=2000))
def test_any_text_has_a_level(title: str, description: str) -> None:
    judgement = scoring.suggest(title, description)
    assert judgement.severity in RANKS
    assert judgement.reasons
    assert scoring.suggest(title, description) == judgement


def test_ten_thousand_random_texts_have_a_level(long_run: bool) -> None:
    """Ten thousand in the long version."""
    chance = random.Random(4)  # the same texts each time
    pieces = [*HOSTILE.values(), *WORDS]
    for _ in range(10_000 if long_run else 500):
        kind = chance.random()
        if kind < 0.4:
            text = "".join(chr(chance.randrange(0x11_0000)) for _ in range(chance.randrange(300)))
        elif kind < 0.8:
            text = " ".join(chance.choices(pieces, k=chance.randrange(60)))
        else:
            text = chance.choice(pieces) * chance.randrange(2000)
        assert scoring.suggest(text[:300], text[:100_000]).severity in RANKS


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_is_linear_in_the_length(piece: str) -> None:
    short, long = seconds((piece * 100_000)[:20_000]), seconds((piece * 100_000)[:100_000])
    assert long < 12 * short + 0.02
    assert long < 1


def test_an_ordinary_ticket_takes_less_than_a_millisecond() -> None:
    title = "Checkout fails for all customers since this morning"
    description = "Since nine every payment ends with error 500. We have tried two browsers and three cards. " * 5
    assert seconds(description, title) < 0.001


def seconds(description: str, title: str = "") -> float:
    """Processor time of one call, the best of several."""
    times = []
    for _ in range(3):
        started = time.process_time()
        scoring.suggest(title, description)
        times.append(time.process_time() - started)
    return min(times)
