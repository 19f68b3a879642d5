"""What is secret or personal in a text, by its form alone: also for what is said before there are settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

HIDDEN = "***"

# Strangers have a say in what is logged, so no text may take longer than in proportion to its length. Each pattern is
# bounded closely, or begins only where nothing of its kind stands in front of it; a pattern that begins anywhere goes
# through a long stretch again from each place in it. So first whole stretches are found, and then looked into.
_SCHEME = r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://"
# What our own sentences give as an example is no secret.
_USER = re.compile(rf"({_SCHEME})(?!user:password@)[^\s/?#\"'<>]{{0,500}}@", re.IGNORECASE)
_UP_TO_QUERY = re.compile(r"(?<![^\s?#\"'<>])[^\s?#\"'<>]*+\?(?=[^\s\"'<>)])")
_ADDRESS = re.compile(rf"{_SCHEME}|(?<![^\s\"'<>(=])/", re.IGNORECASE)
_QUERY = re.compile(r"[^\s\"'<>)]*")
_E_MAIL = re.compile(r"(?<![\w.+-])(?<!://user:)([\w+-])[\w.+'-]{0,63}@(?=[\w-])")
_ONE_TIME_LINK = re.compile(r"(/desk/password/)[^\s/]{1,300}/[^\s/]{1,300}")
_HEAD_OF_TOKEN = re.compile(r"(?<![\w-])[\w-]{8,}+(?=\.[\w-]{5,}+\.[\w-]{5})")
_REST_OF_TOKEN = re.compile(r"[\w-]*\.[\w-]*\.[\w-]*")


def without_secrets(text: str) -> str:
    """The text without user names, passwords and queries of addresses."""
    text = _USER.sub(rf"\1{HIDDEN}@", text)
    return _without(_queries(text), text)


def without_people(text: str) -> str:
    """The text without what signs in as somebody, and with no more of an e-mail than tells two apart."""
    text = _E_MAIL.sub(rf"\1{HIDDEN}@", text)
    text = _ONE_TIME_LINK.sub(rf"\1{HIDDEN}", text)
    return _without(_tokens(text), text)


def _queries(text: str) -> Iterator[tuple[int, re.Pattern[str]]]:
    for found in _UP_TO_QUERY.finditer(text):
        if _ADDRESS.search(text, *found.span()):
            yield found.end(), _QUERY


def _tokens(text: str) -> Iterator[tuple[int, re.Pattern[str]]]:
    for found in _HEAD_OF_TOKEN.finditer(text):
        if (start := text.find("eyJ", found.start(), found.end() - 5)) >= 0:
            yield start, _REST_OF_TOKEN


def _without(secrets: Iterable[tuple[int, re.Pattern[str]]], text: str) -> str:
    """The text without what begins at these places and is of these forms."""
    parts, position = list[str](), 0
    for start, form in secrets:
        if start >= position and (found := form.match(text, start)):
            parts += [text[position:start], HIDDEN]
            position = found.end()
    return "".join([*parts, text[position:]])
