"""Where browser sessions are kept: as Django does, in the database."""

from __future__ import annotations

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Takes a key that it cannot have given out itself for none.

    A cookie may hold anything, a NUL as well, which PostgreSQL refuses in a question. The page that tells of an error
    asks who is signed in, and would meet the same error again.
    """

    def __init__(self, session_key: str | None = None) -> None:
        may_be_ours = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if may_be_ours else None)
