"""`manage.py create_user EMAIL --role MANAGER [--name "Ana Sousa"] [--staff]`: the first people of an installation."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import create_person
from accounts.errors import EmailTaken
from accounts.models import Role, User, UserManager
from accounts.record.acts import OPERATOR


class Command(BaseCommand):
    help = "Create a person. The password is asked for, or read from the first line of standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="as others see it; without one, it is made of the e-mail")
        parser.add_argument("--role", type=str.upper, choices=Role.values, default=Role.ASSOCIATE.value)
        parser.add_argument("--staff", action="store_true", help="may use the admin (no rights over tickets by itself)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User(
            email=UserManager.normalize_email(options["email"]), role=options["role"], is_staff=options["staff"]
        )
        user.take_name(options["name"])
        try:
            user.clean_fields(exclude=["password"])
            user.validate_unique()
            password = _read_password()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        try:
            create_person(OPERATOR, user)
        except EmailTaken as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{user.email} can sign in as {user.role}{' and use the admin' if user.is_staff else ''}.")


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password (again): ") != password:
        raise CommandError("The two passwords differ.")
    return password
