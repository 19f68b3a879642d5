"""`python -m config.audit.assisting DATABASE`: judges the share of an audit that another process hands it.

Started by config/audit/assistants.py, which says how they speak. It reads one snapshot for as long as it is asked, and
ends when nobody can ask it any more, however that came about.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import astuple
from typing import IO, Any

import django
from django.db import connection
from django.utils.module_loading import import_string

from config.audit.assistants import READY
from config.audit.findings import Scope
from config.database.snapshot import joined


def assist(database: str, questions: IO[str], answers: IO[str]) -> None:
    """Answer whatever is asked. `database` may be another than the settings name, as it is while tests run."""

    def say(word: Any) -> None:
        answers.write(json.dumps(word) + "\n")
        answers.flush()

    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    say(READY)
    if not (snapshot := questions.readline()):
        return
    with joined(json.loads(snapshot)):
        say(READY)
        for question in questions:
            function, arguments = json.loads(question)
            scope = Scope()
            for finding in import_string(function)(scope, *arguments):
                say(astuple(finding))
            say(scope.looked_at)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who has started it, and who will end it
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Nobody may listen any more; and what else is printed here must not be taken for an answer.
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        assist(sys.argv[1], sys.stdin, answers)
    connection.close()


if __name__ == "__main__":
    main()
