"""The list as CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import chain

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AuditEntry
from accounts.record.downloads import filters_of, record_download
from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.spreadsheet import csv_lines
from tickets.listing.presenter import Listing
from tickets.models import TicketQuerySet


@require_safe
@sign_in_required
def download(request: SignedInRequest) -> HttpResponseBase:
    """What is filtered, as CSV for a spreadsheet; times in the person's time zone, which the headings name."""
    listing = Listing(request.GET, request.user)
    found = listing.found.select_related("created_by")
    record_download(
        request,
        request.user,
        AuditEntry.Action.LIST_DOWNLOADED,
        tickets=listing.total,
        filters=filters_of(request.GET.dict()),
    )
    lines = csv_lines(_download_rows(found, timezone.get_current_timezone()))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="tickets_{timezone.now():%Y-%m-%d-%H-%M-%S}.csv"'
    return answer


def _download_rows(tickets: TicketQuerySet, zone: tzinfo) -> Iterator[list[str]]:
    """The rows, headings first.

    `zone` is handed in because rows are made while the answer is being sent. By then the middleware that sets the
    person's time zone for the length of a request has ended.
    """
    times = {"zone": str(zone)}
    due, created = _("Due (%(zone)s)") % times, _("Created (%(zone)s)") % times
    yield [_("Number"), _("Title"), _("Severity"), _("Status"), due, _("Author"), created, _("Description")]
    for ticket in chain.from_iterable(tickets.in_batches()):
        yield [
            ticket.ticket_number,
            ticket.title,
            ticket.get_severity_display(),
            ticket.get_status_display(),
            _local_time(ticket.due_date, zone),
            ticket.created_by.email,
            _local_time(ticket.created_at, zone),
            ticket.description,
        ]


def _local_time(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(" ", "minutes")[:16]
