"""The REST API as a client sees it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from functools import cache
from typing import Any

from django.test import Client
from django.test.client import ClientHandler

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from tests.support.factories import PASSWORD

# The reason phrases; RFC 9110 has renamed one, and Python 3.12 still knows it by its old name.
RENAMED = {"Request Entity Too Large": "Content Too Large"}
PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    503: "Service Unavailable",
}
NO_BODY = object()


@cache
def shared_handler() -> ClientHandler:
    """Loading the middleware takes longer than most requests, so it happens once for all clients."""
    return ClientHandler(enforce_csrf_checks=False)


class ApiClient:
    """Sends requests as one person, by their token, or as nobody.

    With `fresh` the middleware is loaded anew, for tests of settings that it reads when it starts.
    """

    def __init__(self, user: User | None = None, *, token: str | None = None, fresh: bool = False) -> None:
        token = token or (issue_token(user) if user else None)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(raise_request_exception=False)
        if not fresh:
            self.client.handler = shared_handler()

    def send(
        self,
        method: str,
        path: str,
        body: Any = NO_BODY,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        **environ: Any,
    ) -> Any:
        """`body` goes out as it is when it is bytes, as UTF-8 when a string, and as JSON otherwise."""
        if body is NO_BODY:
            data, content_type = b"", ""
        elif isinstance(body, bytes):
            data = body
        else:
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
        return self.client.generic(
            method, path, data, content_type, headers={**self.headers, **(headers or {})}, **environ
        )

    def get(self, path: str, **options: Any) -> Any:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = NO_BODY, **options: Any) -> Any:
        return self.send("POST", path, body, **options)

    def patch(self, path: str, body: Any = NO_BODY, **options: Any) -> Any:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.send("DELETE", path, **options)


def post_json(address: str, body: Any) -> int:
    """The status that a server of its own answers."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def sign_in(email: str, password: str = PASSWORD, **environ: Any) -> Any:
    """Ask for a token as a client does; the answer, whatever it is."""
    return ApiClient().post("/auth/login", {"email": email, "password": password}, **environ)


def assert_error(response: Any, status: int, code: str, message: str | None = None) -> dict[str, Any]:
    """The answer is this error in the contract's shape; its body for closer looks."""
    assert response["Content-Type"].partition(";")[0] == "application/json", response.content[:200]
    body: dict[str, Any] = response.json()
    assert (response.status_code, body.get("code")) == (status, code), body
    assert set(body) - {"fields"} == {"statusCode", "error", "code", "message"}
    assert (body["statusCode"], RENAMED.get(body["error"], body["error"])) == (status, PHRASES[status])
    assert isinstance(body["message"], str)
    assert body["message"] != ""
    if message is not None:
        assert body["message"] == message
    if "fields" in body:
        assert all(texts and all(isinstance(text, str) for text in texts) for texts in body["fields"].values())
    return body
