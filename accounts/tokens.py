"""Bearer tokens: issued at sign-in, checked on every request against the person as they are now."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, Token

from accounts.models import User
from config.errors import Unauthorized


class DeskToken(AccessToken):
    """Carries `sub`, `role`, times, and the opaque ids `jti` and `stamp` (the person's security stamp)."""

    def __init__(self, token: Any = None, verify: bool = True) -> None:
        super().__init__(token, verify)
        self.payload.pop(None, None)  # the library's own name for the claim that the settings leave out


def issue_token(user: User) -> str:
    """A signed token for this person; it lives JWT_EXPIRES_IN or until their security stamp changes."""
    token = DeskToken()
    token["sub"] = str(user.pk)
    token["role"] = user.role
    token["stamp"] = user.security_stamp.hex
    return str(token)


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <token>`. Whatever is wrong with a token is the same 401."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        header = self.get_header(request)
        if header is None:
            return None
        scheme, _, raw = header.partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            token = DeskToken(raw.strip())
        except (TokenError, ValueError) as error:
            raise Unauthorized from error
        return self.get_user(token), token

    def get_user(self, validated_token: Token) -> User:
        try:
            user = User.objects.get(pk=uuid.UUID(str(validated_token.get("sub"))), is_active=True)
        except (User.DoesNotExist, ValueError) as error:
            raise Unauthorized from error
        if validated_token.get("stamp") != user.security_stamp.hex:
            raise Unauthorized
        return user
