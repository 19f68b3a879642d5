"""Support staff: people are made, changed, deactivated, and given one-time links; never deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actions import STAFF_MAY_CHANGE, change_person, set_password_of
from accounts.forms import AdminSignInForm
from accounts.models import User

admin.site.site_header = admin.site.site_title = _("Service Ticket support")
admin.site.site_url = "/desk/"
admin.site.login_form = AdminSignInForm
admin.site.unregister(Group)


def one_time_link(user: User) -> str:
    """An absolute address where this person sets a new password, once, within a day."""
    uid = urlsafe_base64_encode(force_bytes(str(user.pk)))
    path = reverse("accounts:new-password", args=[uid, default_token_generator.make_token(user)])
    return settings.PUBLIC_URL + path


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
    def set_password_and_save(self, user: User, commit: bool = True, **kwargs: Any) -> User:
        usable = self.cleaned_data["set_usable_password"]
        set_password_of(user, self.cleaned_data["password1"] if usable else None)
        return user


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = User
        fields = ("email", "role", "is_staff")


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = PersonPasswordForm
    list_display = ("email", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email",)
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    actions = ("make_one_time_link", "deactivate")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Rights"), {"fields": ("role", "is_active", "is_staff")}),
        (_("Times"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "role", "is_staff", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody changes their own rights."""
        own = ("role", "is_active", "is_staff") if obj is not None and obj.pk == request.user.pk else ()
        return (*super().get_readonly_fields(request, obj), *own)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            change_person(obj, **{name: getattr(obj, name) for name in form.changed_data})
        else:
            super().save_model(request, obj, form, change)

    @admin.action(description=_("Make a one-time link for a lost password"))
    def make_one_time_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.filter(is_active=True):
            text = _("%(email)s sets a new password at %(link)s (once, within a day)")
            messages.info(request, text % {"email": user.email, "link": one_time_link(user)})

    @admin.action(description=_("Deactivate"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(queryset.filter(is_active=True).exclude(email=request.user.get_username()))
        for person in people:
            change_person(person, is_active=False)
        text = ngettext(
            "%(count)d person can no longer sign in.", "%(count)d people can no longer sign in.", len(people)
        )
        messages.success(request, text % {"count": len(people)})
