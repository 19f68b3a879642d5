"""`manage.py erase_texts`: removes what people wrote in a ticket, where the law asks for it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from tickets.audit.erasing import NotHashed, NothingToErase, erase_texts
from tickets.models import REASON_LENGTH, Ticket

NOTICE = (
    "This cannot be undone. It reaches neither backups, nor mail that was sent, nor answers that are kept for a day "
    "for retries, nor files of exchanges, which have titles and are kept for CSV_KEEP_DAYS. Say --yes to do it."
)


class Command(BaseCommand):
    help = "Remove title, description, edits and reasons of a ticket for ever. Who did what when stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="TKT-…")
        parser.add_argument("--by", required=True, metavar="E-MAIL", help="who answers for it")
        parser.add_argument("--why", required=True, help="why, for the record")
        parser.add_argument(
            "--entry", type=int, metavar="VERSION", help="only the reason of the changed severity of this version"
        )
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        ticket = Ticket.objects.filter(ticket_number=options["number"]).first()
        user = User.objects.active().filter(email=User.objects.normalize_email(options["by"])).first()
        why = options["why"].strip()
        if ticket is None:
            raise CommandError(f"There is no ticket {options['number']}.")
        if user is None:
            raise CommandError(
                f"Nobody active has the e-mail {options['by']}: give that of an account here after --by."
            )
        if not why or len(why) > REASON_LENGTH:
            raise CommandError(f"--why takes 1 to {REASON_LENGTH} characters.")
        if not options["yes"]:
            raise CommandError(NOTICE)
        try:
            done = erase_texts(user, ticket, why=why, version=options["entry"])
        except NothingToErase as error:
            raise CommandError(
                "There is nothing to remove: it was removed before, or --entry names one that did not change severity."
            ) from error
        except NotHashed as error:
            raise CommandError("Some entries have no hash yet: run `manage.py chain_history` first.") from error
        if options["entry"] is None:
            self.stdout.write(f"Removed all texts of {options['number']}, up to version {done.last_version}.")
        else:
            self.stdout.write(f"Removed the reason of version {done.first_version} of {options['number']}.")
