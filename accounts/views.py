"""Pages: signing in and out, and a new password by a one-time link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import FormView

from accounts import letters
from accounts.actions import change_own_password, set_password_by_link
from accounts.errors import AccountChanged
from accounts.forms import LostPasswordForm, PreferencesForm, SignInForm
from accounts.models import User
from accounts.record.acts import By
from accounts.record.sign_ins import record_sign_in
from accounts.signing_in.credentials import source_of
from accounts.signing_in.sessions import SignedInRequest, drop_what_is_not_theirs, sign_in_required

# Django's views of forms take PUT for POST, and the one of a one-time link takes any method for GET.
as_a_page = require_http_methods(["GET", "POST"])


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in with e-mail and password, then go to `next` where that is one of our own addresses."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return _onward(request, request.GET.get("next", ""))
        return _form(request, SignInForm(request, initial={"next": request.GET.get("next", "")}))
    form = SignInForm(request, request.POST)
    if form.is_valid() and form.user is not None:
        drop_what_is_not_theirs(request, form.user)
        record_sign_in(request, form.user)
        login(request, form.user)
        return _onward(request, form.cleaned_data["next"])
    answer = _form(request, form, status=422)
    if form.refusal is not None and form.refusal.retry_after is not None:
        answer.status_code = form.refusal.status
        answer["Retry-After"] = str(form.refusal.retry_after)
    return answer


def _onward(request: HttpRequest, target: str) -> HttpResponse:
    """Redirect to the address if it is one of ours, else to the home page."""
    # A proxy may have dropped the port that PUBLIC_URL has.
    hosts = {request.get_host(), urlsplit(settings.PUBLIC_URL).netloc}
    own = url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure())
    is_address = target.startswith(("/", "http://", "https://"))
    return HttpResponseRedirect(target if own and is_address else resolve_url(settings.LOGIN_REDIRECT_URL))


def _form(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    return render(request, "accounts/login.html", {"form": form, "demo": settings.DEMO}, status=status)


@method_decorator(require_POST, name="dispatch")
class SignOutView(LogoutView):
    """By POST only."""


@require_http_methods(["GET", "POST"])
@sign_in_required
def preferences(request: SignedInRequest) -> HttpResponse:
    """Name, theme and time zone; what one is told of is kept by tickets."""
    by = By.sending(request, request.user)
    form = PreferencesForm(request.POST or None, instance=request.user, by=by)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:preferences")
    return render(request, "accounts/preferences.html", {"form": form}, status=422 if form.errors else 200)


@method_decorator(as_a_page, name="dispatch")
class ChangePasswordView(PasswordChangeView):
    """A new password for who knows the old one. It ends all other sign-ins; this browser stays signed in."""

    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("accounts:preferences")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        try:
            change_own_password(By.sending(self.request, form.user), form.user, form.cleaned_data["new_password1"])
        except AccountChanged as error:
            return _sign_out_kindly(self.request, error)
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("Your password is changed. You are signed out everywhere else."))
        return redirect(str(self.success_url))


@method_decorator(as_a_page, name="dispatch")
class LostPasswordView(FormView):  # type: ignore[type-arg]  # not subscriptable at run time
    """Has a one-time link sent, where mail is configured. Neither answer nor time tells whether the e-mail is known."""

    form_class = LostPasswordForm
    template_name = "accounts/lost_password.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(has_mail=settings.HAS_MAIL, **kwargs)

    def form_valid(self, form: LostPasswordForm) -> HttpResponse:
        if not settings.HAS_MAIL:
            return redirect("accounts:lost-password")
        letters.ask_for_link(form.cleaned_data["email"], source_of(self.request))
        messages.success(self.request, _("If we know this e-mail, a link is on its way. It works once, within a day."))
        return redirect("accounts:login")


@method_decorator(as_a_page, name="dispatch")
class NewPasswordView(PasswordResetConfirmView):
    """Where a one-time link leads. It stops working once used, after a day, or when the password changes otherwise."""

    template_name = "accounts/new_password.html"
    success_url = reverse_lazy("accounts:login")
    post_reset_login = False

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        try:
            set_password_by_link(By.sending(self.request, None), form.user, form.cleaned_data["new_password1"])
        except AccountChanged as error:
            return _sign_out_kindly(self.request, error)
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return redirect(str(self.success_url))


def _sign_out_kindly(request: HttpRequest, error: AccountChanged) -> HttpResponse:
    logout(request)
    messages.warning(request, str(error.message))
    return redirect("accounts:login")
