"""Bearer tokens: issued at sign-in, checked on every request against the person as they are now."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from config.errors import Unauthorized


class DeskToken(AccessToken):
    """Carries `sub`, `role`, times, and the opaque ids `jti` and `stamp` (the person's security stamp)."""

    def __init__(self, token: Any = None, verify: bool = True) -> None:
        super().__init__(token, verify)
        # The settings leave the claim of the token's type out; the library writes it under None all the same.
        self.payload = {name: value for name, value in self.payload.items() if name}

    def check_exp(self, claim: str = "exp", current_time: datetime | None = None) -> None:
        """Refuse a token from the second on at which it expires.

        The library would grant the leeway here as well, which is meant for clocks that are ahead.
        """
        super().check_exp(claim, (current_time or self.current_time) + self.get_token_backend().get_leeway())


def issue_token(user: User) -> str:
    """A signed token for this person; it lives JWT_EXPIRES_IN or until their security stamp changes."""
    return str(token_for(user))


def token_for(user: User) -> DeskToken:
    """What it carries, not signed yet."""
    token = DeskToken()
    token["sub"] = str(user.pk)
    token["role"] = user.role
    token["stamp"] = user.security_stamp.hex
    return token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. Whatever is wrong with a token is the same 401."""

    def authenticate(self, request: Request) -> tuple[User, DeskToken] | None:
        scheme, _, raw = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            token = DeskToken(raw.strip())
            user = User.objects.active().get(pk=uuid.UUID(str(token.get("sub"))))
        except (TokenError, ValueError, OverflowError, User.DoesNotExist) as error:
            raise Unauthorized from error
        if token.get("stamp") != user.security_stamp.hex:
            raise Unauthorized
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenOrSessionAuthentication(TokenAuthentication):
    """For what pages have their browser fetch: reading is allowed to the session of a browser as well.

    Nothing else is, since a browser sends its session along for other sites too.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        by_token = super().authenticate(request)
        if by_token or request.method != "GET":
            return by_token
        user = request._request.user
        return (user, None) if isinstance(user, User) else None


def signed_in(request: Request) -> User:
    """The person behind a request that has passed authentication. Raises Unauthorized."""
    if not isinstance(request.user, User):
        raise Unauthorized
    return request.user
