"""`python -m tests.support.databases.migrating`: migrate DATABASE_URL, an empty one, and keep copies of the states of
tests/support/databases/past.py on the way.

As `manage.py migrate`, in less of the processor's time.
"""

from __future__ import annotations

import gc
import os

import django
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import translation


def main() -> None:
    gc.disable()  # there is much to look through, and most of it stays to the end
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.support.databases import past  # only once Django is set up
    from tests.support.databases.rendering import Executor

    executor = Executor(connection)
    with translation.override(None):
        state = past.make_states(executor)
        state = executor.migrate(executor.loader.graph.leaf_nodes(), state=state)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS, apps=state.apps)


if __name__ == "__main__":
    main()
