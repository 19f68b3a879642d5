#!/usr/bin/env python
"""Entry to the commands: `python manage.py help`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("DATABASE_POOL", "0")  # a command needs one connection
    if "runserver" in sys.argv[1:2]:
        from config import env

        env.make_throwaway_secrets()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
