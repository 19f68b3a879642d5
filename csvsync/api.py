"""REST: the exchange with the external system."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from django.conf import settings
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsManager
from accounts.tokens import signed_in
from config.openapi import described
from csvsync.cycle import run_cycle
from csvsync.errors import CronSecretMissing, CronSecretWrong
from csvsync.exporter import export_pending, file_name
from csvsync.importer import import_statuses
from csvsync.processors import Simulation
from csvsync.serializers import ImportReportSerializer, RunResultSerializer
from csvsync.uploads import FIELD, UploadParser, uploaded_file
from tickets import numbering

CSV = OpenApiResponse(OpenApiTypes.STR, description="A CSV file, as an attachment.")
UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {FIELD: {"type": "string", "format": "binary"}},
        "required": [FIELD],
    }
}


class ManagerView(APIView):
    permission_classes: list[type[BasePermission]] = [IsAuthenticated, IsManager]


class ExportView(ManagerView):
    @described("Export approved tickets", answer=CSV, media_type="text/csv", errors=[401, 403])
    def get(self, request: Request) -> StreamingHttpResponse:
        return attachment("pending_tickets", export_pending(), status=HTTPStatus.OK)


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
        return attachment("processed", Simulation(uploaded_file(request)), status=HTTPStatus.CREATED)


class ImportView(ManagerView):
    parser_classes = [UploadParser]

    @described("Import statuses", body=UPLOAD, answer=ImportReportSerializer, status=201, errors=[400, 401, 403])
    def post(self, request: Request) -> Response:
        report = import_statuses(uploaded_file(request), user=signed_in(request))
        return Response(ImportReportSerializer(report).data, status=201)


class RunNowView(ManagerView):
    @described("Run a cycle now", answer=RunResultSerializer, status=201, errors=[401, 403, 409])
    def post(self, request: Request) -> Response:
        return Response(RunResultSerializer(run_cycle(signed_in(request))).data, status=201)


class NightlyView(APIView):
    """For schedulers, which have no account: the secret of the installation lets them in."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @described(
        "Run the nightly cycle", answer=RunResultSerializer, status=201, errors=[401, 409], auth=["cron", "bearer"]
    )
    def post(self, request: Request) -> Response:
        require_cron_secret(request)
        return Response(RunResultSerializer(run_cycle(None)).data, status=201)


def require_cron_secret(request: Request) -> None:
    """Raises CronSecretMissing or CronSecretWrong. One right header suffices, whatever the other holds."""
    secret = settings.CRON_SECRET.encode()
    if not secret:
        raise CronSecretMissing
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    offered = [request.headers.get("x-cron-secret", ""), token if scheme.lower() == "bearer" else ""]
    # A server hands the bytes of a header on as Latin-1. All are compared, in the same time whatever they hold.
    if not any([hmac.compare_digest(text.strip().encode("latin-1", "replace"), secret) for text in offered]):  # noqa: C419
        raise CronSecretWrong


def attachment(kind: str, blocks: Iterable[bytes], *, status: HTTPStatus) -> StreamingHttpResponse:
    """A CSV download. Its first block is read here, so that what fails at the start is answered as an error."""
    rest = iter(blocks)
    first = next(rest)

    def content() -> Iterator[bytes]:
        yield first
        yield from rest

    name = file_name(kind, numbering.now())
    return StreamingHttpResponse(
        content(),
        status=status,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
