"""Support staff read tickets and their history, and move tickets by the workflow's own actions and rules only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.errors import DomainError
from tickets import actions
from tickets.models import REASON_LENGTH, HistoryEntry, Ticket
from tickets.workflow import Severity


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


class TicketActionForm(ActionForm):
    severity = forms.ChoiceField(label=_("New severity:"), required=False, choices=[("", "—"), *Severity.choices])
    reason = forms.CharField(label=_("Reason:"), required=False, max_length=REASON_LENGTH)


@admin.register(Ticket)
class TicketAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("ticket_number", "title", "severity", "status", "created_by", "due_date", "deleted_at")
    list_filter = ("status", "severity", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("created_by",)
    search_fields = ("ticket_number", "title")
    ordering = ("-year", "-sequence")
    show_full_result_count = False
    inlines = (HistoryInline,)
    action_form = TicketActionForm
    actions = ("approve", "change_severity", "soft_delete", "restore")

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
            messages.success(request, _("Done for %(count)d tickets.") % {"count": done})


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("created_at", "ticket", "action", "user", "actor_role", "from_status", "to_status", "reason")
    list_filter = ("action",)
    list_select_related = ("ticket", "user")
    search_fields = ("ticket__ticket_number",)
    ordering = ("-created_at",)
    show_full_result_count = False
