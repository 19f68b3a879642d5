"""Support staff: people are made, changed, deactivated, and given one-time links; never deleted."""

from __future__ import annotations

from copy import copy
from datetime import UTC
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.actions import (
    RIGHTS,
    STAFF_MAY_CHANGE,
    change_person,
    create_person,
    make_link,
    set_password_of,
)
from accounts.forms import AdminSignInForm
from accounts.models import AuditEntry, Role, User
from accounts.permissions import may_grant, may_manage
from accounts.record.acts import By
from accounts.record.downloads import filters_of, record_download
from accounts.record.wording import as_csv, details
from config.admin_search import SearchedByWords
from config.errors import DomainError

admin.site.site_header = admin.site.site_title = _("Service Ticket support")
admin.site.site_url = "/desk/"
admin.site.login_form = AdminSignInForm
admin.site.unregister(Group)


def lead_to_own_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """People change their own password on the page of the desk for that.

    The admin's own page would be a second door: it saves the person whole and neither records the act nor sees that
    somebody else has changed them meanwhile.
    """
    return redirect("accounts:change-password")


admin.site.password_change = lead_to_own_password  # type: ignore[method-assign, assignment]  # the site asks for it


def acting(request: HttpRequest) -> By:
    assert isinstance(request.user, User)  # noqa: S101  # nosec B101 # the admin lets nobody else in
    return By.sending(request, request.user)


class PersonChangeForm(UserChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Knows what the page showed, so that only what somebody changed on it is written.

    A page that was opened before a colleague deactivated the person must not bring them back with the next change
    of their e-mail.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in STAFF_MAY_CHANGE:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True


class PersonPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # not subscriptable at run time
    def __init__(self, user: User, *args: Any, by: By, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.by = by

    def set_password_and_save(self, user: User, commit: bool = True, **kwargs: Any) -> User:
        usable = self.cleaned_data["set_usable_password"]
        set_password_of(self.by, user, self.cleaned_data["password1"] if usable else None)
        return user


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Makes a person, as a rule without a password: they set one by the link that is shown next."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "is_staff")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The admin's own script focuses the first field; the browser complains of whichever of the two comes second.
        del self.fields["email"].widget.attrs["autofocus"]
        self.fields["usable_password"] = forms.ChoiceField(
            label=_("How they sign in first"),
            required=False,
            initial="false",
            choices={"false": _("By a one-time link"), "true": _("With this password")},
            widget=forms.RadioSelect(attrs={"class": "radiolist"}),
            help_text=_("With a one-time link, which you see next, nobody but they know their password."),
        )


@admin.register(User)
class PersonAdmin(SearchedByWords, UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ("email", "name", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email", "name", "folded_name")
    search_help_text = _("Part of the e-mail or of the name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    actions = ("make_one_time_link", "deactivate")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Rights"), {"fields": ("role", "is_active", "is_staff")}),
        (_("Times"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "is_staff", "usable_password", "password1", "password2")}),
    )

    @property
    def media(self) -> Media:
        return super().media + Media(js=[Script("js/copy.js", defer=True)])  # type: ignore[list-item]  # the stubs know strings only

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody changes their own rights, or gives what they may not."""
        own = RIGHTS if obj is not None and obj.pk == request.user.pk else ()
        above = () if may_grant(acting_user(request), role=Role.MANAGER, is_staff=True) else ("role", "is_staff")
        return (*super().get_readonly_fields(request, obj), *dict.fromkeys((*own, *above)))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People above oneself can be looked at but not changed."""
        return super().has_change_permission(request, obj) and (obj is None or may_manage(acting_user(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """People change their own password on the page for that, which asks for the old one."""
        if id == str(request.user.pk):
            return redirect("accounts:change-password")
        # Django's view has no place for who acts; a copy of this object for this request has.
        own = copy(self)
        own.change_password_form = partial(PersonPasswordForm, by=acting(request))
        return super(PersonAdmin, own).user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            change_person(acting(request), obj, **{name: getattr(obj, name) for name in form.changed_data})
            return
        create_person(acting(request), obj)
        if not obj.has_usable_password():
            self._make_link(request, obj)

    @admin.action(description=_("Make a one-time link for a lost password"))
    def make_one_time_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset.filter(is_active=True):
            self._make_link(request, person)

    def _make_link(self, request: HttpRequest, person: User) -> None:
        try:
            link = make_link(acting(request), person)
        except DomainError as error:
            messages.error(request, _refused(person, error))
            return
        if link is None:
            text = _("A link was mailed to %(email)s, with which they set a new password.")
            messages.success(request, text % {"email": person.email})
            return
        text = _("Where {email} sets a new password, once, within a day: {link}")
        button = format_html(
            '<button type="button" class="button" data-copy="{}" hidden>{}</button>', link, _("Copy the link")
        )
        messages.info(request, format_html("{} {}", format_html(str(text), email=person.email, link=link), button))

    @admin.action(description=_("Deactivate"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        count = 0
        for person in queryset.filter(is_active=True).exclude(email=request.user.get_username()):
            try:
                change_person(acting(request), person, is_active=False)
                count += 1
            except DomainError as error:
                messages.error(request, _refused(person, error))
        text = ngettext("%(count)d person can no longer sign in.", "%(count)d people can no longer sign in.", count)
        messages.success(request, text % {"count": count})


def _refused(person: User, error: DomainError) -> str:
    """The admin begins each message with a capital letter, so none begins with an address."""
    return _("Not done for %(email)s: %(reason)s") % {"email": person.email, "reason": error.message}


def acting_user(request: HttpRequest) -> User:
    user = acting(request).actor
    assert user is not None  # noqa: S101  # nosec B101 # by construction
    return user


@admin.register(AuditEntry)
class AuditEntryAdmin(SearchedByWords):
    """The record of people and settings, to read and to download; support staff see all of it."""

    list_display = ("to_the_second", "actor", "action", "whom", "origin", "details")
    list_filter = ("action", "created_at")
    list_select_related = ("actor", "subject")
    search_fields = ("actor__email", "actor__name", "subject__email", "subject__name", "origin")
    search_help_text = _("Who did it or whom it is about, by e-mail or name, or the address that it came from")
    fields = ("to_the_second", "actor", "action", "subject", "origin", "details")
    readonly_fields = ("to_the_second", "details")
    change_form_template = "admin/never_changed.html"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("when (UTC)"), ordering="created_at")
    def to_the_second(self, entry: AuditEntry) -> str:
        """As in the download: who compares this with the log of a proxy needs seconds, and its time zone."""
        written = f"{entry.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        return format_html('<span class="nowrap">{}</span>', written)

    @admin.display(description=_("whom"), ordering="subject", empty_value="-")
    def whom(self, entry: AuditEntry) -> str | User | None:
        """Most entries are of people and themselves; their e-mail twice would leave the details no room."""
        return gettext("themselves") if entry.actor and entry.actor == entry.subject else entry.subject

    @admin.display(description=_("details"), empty_value="-")
    def details(self, entry: AuditEntry) -> str:
        return details(entry)

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(self.download)
        return [path("download/", download, name="accounts_auditentry_download"), *super().get_urls()]

    @method_decorator(require_safe)
    def download(self, request: HttpRequest) -> HttpResponseBase:
        """All that the list has with these filters, as CSV. That somebody took it is recorded as well."""
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:accounts_auditentry_changelist")
        filters = filters_of(request.GET.dict())
        record_download(request, acting_user(request), AuditEntry.Action.RECORD_DOWNLOADED, filters=filters)
        answer = StreamingHttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="record_{timezone.now():%Y-%m-%d-%H-%M-%S}.csv"'
        return answer
