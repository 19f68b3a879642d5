"""REST: the exchange with the external system."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency.keys import KeyName
from accounts.idempotency.models import NAME_LENGTH
from accounts.idempotency.requests import HEADER, KEYED, KEYED_ERRORS, OnceView, Settle, key_of, once_settled
from accounts.permissions import IsManager
from accounts.signing_in.tokens import signed_in
from config.api.openapi import described
from config.errors import InvalidInput
from csvsync.api.cron_secret import require_cron_secret
from csvsync.api.serializers import ImportReportSerializer, RunResultSerializer
from csvsync.api.upload_parser import UploadParser
from csvsync.exchange.cycle import run_cycle
from csvsync.exchange.downloads import EXPORTED_STATUSES, export, exported_status, processed
from csvsync.exchange.manual_import import dry_run_upload, import_upload
from csvsync.exchange.uploads import FIELD, uploaded_file, uploaded_name
from csvsync.imports.importer import ImportReport
from csvsync.models import Run
from csvsync.runs import ledger

CSV = OpenApiResponse(OpenApiTypes.STR, description="A CSV file, as an attachment.")
UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {FIELD: {"type": "string", "format": "binary"}},
        "required": [FIELD],
    }
}


# Printable characters, of those that can stand in a header.
NIGHTLY_KEY = {"type": "string", "pattern": "^[ -~\\xa1-\\xac\\xae-\\xff]*$", "maxLength": NAME_LENGTH}
KEY_MEANING = "A repeated call with the key of a cycle that succeeded gets that cycle's result, and starts none."


RUN_NAMED = (
    "`X-Run-Id` is the run in the ledger: `GET /csv/runs/{id}` has the rows and the SHA-256 of the whole file, once it"
    " has been read to its end."
)


class ManagerView(APIView):
    """The exchange is exempt from REQUESTS_PER_MINUTE: a job that fetches and sends files must not be cut short."""

    permission_classes = [IsManager]
    throttle_classes = []


class ExportView(ManagerView):
    @described("Export approved tickets", answer=CSV, media_type="text/csv", errors=[401, 403], description=RUN_NAMED)
    def get(self, request: Request) -> HttpResponseBase:
        return export(request._request, "PENDING", user=signed_in(request))


class ExportByStatusView(ManagerView):
    @described(
        "Export approved or open tickets",
        answer=CSV,
        media_type="text/csv",
        errors=[400, 401, 403],
        parameters=[OpenApiParameter("status", enum=EXPORTED_STATUSES, description="PENDING, if left out.")],
        description=f"For external systems that also close OPEN tickets. {RUN_NAMED}",
    )
    def get(self, request: Request) -> HttpResponseBase:
        return export(request._request, exported_status(request.query_params), user=signed_in(request))


class AutoProcessView(ManagerView):
    parser_classes = [UploadParser]

    @described(
        "Simulate the external system",
        body=UPLOAD,
        answer=CSV,
        media_type="text/csv",
        status=201,
        errors=[400, 401, 403],
    )
    def post(self, request: Request) -> StreamingHttpResponse:
        return processed(uploaded_file(request), status=HTTPStatus.CREATED)


class ImportView(OnceView, ManagerView):
    parser_classes = [UploadParser]

    @described(
        "Import statuses",
        body=UPLOAD,
        answer=ImportReportSerializer,
        status=201,
        errors=[400, 401, 403, *KEYED_ERRORS],
        parameters=[OpenApiParameter("dryRun", OpenApiTypes.BOOL, description="Only judge; change nothing."), KEYED],
        description="`Location` is the run; one with `dryRun=true` can be applied there within a day.",
    )
    def post(self, request: Request) -> HttpResponse:
        dry_run, file = wants_dry_run(request), uploaded_file(request)
        take = dry_run_upload if dry_run else import_upload

        def act(settle: Settle) -> Response:
            return answer_import(
                partial(take, file, user=signed_in(request), name=uploaded_name(request)),
                ImportReportSerializer,
                settle,
            )

        # A repeated key must not give the answer of a dry run to whoever wants the import.
        return once_settled(request, act, variant="dryRun" if dry_run else "")


class RunNowView(ManagerView):
    @described(
        "Run a cycle now",
        answer=RunResultSerializer,
        status=201,
        errors=[400, 401, 403, 409, 502],
        parameters=[OpenApiParameter(HEADER, KEYED.type, "header", description=KEY_MEANING)],
    )
    def post(self, request: Request) -> Response:
        return Response(RunResultSerializer(run_cycle(signed_in(request), key=key_of(request))).data, status=201)


class NightlyView(APIView):
    """For schedulers, which have no account: the secret of the installation lets them in."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []

    @described(
        "Run the nightly cycle",
        answer=RunResultSerializer,
        status=201,
        errors=[400, 401, 409, 502],
        auth=["cron", "bearer"],
        parameters=[OpenApiParameter(HEADER, NIGHTLY_KEY, "header", description=KEY_MEANING)],
    )
    def post(self, request: Request) -> Response:
        require_cron_secret(request)
        return Response(RunResultSerializer(run_cycle(None, key=nightly_key(request))).data, status=201)


def wants_dry_run(request: Request) -> bool:
    """Whether `dryRun=true` is asked for. Raises InvalidInput."""
    match request.query_params.get("dryRun", "").lower():
        case "" | "false":
            return False
        case "true":
            return True
    raise InvalidInput({"dryRun": [_("Write true or false.")]})


type Import = Callable[..., tuple[Run, ImportReport]]


def answer_import(take: Import, serializer: type[ImportReportSerializer], settle: Settle) -> Response:
    """The answer to an import, which is settled in its transaction."""
    answers: list[Response] = []

    def conclude(run: Run, report: ImportReport) -> None:
        location = {"Location": f"/csv/runs/{run.pk}"}
        answers.append(Response(serializer(report).data, status=201, headers=location))
        settle(answers[0])

    take(conclude=conclude)
    return answers[0]


def nightly_key(request: Request) -> KeyName | None:
    """What the key stands for by which a repeated request is known again.

    Raises InvalidInput where it is too long to be kept.
    """
    try:
        return ledger.key_of_cycle(request.headers.get("Idempotency-Key", ""))
    except ValueError as error:
        raise InvalidInput({"Idempotency-Key": [str(error)]}) from error
