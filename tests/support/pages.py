"""The desk as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.models import User
from tests.support.client import shared_handler
from tickets.models import Ticket


def session_of(user: User) -> str:
    """The key of a session of theirs, such as signing in leaves it.

    Thousands of tests need one, and Django's `force_login` asks the database fifteen times, this four.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


class Desk:
    """Somebody's browser: follows no redirect by itself, runs no script."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.handler = shared_handler()
        if user:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def post(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.client.post(path, fields or {}, **options)

    def lose_session(self) -> None:
        """What was an open page of theirs finds that its session has ended."""
        self.get("/desk/preferences/")
        del self.client.cookies["sessionid"]

    def text(self, path: str, **options: Any) -> str:
        """The page's HTML; it has to be there."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.content
        return html(answer)


def url(ticket: Ticket, where: str = "") -> str:
    """The address of a ticket's page, or of one below it."""
    return f"/desk/tickets/{ticket.ticket_number}/{where}"


def html(answer: Any) -> str:
    return str(answer.content.decode())


def words(answer: Any) -> str:
    """What a page says, without its tags."""
    text = answer if isinstance(answer, str) else html(answer)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def hidden(page: str, name: str) -> str:
    """The value of a hidden input."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"there is no hidden {name}"
    return unescape(found[1])


def links(page: str, containing: str = "") -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]+)"', page) if containing in unescape(href)]
