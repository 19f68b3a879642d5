"""Browser front ends from other origins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import factories
from tests.support.client import ApiClient

pytestmark = pytest.mark.django_db

OURS = "https://app.example.com"
FOREIGN = "https://evil.example.com"


@pytest.fixture(autouse=True)
def _origins(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [OURS, "http://localhost:3000"]


def preflight(path: str, origin: str, method: str = "POST", headers: str = "") -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return ApiClient().send("OPTIONS", path, headers=asked)


@pytest.mark.parametrize("path", ["/auth/login", "/tickets", "/tickets/x/review", "/csv/import", "/automation/nightly"])
def test_a_preflight_allows_the_headers_of_the_contract(path: str) -> None:
    names = ["authorization", "content-type", "x-cron-secret", "if-match", "if-none-match", "idempotency-key"]
    names += ["cache-control", "x-request-id", "traceparent", "tracestate", "baggage", "sentry-trace"]
    response = preflight(path, OURS, "PATCH", ", ".join(names))
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == OURS
    assert set(names) <= set(response["Access-Control-Allow-Headers"].lower().replace(" ", "").split(","))
    assert {"GET", "POST", "PATCH", "DELETE"} <= set(
        response["Access-Control-Allow-Methods"].replace(" ", "").split(",")
    )


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", "https://app.example.com.evil.com", "http://app.example.com", f"{OURS}:8443"]
)
def test_other_origins_are_not_allowed(origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight("/tickets", origin)
    answer = ApiClient(factories.associate()).get("/tickets", headers={"Origin": origin})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    ("method", "path", "environ", "status"),
    [
        ("GET", "/tickets", {}, 200),
        ("GET", "/tickets/x", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("PUT", "/tickets", {}, 405),
        ("POST", "/tickets", {}, 400),
        ("GET", "/tickets?page=0", {}, 400),
        ("GET", "/tickets", {"HTTP_HOST": "foreign.example.com"}, 400),
        ("POST", "/tickets", {"CONTENT_LENGTH": "99999999"}, 413),
        ("GET", "/auth/me", {"HTTP_AUTHORIZATION": "Bearer x"}, 401),
        ("GET", "/csv/export/pending", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/docs-json", {}, 200),
    ],
)
def test_the_headers_stand_on_every_answer(method: str, path: str, environ: dict[str, str], status: int) -> None:
    client = ApiClient(factories.manager())
    if "HTTP_AUTHORIZATION" in environ:
        client = ApiClient(token="x")
        environ = {}
    response = client.send(method, path, headers={"Origin": OURS}, **environ)
    response.getvalue()  # an export, to its end
    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == OURS
    assert "origin" in response["Vary"].lower()
    exposed = response["Access-Control-Expose-Headers"].lower().replace(" ", "").split(",")
    assert {"content-disposition", "etag", "retry-after", "x-request-id", "x-run-id"} <= set(exposed)
    assert "Access-Control-Allow-Credentials" not in response
