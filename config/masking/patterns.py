"""What is secret or personal in a text, by its form alone: also for what is said before there are settings."""

from __future__ import annotations

import re

HIDDEN = "***"

# Each is bounded and begins where a word does, so that no text takes longer than in proportion to its length.
_SCHEME = r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://"
# What our own sentences give as an example is no secret.
_USER = re.compile(rf"({_SCHEME})(?!user:password@)[^\s/?#\"'<>]{{0,500}}@", re.IGNORECASE)
_WHOLE = rf"{_SCHEME}[^\s?#\"'<>]{{0,2000}}"
_PATH = r"(?<![^\s\"'<>(=])/[^\s?#\"'<>]{0,2000}"
_QUERY = re.compile(rf"({_WHOLE}|{_PATH})\?[^\s\"'<>)]+", re.IGNORECASE)
_E_MAIL = re.compile(r"(?<![\w.+-])(?<!://user:)([\w+-])[\w.+'-]{0,63}@(?=[\w-])")
_ONE_TIME_LINK = re.compile(r"(/desk/password/)[^\s/]{1,300}/[^\s/]{1,300}")
_TOKEN = re.compile(r"eyJ[\w-]{5,2000}\.[\w-]{5,2000}\.[\w-]{5,2000}")


def without_secrets(text: str) -> str:
    """The text without user names, passwords and queries of addresses."""
    return _QUERY.sub(rf"\1?{HIDDEN}", _USER.sub(rf"\1{HIDDEN}@", text))


def without_people(text: str) -> str:
    """The text without what signs in as somebody, and with no more of an e-mail than tells two apart."""
    text = _E_MAIL.sub(rf"\1{HIDDEN}@", text)
    text = _ONE_TIME_LINK.sub(rf"\1{HIDDEN}", text)
    return _TOKEN.sub(HIDDEN, text)
