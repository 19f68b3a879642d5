"""REST: the ledger of exchanges."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.signing_in.tokens import signed_in
from config.api.openapi import PAGE_QUERY, described
from config.paging import PageRequest
from csvsync.api.exchange import CSV, ManagerView
from csvsync.api.serializers import AppliedReportSerializer, RunDetailSerializer, RunPageSerializer, RunSerializer
from csvsync.exchange import downloads
from csvsync.exchange.manual_import import apply_dry_run
from csvsync.models import Run

ERRORS = [401, 403, 404]


class RunListView(ManagerView):
    @described(
        "List runs, newest first",
        answer=RunPageSerializer,
        operation_id="csv_runs_list",
        errors=[400, 401, 403],
        parameters=PAGE_QUERY,
    )
    def get(self, request: Request) -> Response:
        runs = Run.objects.select_related("started_by").newest_first()
        return Response(PageRequest.read(request.query_params).of(runs, RunSerializer, total=runs.count()))


class RunView(ManagerView):
    @described("One run", answer=RunDetailSerializer, errors=ERRORS)
    def get(self, request: Request, id: str) -> Response:
        run = Run.objects.named(id)
        return Response(RunDetailSerializer(run).data)


class ApplyView(ManagerView):
    @described(
        "Apply the file of a dry run, judged anew", answer=AppliedReportSerializer, status=201, errors=[400, *ERRORS]
    )
    def post(self, request: Request, id: str) -> Response:
        run, report = apply_dry_run(Run.objects.named(id), user=signed_in(request))
        location = {"Location": f"/csv/runs/{run.pk}"}
        return Response(AppliedReportSerializer(report).data, status=201, headers=location)


class ErrorsView(ManagerView):
    @described(
        "The rows that were wrong, as CSV for people",
        answer=CSV,
        media_type="text/csv",
        errors=[400, *ERRORS],
        description="400 where the file as a whole could not be read.",
    )
    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return downloads.error_report(request._request, Run.objects.named(id), user=signed_in(request))


class UnreturnedView(ManagerView):
    @described("What never came back, as CSV for people", answer=CSV, media_type="text/csv", errors=ERRORS)
    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return downloads.unreturned_report(request._request, Run.objects.named(id), user=signed_in(request))


class FileView(ManagerView):
    @described("The file of a run, as it was sent", answer=CSV, media_type="text/csv", errors=ERRORS)
    def get(self, request: Request, id: str) -> Any:
        return downloads.file_of(request._request, Run.objects.named(id), user=signed_in(request))
