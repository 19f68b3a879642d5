"""Support staff read tickets and their history, and move tickets by the workflow's own actions and rules only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from config.admin_search import SearchedByWords
from config.audit.findings import in_words
from config.errors import DomainError
from tickets import actions
from tickets.models import REASON_LENGTH, Audit, Erasure, HistoryEntry, Ticket
from tickets.workflow import Severity

# A task only says that it is time to look, and tells nobody anything. The log has those that fail.
admin.site.unregister(DBTaskResult)


class ReadOnly:
    """Nothing is added, changed or deleted by the admin's own forms."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    model = HistoryEntry
    ordering = ("-version",)
    fields = ("created_at", "action", "user", "actor_role", "from_status", "to_status", "reason")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[HistoryEntry]:
        return super().get_queryset(request).select_related("user")


class TicketActionForm(ActionForm):
    severity = forms.ChoiceField(label=_("New severity:"), required=False, choices=[("", "—"), *Severity.choices])
    reason = forms.CharField(label=_("Reason:"), required=False, max_length=REASON_LENGTH)


@admin.register(Ticket)
class TicketAdmin(ReadOnly, SearchedByWords):
    list_display = ("ticket_number", "title", "severity", "status", "created_by", "due_date", "deleted_at")
    list_filter = ("status", "severity", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("created_by",)
    search_fields = ("ticket_number", "title", "created_by__email", "created_by__name")
    search_help_text = _("Number, title, or the e-mail or name of the author")
    ordering = ("-year", "-sequence")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("ticket_number", "title", "description", "status", "severity", "ai_suggested_severity")}),
        (_("People"), {"fields": ("created_by", "reviewed_by", "deleted_by")}),
        (_("Times"), {"fields": ("due_date", "created_at", "updated_at", "deleted_at")}),
    )
    inlines = (HistoryInline,)
    action_form = TicketActionForm
    actions = ("approve", "change_severity", "soft_delete", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        """All tickets: support staff look into what was deleted as well, whatever their role on the desk is.

        So `visible_to`, the rule for the desk and the API, does not narrow this; what they do to a ticket is narrowed
        by the rules of the actions.
        """
        return super().get_queryset(request).select_related("created_by", "reviewed_by", "deleted_by")

    def view_on_site(self, ticket: Ticket) -> str | None:
        """Its page on the desk, where a deleted one has none."""
        return None if ticket.deleted_at else reverse("tickets:ticket", args=[ticket.ticket_number])

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The ticket's own history: the admin's has only what is done by its forms, which change no ticket."""
        return _history_of(object_id)

    @admin.action(description=_("Approve"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._each(request, queryset, lambda user, ticket: actions.approve_ticket(user, ticket.pk))

    @admin.action(description=_("Change severity (with a reason)"))
    def change_severity(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        severity, reason = request.POST.get("severity") or None, request.POST.get("reason", "")[:REASON_LENGTH]
        self._each(
            request,
            queryset,
            lambda user, ticket: actions.change_severity(user, ticket.pk, severity=severity, reason=reason),
        )

    @admin.action(description=_("Delete (can be restored)"))
    def soft_delete(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._each(request, queryset, lambda user, ticket: actions.delete_ticket(user, ticket.pk))

    @admin.action(description=_("Restore"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        self._each(request, queryset, lambda user, ticket: actions.restore_ticket(user, ticket.pk))

    def _each(self, request: HttpRequest, queryset: QuerySet[Ticket], action: Callable[[User, Ticket], Ticket]) -> None:
        """Try the action on each ticket and tell what was done and what was refused, and why."""
        if not isinstance(request.user, User):
            return
        done = 0
        for ticket in queryset:
            try:
                action(request.user, ticket)
                done += 1
            except DomainError as error:
                messages.error(request, f"{ticket.ticket_number}: {error.message}")
        if done:
            text = ngettext("Done for %(count)d ticket.", "Done for %(count)d tickets.", done)
            messages.success(request, text % {"count": done})


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnly, SearchedByWords):
    list_display = ("created_at", "ticket", "action", "user", "actor_role", "from_status", "to_status", "reason")
    list_filter = ("action",)
    list_select_related = ("ticket", "user")
    search_fields = ("ticket__ticket_number", "user__email", "user__name")
    search_help_text = _("The number of a ticket, or the e-mail or name of who did it")
    ordering = ("-created_at", "-version")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[HistoryEntry]:
        return super().get_queryset(request).select_related("ticket", "user")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The history of the ticket that the entry belongs to; an entry itself never changes."""
        entry = self.get_object(request, unquote(object_id))
        return _history_of(str(entry.ticket_id) if entry else "")


class ByNightlyJob(admin.BooleanFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("nightly job")  # the admin writes "By" before it, and the field's name begins with that as well


@admin.register(Audit)
class AuditAdmin(ReadOnly, SearchedByWords):
    list_display = ("started_at", "outcome", "of_what", "carried_out_by", "has_seal")
    list_filter = (("nightly", ByNightlyJob),)
    change_form_template = "admin/never_changed.html"
    ordering = ("-started_at", "-pk")
    show_full_result_count = False
    fields = (
        "started_at", "finished_at", "outcome", "in_words", "of_what", "seen", "carried_out_by", "since", "seal"
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("outcome"), ordering="found")
    def outcome(self, audit: Audit) -> str:
        if not audit.found:
            return gettext("Nothing is wrong.")
        return ngettext("%(count)d finding", "%(count)d findings", audit.found) % {"count": audit.found}

    @admin.display(description=_("what was audited"), ordering="ticket")
    def of_what(self, audit: Audit) -> str:
        return audit.ticket or gettext("everything")

    @admin.display(description=_("carried out by"), ordering="nightly")
    def carried_out_by(self, audit: Audit) -> str:
        return gettext("the nightly job") if audit.nightly else gettext("a command")

    @admin.display(description=_("seal"), ordering="seal")
    def has_seal(self, audit: Audit) -> str:
        """The whole line, which is long, stands on the audit's own page."""
        return gettext("made") if audit.seal else "-"

    @admin.display(description=_("looked at"))
    def seen(self, audit: Audit) -> str:
        """Sorted, since the databases keep the names of JSON in orders of their own."""
        return in_words(dict(sorted(audit.looked_at.items())))

    @admin.display(description=_("findings in words"))
    def in_words(self, audit: Audit) -> str:
        """The first findings, each in a line; the outcome says how many there were."""
        return format_html_join("", "<p><strong>{}</strong>: {} {}</p>", audit.findings) or "—"


@admin.register(Erasure)
class ErasureAdmin(ReadOnly, SearchedByWords):
    list_display = ("created_at", "ticket", "first_version", "last_version", "user", "why")
    change_form_template = "admin/never_changed.html"
    list_select_related = ("ticket", "user")
    search_fields = ("ticket__ticket_number", "user__email", "user__name")
    search_help_text = _("The number of a ticket, or the e-mail or name of who did it")
    ordering = ("-created_at", "-pk")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Erasure]:
        return super().get_queryset(request).select_related("ticket", "user")


def _history_of(ticket_id: str) -> HttpResponse:
    return redirect(f"{reverse('admin:tickets_historyentry_changelist')}?ticket__id__exact={ticket_id}")
