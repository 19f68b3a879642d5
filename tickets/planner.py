"""What the database knows about its tables when it decides how to find rows in them."""

from __future__ import annotations

from django.db import connection, models


def analyze(*tables: type[models.Model]) -> None:
    """Let PostgreSQL look at how much there is in these tables now. Call it after rows were loaded in bulk.

    It plans by what it knew the last time it looked by itself, which may have been when they were empty: it then goes
    through them row by row for each row of a join. SQLite plans by its indexes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(connection.ops.quote_name(table._meta.db_table) for table in tables)}")
