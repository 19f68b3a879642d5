from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import change_own_name, save_preferences
from accounts.models import EMAIL_LENGTH, User, UserManager
from accounts.naming import names
from accounts.record.acts import By
from accounts.record.sign_ins import record_sign_in
from accounts.signing_in.credentials import InvalidCredentials, sign_in
from accounts.widgets import LongSelect
from config.errors import DomainError


@cache
def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


class SignInForm(forms.Form):
    """E-mail and password. `user` is set once it is valid, `refusal` where the two were refused."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.request = request
        self.user: User | None = None
        self.refusal: DomainError | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "email" in cleaned and "password" in cleaned:
            try:
                self.user = sign_in(self.request, email=cleaned["email"], password=cleaned["password"])
            except DomainError as error:
                self.refusal = error
                wrong = isinstance(error, InvalidCredentials)
                message = _("E-mail or password is wrong.") if wrong else str(error.message)
                if wrong:  # which of the two is not told
                    for name in ("email", "password"):
                        self.fields[name].widget.attrs["aria-invalid"] = "true"
                raise forms.ValidationError(message, code=error.code) from None
        return cleaned


class LostPasswordForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), max_length=EMAIL_LENGTH, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        return UserManager.normalize_email(self.cleaned_data["email"])


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """One's own preferences and name. `by` is the person, from where they send it.

    The name knows what the page showed, so that a page that was opened before support staff changed it does not change
    it back together with the theme.
    """

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, widget=LongSelect)

    class Meta:
        model = User
        fields = ("name", "theme", "time_zone")
        help_texts = {"name": _("As others see it. Where you leave it empty, one is made of your e-mail.")}

    def __init__(self, *args: Any, by: By, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        name = self.fields["name"]
        name.show_hidden_initial = True
        name.widget.attrs |= {
            "autocomplete": "name",
            "dir": "auto",
            "placeholder": names.readable(self.instance.email),
        }

    def save(self, commit: bool = True) -> User:
        user: User = self.instance
        chosen = {name: self.cleaned_data[name] for name in self.changed_data}
        if "name" in chosen:
            change_own_name(self.by, chosen.pop("name"))
        save_preferences(user, **chosen)
        return user


class AdminSignInForm(AdminAuthenticationForm):
    """The admin's own form over the same check, so that its failures count as well."""

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password and self.request is not None:
            try:
                self.user_cache = sign_in(self.request, email=username, password=password)
            except DomainError as error:
                raise forms.ValidationError(str(error.message), code=error.code) from None
            self.confirm_login_allowed(self.user_cache)
            record_sign_in(self.request, self.user_cache)
        return self.cleaned_data
