"""`manage.py set_role EMAIL --role MANAGER [--staff]`: the operator's way where no manager is there to do it."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import letters
from accounts.actions import change_person
from accounts.models import Role, User
from accounts.record.acts import OPERATOR


class Command(BaseCommand):
    help = "Give a person another role; they are signed out everywhere. Active and staff flags stay unless named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", type=str.upper, choices=Role.values, required=True)
        parser.add_argument(
            "--staff", action=BooleanOptionalAction, help="may use the admin, or may not; left as it is if not named"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody has the e-mail {options['email']}.") from None
        staff = {} if options["staff"] is None else {"is_staff": options["staff"]}
        change_person(OPERATOR, user, role=options["role"], **staff)
        letters.sender.rest(letters.COMMAND_WAITS)
        inactive = "" if user.is_active else ", but is not active"
        self.stdout.write(f"{user.email} is {user.role}{' and support staff' if user.is_staff else ''}{inactive}.")
