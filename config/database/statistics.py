"""What the database's planner knows about the tables of the product.

PostgreSQL gathers that by itself, some time after much has changed. Until then, such as in the first night after a
desk was filled, it takes large tables for empty ones, and goes through one of them for each row of another. SQLite
plans by its indexes.
"""

from __future__ import annotations

import logging

from django.apps import apps
from django.db import Error, connection, models

log = logging.getLogger(__name__)

# Much has changed since the last time, or a table that fills some pages is taken for an empty one. What has changed is
# not remembered over a crash.
_STALE = """
SELECT relation.relname FROM pg_class AS relation
LEFT JOIN pg_stat_user_tables AS changes ON changes.relid = relation.oid
WHERE relation.relnamespace = current_schema()::regnamespace AND relation.relname = ANY(%s) AND (
    changes.n_mod_since_analyze > 1000 + changes.n_live_tup / 5
    OR (relation.reltuples <= 0 AND pg_relation_size(relation.oid) > 100000)
)
"""


def gather_statistics() -> list[str]:
    """Have statistics taken of those tables of ours of which much has changed since the last time; their names.

    Call it outside of transactions, after many rows have come in, or before they are worked on. It costs about a second
    however large the tables are. Nothing depends on it but how long something takes, so it never raises.
    """
    if connection.vendor != "postgresql":
        return []
    ours = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_STALE, [ours])
            stale = sorted(name for [name] in cursor.fetchall())
            for name in stale:
                # Who has locked it is perhaps doing the same.
                cursor.execute(f"ANALYZE (SKIP_LOCKED) {connection.ops.quote_name(name)}")
    except Error as error:
        log.warning("Statistics could not be gathered: %s", error)
        return []
    return stale


def analyze(*tables: type[models.Model]) -> None:
    """Have statistics taken of these tables now, also within the transaction that has filled them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(connection.ops.quote_name(table._meta.db_table) for table in tables)}")
