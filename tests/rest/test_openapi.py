"""The OpenAPI document and its page: every path of the contract, with its answers, errors and way to sign in."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pytest

from tests.support import factories
from tests.support.client import ApiClient

pytestmark = pytest.mark.django_db

type Security = list[dict[str, list[str]]]

JSON = "application/json"
CSV = "text/csv"
BYTES = "application/octet-stream"
BEARER: Security = [{"bearer": []}]
ANYONE: Security = [{}]
CRON: Security = [{"cron": []}, {"bearer": []}]

# method, path, success and its media type, errors besides those of every endpoint, who
OPERATIONS: list[tuple[str, str, str, str, set[str], Security]] = [
    ("post", "/auth/login", "201", JSON, {"400", "401", "429"}, ANYONE),
    ("get", "/auth/me", "200", JSON, {"401"}, BEARER),
    ("get", "/people", "200", JSON, {"400", "401"}, BEARER),
    ("get", "/people/me", "200", JSON, {"401"}, BEARER),
    ("get", "/people/{id}", "200", JSON, {"401", "404"}, BEARER),
    ("get", "/tickets", "200", JSON, {"400", "401"}, BEARER),
    ("post", "/tickets", "201", JSON, {"400", "401"}, BEARER),
    ("get", "/tickets/{id}", "200", JSON, {"401", "404"}, BEARER),
    ("patch", "/tickets/{id}", "200", JSON, {"400", "401", "403", "404", "412"}, BEARER),
    ("patch", "/tickets/{id}/review", "200", JSON, {"400", "401", "403", "404", "412"}, BEARER),
    ("delete", "/tickets/{id}", "200", JSON, {"400", "401", "403", "404", "412"}, BEARER),
    ("post", "/tickets/{id}/restore", "201", JSON, {"400", "401", "403", "404", "412"}, BEARER),
    ("get", "/tickets/{id}/history", "200", JSON, {"401", "404"}, BEARER),
    ("get", "/tickets/{id}/comments", "200", JSON, {"400", "401", "404"}, BEARER),
    ("post", "/tickets/{id}/comments", "201", JSON, {"400", "401", "404"}, BEARER),
    ("patch", "/comments/{id}", "200", JSON, {"400", "401", "403", "404"}, BEARER),
    ("delete", "/comments/{id}", "200", JSON, {"401", "403", "404"}, BEARER),
    ("delete", "/comments/{id}/question", "200", JSON, {"400", "401", "403", "404"}, BEARER),
    ("get", "/comments/{id}/versions", "200", JSON, {"401", "404"}, BEARER),
    *((method, "/tickets/{id}/following", "200", JSON, {"401", "404"}, BEARER) for method in ("get", "put", "delete")),
    ("get", "/tickets/{id}/links", "200", JSON, {"401", "404"}, BEARER),
    ("post", "/tickets/{id}/links", "201", JSON, {"400", "401", "404"}, BEARER),
    ("delete", "/links/{id}", "200", JSON, {"401", "403", "404"}, BEARER),
    ("get", "/tickets/{id}/attachments", "200", JSON, {"401", "404"}, BEARER),
    ("post", "/tickets/{id}/attachments", "201", JSON, {"400", "401", "403", "404"}, BEARER),
    ("get", "/attachments/{id}", "200", BYTES, {"401", "404", "416"}, BEARER),
    ("delete", "/attachments/{id}", "200", JSON, {"401", "403", "404"}, BEARER),
    ("get", "/attachments/{id}/preview", "200", "image/webp", {"401", "404"}, BEARER),
    ("get", "/events", "200", JSON, {"400", "401"}, BEARER),
    ("post", "/tickets/bulk", "201", JSON, {"400", "401", "403"}, BEARER),
    ("get", "/csv/export/pending", "200", CSV, {"401", "403"}, BEARER),
    ("post", "/csv/auto-process", "201", CSV, {"400", "401", "403"}, BEARER),
    ("post", "/csv/import", "201", JSON, {"400", "401", "403"}, BEARER),
    ("post", "/automation/run-now", "201", JSON, {"401", "403", "409"}, BEARER),
    ("post", "/automation/nightly", "201", JSON, {"401", "409"}, CRON),
    ("post", "/ai/severity-suggestion", "201", JSON, {"400", "401"}, BEARER),
]
ALWAYS = {"400", "405", "413", "415", "503"}
# Of GET, beside success: nothing has changed, or a part of it.
OTHER_ANSWERS = {
    "/tickets": {"304"},
    "/tickets/{id}": {"304"},
    "/attachments/{id}": {"206", "304"},
    "/attachments/{id}/preview": {"304"},
}


@pytest.fixture
def document() -> Any:
    response = ApiClient().get("/docs-json")
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, "application/json")
    return response.json()


def test_it_is_an_openapi_3_document_with_both_schemes(document: Any) -> None:
    assert document["openapi"].startswith("3.")
    schemes = document["components"]["securitySchemes"]
    assert set(schemes) == {"bearer", "cron"}
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")
    assert (schemes["cron"]["type"], schemes["cron"]["in"], schemes["cron"]["name"].lower()) == (
        "apiKey",
        "header",
        "x-cron-secret",
    )


@pytest.mark.parametrize(
    ("method", "path", "success", "media_type", "errors", "security"),
    OPERATIONS,
    ids=[f"{method} {path}" for method, path, *_ in OPERATIONS],
)
def test_every_operation_declares_its_answers(
    document: Any,
    method: str,
    path: str,
    success: str,
    media_type: str,
    errors: set[str],
    security: Security,
) -> None:
    operation = document["paths"][path][method]
    answers = operation["responses"]
    others = OTHER_ANSWERS.get(path, set()) if method == "get" else set()
    assert {status for status in answers if status < "400"} == {success} | others
    assert list(answers[success]["content"]) == [media_type]
    assert errors | ALWAYS <= set(answers)
    for status in errors | ALWAYS:
        shape = "ChangedMeanwhile" if status == "412" else "Error"
        assert answers[status]["content"]["application/json"]["schema"] == {"$ref": f"#/components/schemas/{shape}"}
    assert operation["security"] == security
    assert operation["summary"]


def test_the_contract_knows_no_other_path(document: Any) -> None:
    """What we have added stands apart."""
    declared = {(method, path) for path, methods in document["paths"].items() for method in methods}
    contract = {(method, path) for method, path, *_ in OPERATIONS}
    assert contract <= declared
    assert {path for _, path in declared - contract} <= {
        "/ai/quality",
        "/csv/export",
        "/csv/runs",
        "/csv/runs/{id}",
        "/csv/runs/{id}/apply",
        "/csv/runs/{id}/errors",
        "/csv/runs/{id}/file",
        "/csv/runs/{id}/unreturned",
    }


@pytest.mark.parametrize(
    ("method", "path", "required", "optional"),
    [
        ("post", "/auth/login", {"email", "password"}, set()),
        ("post", "/tickets", {"title", "description", "dueDate", "severity"}, {"aiSuggestedSeverity"}),
        ("patch", "/tickets/{id}", set(), {"title", "description"}),
        ("patch", "/tickets/{id}/review", {"action"}, {"newSeverity", "severityChangeReason"}),
        ("post", "/tickets/{id}/comments", {"text"}, {"isQuestion"}),
        ("patch", "/comments/{id}", {"text"}, set()),
        ("post", "/tickets/{id}/links", {"ticketId", "kind"}, set()),
        ("post", "/ai/severity-suggestion", {"title", "description"}, set()),
    ],
)
def test_bodies_are_declared_for_json_and_forms(
    document: Any, method: str, path: str, required: set[str], optional: set[str]
) -> None:
    content = document["paths"][path][method]["requestBody"]["content"]
    assert {"application/json", "application/x-www-form-urlencoded"} <= set(content)
    schema = resolve(document, content["application/json"]["schema"])
    assert set(schema["properties"]) == required | optional
    assert set(schema.get("required", [])) == required
    assert schema["additionalProperties"] is False


def test_keys_are_declared_where_a_post_makes_or_does_something(document: Any) -> None:
    taken, answers = set(), {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
            if "Idempotency-Key" in headers:
                taken.add((method, path))
                answers[path] = {"409", "422", "429"} & set(operation["responses"])
    keyed = {"/tickets", "/tickets/{id}/restore", "/tickets/{id}/comments", "/tickets/{id}/links"}
    keyed |= {"/tickets/{id}/attachments", "/tickets/bulk", "/csv/import", "/csv/runs/{id}/apply"}
    assert taken == {("post", path) for path in {*keyed, "/automation/run-now", "/automation/nightly"}}
    assert {path for path in answers if {"409", "422", "429"} <= answers[path]} == keyed


def test_429_is_declared_where_requests_count_or_have_a_limit_of_their_own(document: Any) -> None:
    exempt = {
        ("get", "/attachments/{id}/preview"),
        ("get", "/csv/export"),
        ("get", "/csv/export/pending"),
        ("post", "/csv/auto-process"),
        ("get", "/csv/runs"),
        ("get", "/csv/runs/{id}"),
        ("get", "/csv/runs/{id}/errors"),
        ("get", "/csv/runs/{id}/file"),
        ("get", "/csv/runs/{id}/unreturned"),
        ("post", "/automation/run-now"),
        ("post", "/automation/nightly"),
    }
    operations = {
        (method, path): operation["responses"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert {operation for operation, answers in operations.items() if "429" not in answers} == exempt
    shapes = [answers["429"]["content"] for answers in operations.values() if "429" in answers]
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    assert shapes == [error] * (len(operations) - len(exempt))


def test_uploads_are_declared(document: Any) -> None:
    for path in ("/csv/auto-process", "/csv/import", "/tickets/{id}/attachments"):
        schema = document["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert resolve(document, schema)["properties"]["file"] == {"type": "string", "format": "binary"}


def test_the_query_of_the_list_is_declared(document: Any) -> None:
    declared = document["paths"]["/tickets"]["get"]["parameters"]
    parameters = {p["name"]: p for p in declared if p["in"] == "query"}
    assert set(parameters) == {
        "status",
        "q",
        "in",
        "page",
        "pageSize",
        "severity",
        "createdBy",
        "reviewedBy",
        "dueBefore",
        "waitingFor",
        "updatedSince",
        "sort",
    }
    assert not any(parameter.get("required") for parameter in parameters.values())
    assert set(parameters["status"]["schema"]["enum"]) == {"DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"}
    assert set(parameters["severity"]["schema"]["enum"]) == {"EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"}
    for name in ("page", "pageSize"):
        assert parameters[name]["schema"] | {"default": None} == {"type": "integer", "minimum": 1, "default": None}
    for name in ("createdBy", "reviewedBy"):
        kinds = parameters[name]["schema"]["anyOf"]
        assert [kind.get("format", kind.get("enum")) for kind in kinds] == ["uuid", ["me"]]
    keys = ["number", "createdAt", "updatedAt", "dueDate", "severity", "status"]
    assert set(parameters["sort"]["schema"]["enum"]) == {*keys, *(f"-{key}" for key in keys)}


def test_an_empty_value_in_a_query_counts_as_absent_and_the_document_says_so(document: Any) -> None:
    client, asked, ticket = ApiClient(factories.manager()), 0, factories.ticket()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if parameter["in"] != "query":
                    continue
                assert parameter["allowEmptyValue"] is True
                if method == "get":
                    answer = client.get(f"{path.format(id=ticket.pk)}?{parameter['name']}=")
                    assert answer.status_code == 200, (path, parameter["name"])
                    answer.getvalue()
                    asked += 1
    assert asked >= 14


def test_the_fields_of_answers_are_those_of_the_contract(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert set(schemas["Ticket"]["properties"]) == {
        *("id", "ticketNumber", "year", "sequence", "title", "description", "dueDate", "severity", "status"),
        *("aiSuggestedSeverity", "createdById", "reviewedById", "createdAt", "updatedAt", "deletedAt"),
    }
    assert set(schemas["Entry"]["properties"]) == {
        *("id", "createdAt", "ticketId", "userId", "fromStatus", "toStatus", "fromSeverity", "toSeverity"),
        *("reason", "action", "changes"),
    }
    entry = schemas["Entry"]["properties"]
    assert set(resolve(document, entry["toStatus"])["enum"]) == {"DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"}
    assert {name for name in entry if entry[name].get("nullable")} == {
        *("userId", "fromStatus", "fromSeverity", "toSeverity"),
    }
    changes = resolve(document, entry["changes"])
    assert set(changes["properties"]) == {"title", "description"}
    assert "required" not in changes
    assert set(schemas["Error"]["required"]) == {"statusCode", "error", "code", "message"}
    assert set(schemas["Error"]["properties"]) == {"statusCode", "error", "code", "message", "fields"}
    nullable = {name for name, schema in schemas["Ticket"]["properties"].items() if schema.get("nullable")}
    assert {"aiSuggestedSeverity", "reviewedById", "deletedAt"} == nullable
    comment = schemas["Comment"]["properties"]
    assert set(comment) == {
        *("id", "ticketId", "authorId", "text", "html", "isQuestion", "createdAt", "editedAt", "removedAt"),
        *("questionState", "waitsUntil"),
    }
    link = schemas["Link"]["properties"]
    assert set(link) == {"id", "kind", "ticketId", "ticketNumber", "title", "status", "createdById", "createdAt"}
    assert {name for name in comment if comment[name].get("nullable")} == {
        *("text", "html", "editedAt", "removedAt", "questionState", "waitsUntil")
    }


def test_the_page_needs_nothing_from_elsewhere() -> None:
    client = ApiClient()
    page = client.get("/docs")
    assert (page.status_code, page["Content-Type"].partition(";")[0]) == (200, "text/html")
    text = page.content.decode()
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    for path in re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["']([^"']+)["']""", text):
        with closing(client.get(path)) as asset:
            assert asset.status_code == 200, path
    assert "'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]


def test_the_page_remembers_the_token() -> None:
    scripts = re.findall(r"""<script[^>]+src=["']([^"']+)["']""", ApiClient().get("/docs").content.decode())
    client = ApiClient()
    found = []
    for path in scripts:
        with closing(client.get(path)) as script:
            found += re.findall(rb'persistAuthorization"?:\s*true', b"".join(script))
    assert len(found) == 1


def resolve(document: Any, schema: Any) -> Any:
    """What a reference stands for."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
