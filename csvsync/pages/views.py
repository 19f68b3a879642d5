"""The exchange as pages, for managers: the ledger, imports with a dry run, the cycle."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import manager_required
from accounts.signing_in.sessions import SignedInRequest
from config.errors import DomainError
from csvsync.exchange import downloads
from csvsync.exchange.cycle import start_cycle
from csvsync.exchange.manual_import import apply_dry_run, dry_run_upload
from csvsync.exchange.uploads import uploaded_file, uploaded_name
from csvsync.models import Run
from csvsync.pages import wording
from csvsync.pages.run_list import RunList
from csvsync.pages.run_page import RunPage
from csvsync.runs import ledger
from tickets import status_counts
from tickets.workflow import Status


@require_safe
@manager_required
def exchange(request: SignedInRequest) -> HttpResponse:
    """What can be done, and the ledger of what was; the ledger alone where htmx asks for it."""
    if request.headers.get("HX-Target") == "runs":
        answer = render(request, "csvsync/exchange.html#runs", {"runs": RunList(request.GET)})
    else:
        answer = _overview(request)
    answer["Vary"] = "HX-Target"
    return answer


@require_http_methods(["GET", "POST"])
@manager_required
def upload(request: SignedInRequest) -> HttpResponse:
    """Judge a file without applying it, and show what it would do."""
    if request.method == "GET":
        return redirect("csvsync:exchange")
    try:
        run, _report = dry_run_upload(uploaded_file(request), user=request.user, name=uploaded_name(request))
    except DomainError as error:
        return _overview(request, refused="upload", error=error)
    return redirect("csvsync:run", run.pk)


@require_http_methods(["GET", "POST"])
@manager_required
def apply(request: SignedInRequest, id: str) -> HttpResponse:
    """Import the file of a dry run, judged anew."""
    run = Run.objects.named(id)
    if request.method == "GET":
        return redirect("csvsync:run", run.pk)
    try:
        applied, report = apply_dry_run(run, user=request.user)
    except DomainError as error:
        return _run_page(request, run, error=error)
    done = _("Applied: %(result)s.") % {"result": wording.result(applied)}
    if not report.changed_count:
        done = f"{done} {_('Nothing has changed since the dry run.')}"
    messages.success(request, done)
    return redirect("csvsync:run", applied.pk)


@require_http_methods(["GET", "POST"])
@manager_required
def process(request: SignedInRequest) -> HttpResponseBase:
    """The file with the statuses that the stand-in for the external system gives, as a download."""
    if request.method == "GET":
        return redirect("csvsync:exchange")
    try:
        return downloads.processed(uploaded_file(request))
    except DomainError as error:
        return _overview(request, refused="process", error=error)


@require_http_methods(["GET", "POST"])
@manager_required
def cycle(request: SignedInRequest) -> HttpResponse:
    """Begin a cycle, which then goes on by itself, and show how far it is."""
    if request.method == "GET":
        return redirect("csvsync:exchange")
    try:
        begun = start_cycle(request.user)
    except DomainError as error:
        return _overview(request, refused="cycle", error=error)
    return redirect("csvsync:run", begun.pk)


@require_safe
@manager_required
def export(request: SignedInRequest) -> HttpResponseBase:
    return downloads.export(request, downloads.exported_status(request.GET), user=request.user)


@require_safe
@manager_required
def run(request: SignedInRequest, id: str) -> HttpResponse:
    """The whole page, or the part of it that htmx asks for while a run goes on and while one looks through rows."""
    ledger.mark_dead()
    return _run_page(request, Run.objects.named(id))


@require_safe
@manager_required
def errors(request: SignedInRequest, id: str) -> HttpResponseBase:
    return downloads.error_report(request, Run.objects.named(id), user=request.user)


@require_safe
@manager_required
def unreturned(request: SignedInRequest, id: str) -> HttpResponseBase:
    return downloads.unreturned_report(request, Run.objects.named(id), user=request.user)


@require_safe
@manager_required
def file(request: SignedInRequest, id: str) -> HttpResponseBase:
    return downloads.file_of(request, Run.objects.named(id), user=request.user)


def _overview(request: SignedInRequest, *, refused: str = "", error: DomainError | None = None) -> HttpResponse:
    """The page of the exchange; `refused` names the form that `error` is about."""
    ledger.mark_dead()
    context = {
        "running": Run.objects.cycles().running().select_related("started_by").first(),
        "last_success": Run.objects.last_success(),
        "waiting": status_counts.by_status()[Status.PENDING],
        "runs": RunList(request.GET),
        "refused": refused,
        "error": error,
        "refusal": error and wording.refusal(error),
    }
    return _answer(render(request, "csvsync/exchange.html", context), error)


def _run_page(request: SignedInRequest, run: Run, *, error: DomainError | None = None) -> HttpResponse:
    part = request.headers.get("HX-Target", "")
    template = "csvsync/run.html" + (f"#{part}" if part in ("run", "rows") else "")
    context = {
        "run": run,
        "shown": RunPage(run, request.GET),
        "error": error,
        "refusal": error and wording.refusal(error),
    }
    answer = _answer(render(request, template, context), error)
    answer["Vary"] = "HX-Target"
    return answer


def _answer(page: HttpResponse, error: DomainError | None) -> HttpResponse:
    """The page with the status that the API would give."""
    if error:
        page.status_code = HTTPStatus(error.status)
        if error.retry_after is not None:
            page["Retry-After"] = str(error.retry_after)
    return page
