"""People, what is kept about their sign-ins, the mails they are sent, and the record of what was done to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.email_spelling import one_spelling
from accounts.idempotency.models import IdempotencyKey as IdempotencyKey
from accounts.naming import marks, names
from config import clock

EMAIL_LENGTH = 254
ADDRESS_LENGTH = 45  # of the longest way to write an IPv6 address
MOST_WORDS = 20  # of a name that is looked for; each is a condition of its own


class Role(models.TextChoices):
    ASSOCIATE = "ASSOCIATE", _("Associate")
    MANAGER = "MANAGER", _("Manager")


class Theme(models.TextChoices):
    SYSTEM = "SYSTEM", _("As the system")
    LIGHT = "LIGHT", _("Light")
    DARK = "DARK", _("Dark")


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        """People who have not been deactivated."""
        return self.filter(is_active=True)

    def active_managers(self) -> Self:
        """People who may do what only managers may: managers by role who have not been deactivated."""
        return self.filter(is_active=True, role=Role.MANAGER)

    def named(self, text: str) -> Self:
        """People who have each word of this in their name or their e-mail, whatever its case and accents.

        So those without a name are found by the words of the name that is made of their e-mail as well.
        """
        found = self
        for word in text.split()[:MOST_WORDS]:
            folded = names.fold(word)
            in_email = models.Q(email__contains=word.lower()) | models.Q(email__contains=folded)
            found = found.filter(models.Q(folded_name__contains=folded) | in_email)
        return found


# A name of its own: only then the type checker can tell what the manager takes from the query set.
_PeopleManager = models.Manager.from_queryset(UserQuerySet)


class UserManager(_PeopleManager["User"], BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """E-mails are kept in one spelling, so that they are unique and found however they are written."""
        return one_spelling(email)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, *, role: Role | str, **fields: Any) -> User:
        """A new person. `password=None` makes one that cannot sign in until a password is set."""
        user = self.model(email=self.normalize_email(email), role=role, **fields)
        user.take_name(user.name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. People are deactivated, never deleted, since history keeps their names.

    `security_stamp` is a random value that every token and browser session carries. A database trigger renews it
    whenever the password, the role or the active flag changes, by whatever way, so that older ones stop working;
    nothing else can change it, so that saving an older copy of a person brings no token back. A statement that also
    adds one to `hash_renewals` writes the same password in another form, which ends nothing.

    `folded_name` is the name as `named` compares it, and is written together with it. Both have defaults in the
    database, since processes of the version before go on making people for a while.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), max_length=EMAIL_LENGTH, unique=True)
    name = models.CharField(
        _("name"),
        max_length=names.NAME_LENGTH,
        blank=True,
        default="",
        db_default="",
        validators=[names.validate_name],
        help_text=_("As others see it. Where there is none, one is made of the e-mail."),
    )
    folded_name = models.TextField(blank=True, default="", db_default="", editable=False)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.ASSOCIATE)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Take this away instead of deleting a person.")
    )
    is_staff = models.BooleanField(
        _("support staff"), default=False, help_text=_("May use this admin. Gives no rights over tickets.")
    )
    security_stamp = models.UUIDField(default=uuid.uuid4, editable=False)
    hash_renewals = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)

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
            models.CheckConstraint(
                name="user_name_folded",
                condition=models.Q(name="", folded_name="") | (~models.Q(name="") & ~models.Q(folded_name="")),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER

    @property
    def shown_name(self) -> str:
        """What people call this person: the name, or one made of the e-mail."""
        return self.name or names.readable(self.email)

    @property
    def name_and_email(self) -> str:
        """For mails, which have no place to hover."""
        return f"{self.shown_name} ({self.email})"

    @property
    def initials(self) -> str:
        return marks.initials(self.shown_name)

    @property
    def tone(self) -> int:
        return marks.tone(self.pk)

    def take_name(self, name: str) -> None:
        """Set the name, tidied, and what it is found by. Nothing is written."""
        self.name = names.tidy(name)
        self.folded_name = names.fold(self.name)

    def clean(self) -> None:
        self.email = UserManager.normalize_email(self.email)
        self.take_name(self.name)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is this person's; a hash of an older form is then renewed."""
        return check_password(raw_password, self.password, self.renew_hash)

    def renew_hash(self, password: str) -> None:
        """Keep the unchanged password in the present form, unless it was changed meanwhile.

        Counting it in the same statement tells the trigger that it is no other password, so nobody is signed out.
        """
        encoded = make_password(password)
        unchanged = User.objects.filter(pk=self.pk, password=self.password)
        if unchanged.update(password=encoded, hash_renewals=models.F("hash_renewals") + 1):
            self.password = encoded

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Support staff may use the whole admin; what each page of it allows is settled there."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return _session_hash(self.security_stamp.hex, secret)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Sessions from the time when the hash included the password stay valid."""
        yield from super().get_session_auth_fallback_hash()
        yield _session_hash(f"{self.password}{self.security_stamp.hex}")


def _session_hash(value: str, secret: str | None = None) -> str:
    return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class SignInFailure(models.Model):
    """One failed attempt; the newest ones decide whether another is let through (accounts/signing_in/throttling.py)."""

    email = models.CharField(max_length=EMAIL_LENGTH)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["address", "created_at"], name="signinfailure_address"),
            models.Index(fields=["created_at"], name="signinfailure_created"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.address}"


class FailedSignIns(models.Model):
    """How often in a row signing in to an account has failed; see accounts/record/sign_ins.py.

    `key` is the person's id, or empty for all e-mails that nobody has; `address` is where it was tried from last.
    """

    key = models.CharField(max_length=36, primary_key=True)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    address = models.CharField(max_length=ADDRESS_LENGTH)

    def __str__(self) -> str:
        return f"{self.count} for {self.key or 'nobody'}"


class SignInPlace(models.Model):
    """An attempt to sign in that is under way; until it has ended it counts as a failure would."""

    email = models.CharField(max_length=EMAIL_LENGTH)
    address = models.CharField(max_length=ADDRESS_LENGTH)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "created_at"], name="signinplace_address")]

    def __str__(self) -> str:
        return f"{self.email} from {self.address}"


class KnownAddress(models.Model):
    """An address from which somebody has signed in, and when that was noted last."""

    address = models.CharField(max_length=ADDRESS_LENGTH, primary_key=True)
    succeeded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address


class Letter(models.Model):
    """A mail that is sent by and by (accounts/letters.py), kept for a day since the newest ones decide on others.

    `person` is who it is about, None where nobody has this e-mail. A one-time link is made when it is sent.
    """

    class Kind(models.TextChoices):
        LOST = "LOST"
        LINK = "LINK"
        NEWS = "NEWS"

    kind = models.CharField(max_length=16, choices=Kind)
    email = models.CharField(max_length=EMAIL_LENGTH)
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    address = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["email", "created_at"], name="letter_email"),
            models.Index(fields=["address", "created_at"], name="letter_address"),
            models.Index(fields=["created_at"], name="letter_waiting", condition=models.Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.email}"


class RateCounter(models.Model):
    """How often a person has done something in the minute that began at this second since 1970."""

    class What(models.TextChoices):
        REQUESTS = "requests"
        MODEL_CALLS = "model_calls"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=16, choices=What)
    began_at = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "what"], name="ratecounter_one_for_each_thing")]

    def __str__(self) -> str:
        return f"{self.count} {self.what} of {self.person_id}"


class AuditEntry(models.Model):
    """One act: who did what to whom, from where and when. Triggers refuse to change any, or to delete any but old ones.

    `actor` is None for the operator on the server itself, and for who is not signed in. `changes` has the old and the
    new value of each field that is no secret, or what else goes with the act; accounts/record/ adds the entries.
    """

    class Action(models.TextChoices):
        CREATED = "person_created", _("person created")
        CHANGED = "person_changed", _("person changed")
        PASSWORD_SET = "person_password_set", _("password set by others")
        PASSWORD_CHANGED = "person_password_changed", _("own password changed")
        LINK_MADE = "person_link_made", _("one-time link made and shown")
        LINK_MAILED = "person_link_mailed", _("one-time link mailed to them")
        LINK_USED = "person_link_used", _("password set by one-time link")
        SIGNED_IN = "signed_in", _("signed in")
        TOKEN_ISSUED = "token_issued", _("signed in by the API")
        SIGN_INS_FAILED = "sign_ins_failed", _("failed to sign in")
        SIGNED_OUT = "signed_out", _("signed out")
        EXPORTED = "tickets_exported", _("tickets exported")
        LIST_DOWNLOADED = "tickets_downloaded", _("list of tickets downloaded")
        FILE_DOWNLOADED = "exchange_file_downloaded", _("file of the exchange downloaded")
        RECORD_DOWNLOADED = "record_downloaded", _("this record downloaded")
        SETTINGS = "settings_changed", _("settings at a start")
        TRIMMED = "record_trimmed", _("old entries removed")
        MAIL_REFUSED = "mail_refused", _("mail refused by the mail server")

    created_at = models.DateTimeField(_("when"), default=clock.now)
    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    subject = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("whom")
    )
    action = models.CharField(_("what"), max_length=64, choices=Action)
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    origin = models.CharField(_("from where"), max_length=ADDRESS_LENGTH)

    class Meta:
        verbose_name = _("entry of the record")
        verbose_name_plural = _("entries of the record")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["created_at"], name="auditentry_created"),
            models.Index(fields=["action", "created_at"], name="auditentry_action"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.subject or ''}".strip()


class DemoDesk(models.Model):
    """Stands in the database of a desk that the demo command has made, once."""

    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"demo of {self.created_at}"
