"""People who sign in, and their failed attempts to."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

ADDRESS_LENGTH = 45  # of the longest way to write an IPv6 address


class Role(models.TextChoices):
    ASSOCIATE = "ASSOCIATE", _("Associate")
    MANAGER = "MANAGER", _("Manager")


class Theme(models.TextChoices):
    SYSTEM = "SYSTEM", _("As the system")
    LIGHT = "LIGHT", _("Light")
    DARK = "DARK", _("Dark")


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """E-mails are kept in lower case, so that they are unique and found whatever their case."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, *, role: Role | str, **fields: Any) -> User:
        """A new person. `password=None` makes one that cannot sign in until a password is set."""
        user = self.model(email=self.normalize_email(email), role=role, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. People are deactivated, never deleted, since history keeps their names.

    `security_stamp` is a random value that every token and browser session carries. A database trigger renews it
    whenever the password, the role or the active flag changes, by whatever way, so that older ones stop working;
    nothing else can change it, so that saving an older copy of a person brings no token back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.ASSOCIATE)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Take this away instead of deleting a person.")
    )
    is_staff = models.BooleanField(
        _("support staff"), default=False, help_text=_("May use this admin. Gives no rights over tickets.")
    )
    security_stamp = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    wants_mail = models.BooleanField(_("tell me by e-mail"), default=False)
    inbox_read_at = models.DateTimeField(default=timezone.now, editable=False)
    mailed_until = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                name="user_email_lower_case",
                condition=models.Q(email=Lower("email")),
                violation_error_message=_("Write the e-mail in lower case."),
            ),
            models.CheckConstraint(name="user_role_known", condition=models.Q(role__in=Role.values)),
            models.CheckConstraint(name="user_theme_known", condition=models.Q(theme__in=Theme.values)),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER

    def clean(self) -> None:
        self.email = UserManager.normalize_email(self.email)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is this person's; a hash of an older kind is then renewed, unless it was changed meanwhile."""

        def renew(password: str) -> None:
            old, self.password = self.password, make_password(password)
            User.objects.filter(pk=self.pk, password=old).update(password=self.password)

        return check_password(raw_password, self.password, renew)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Support staff may use the whole admin; what each page of it allows is settled there."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        value = f"{self.password}{self.security_stamp.hex}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class SignInFailure(models.Model):
    """One failed attempt; the newest ones decide whether another is let through (accounts/sign_in.py)."""

    email = models.CharField(max_length=254)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["address", "created_at"], name="signinfailure_address"),
            models.Index(fields=["created_at"], name="signinfailure_created"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.address}"
