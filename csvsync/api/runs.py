"""REST: the ledger of exchanges."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency.requests import KEYED, KEYED_ERRORS, OnceView, Settle, once_settled
from accounts.signing_in.tokens import signed_in
from config.api.openapi import PAGE_QUERY, described
from config.paging import PageRequest
from csvsync.api.exchange import CSV, ManagerView, answer_import
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


class ApplyView(OnceView, ManagerView):
    @described(
        "Apply the file of a dry run, judged anew",
        answer=AppliedReportSerializer,
        status=201,
        errors=[400, *ERRORS, *KEYED_ERRORS],
        parameters=[KEYED],
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        def act(settle: Settle) -> Response:
            take = partial(apply_dry_run, Run.objects.named(id), user=signed_in(request))
            return answer_import(take, AppliedReportSerializer, settle)

        return once_settled(request, act)


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
