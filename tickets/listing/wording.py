"""The filters and the order of a list, as a person would say them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.listing.desk_filter import DeskFilter
from tickets.workflow import Severity, Status

# What people can sort by: the value of `sort` and its label. The API knows some more.
SORT_LABELS = {
    "": gettext_lazy("Newest first"),
    "number": gettext_lazy("Oldest first"),
    "-updatedAt": gettext_lazy("Changed last"),
    "updatedAt": gettext_lazy("Unchanged longest"),
    "dueDate": gettext_lazy("Due first"),
    "-severity": gettext_lazy("Most severe"),
    "severity": gettext_lazy("Least severe"),
    "status": gettext_lazy("Status"),
}


# What is said of who raised or reviewed, of oneself and of somebody else.
BY_PERSON = {
    "createdBy": (gettext_lazy("raised by me"), gettext_lazy("raised by {person}")),
    "reviewedBy": (gettext_lazy("reviewed by me"), gettext_lazy("reviewed by {person}")),
}


WAITING_FOR = {
    "author": gettext_lazy("waiting for the author’s answer"),
    "review": gettext_lazy("waiting for review alone"),
}


def filter_labels(filtered: DeskFilter) -> list[tuple[str, str]]:
    """The name and the label of each filter in use; status and order aside, which are no chips on the page."""
    return [(name, label) for name, label in _labels(filtered) if filtered.query.get(name)]


def list_in_words(filtered: DeskFilter) -> list[str]:
    """The whole query in words: status, filters, order."""
    status, sort = filtered.query.get("status"), filtered.query.get("sort")
    words = [str(Status(status).label)] if status else []
    words += [label for _name, label in filter_labels(filtered)]
    return [*words, str(SORT_LABELS.get(sort, sort))] if sort else words


def _labels(filtered: DeskFilter) -> Iterator[tuple[str, str]]:
    """A label for every filter, in the order of the chips. Those that are not in use have no value to name."""
    value = filtered.query.get
    yield "q", format_html(_("with “{text}”"), text=format_html("<bdi>{}</bdi>", value("q", "")))
    yield "in", _("also in comments")
    if severity := value("severity"):
        yield "severity", _("severity %(level)s") % {"level": Severity(severity).label}
    for name, person in filtered.named.items():
        by_me, by_them = BY_PERSON[name]
        shown = format_html("<bdi>{}</bdi>", person.shown_name)
        yield name, str(by_me) if value(name) == "me" else format_html(str(by_them), person=shown)
    yield "awaiting", _("awaiting my review")
    yield "waitingFor", str(WAITING_FOR.get(value("waitingFor", ""), ""))
    yield "overdue", _("overdue")
    yield "due", _("due soon")
    yield "createdFrom", _("created from %(day)s") % {"day": value("createdFrom")}
    yield "createdTo", _("created until %(day)s") % {"day": value("createdTo")}
    yield "dueBefore", _("due before %(time)s") % {"time": value("dueBefore")}
    yield "updatedSince", _("changed since %(time)s") % {"time": value("updatedSince")}
