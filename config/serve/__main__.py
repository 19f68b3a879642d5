"""`python -m config.serve`: starts the production server.

With --demo it first makes a desk to try out, and runs the worker that sends mails beside the server. With --collect it
only gathers the static files.
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.serve.command import demo_command, server_command
from config.serve.demo import prepare_demo
from config.serve.static_files import collect_static_files
from config.server.supervisor import listen
from config.site.notes import operator_notes


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if arguments == ["--collect"]:
        django.setup()
        collect_static_files()
    else:
        serve(demo=arguments == ["--demo"])


def serve(*, demo: bool) -> None:
    """Does not return: this process becomes the server, so that signals reach it."""
    if demo:
        os.environ |= {"DEMO": "1", "DEBUG": "0"}
    try:
        env.require_strong_secrets()
        host, port = env.text("BIND", "127.0.0.1"), settings.PORT
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    listen(host, port).close()  # a port that is taken is better told now than after minutes of preparing
    for note in operator_notes():
        print(note, file=sys.stderr, flush=True)
    if demo:
        prepare_demo()
        print(f"The desk is at {settings.PUBLIC_URL}/. Ctrl-C stops it.", flush=True)
    command = demo_command(host, port) if demo else server_command(host, port)
    os.execv(sys.executable, command)  # noqa: S606  # nosec B606 # no shell is wanted


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
