"""What happened before there were events comes first among them, in order of time.

In batches, so that no single statement runs into a limit that an operator has set for statements, and before the
triggers of 0015, so that on PostgreSQL those who work meanwhile are not kept from it. What they write in between is
taken up by 0015.
"""

from typing import Any

from django.db import migrations

BATCH = 10_000
MARK = {"postgresql": "CAST(random() * 9007199254740991 AS bigint)", "sqlite": "random()"}
ORDER = "created_at, version, ticket_id"
ADD = f"""
    INSERT INTO tickets_event (ticket_id, version, at, position, mark)
    SELECT ticket_id, version, created_at, %s + ROW_NUMBER() OVER (ORDER BY {ORDER}), {{mark}}
    FROM (
        SELECT ticket_id, version, created_at FROM tickets_historyentry {{after}} ORDER BY {ORDER} LIMIT {BATCH}
    ) AS batch
"""  # noqa: S608 - the names are those above
AFTER_THE_LAST = f"WHERE ({ORDER}) > (%s, %s, %s)"
LAST = "SELECT at, version, ticket_id FROM tickets_event ORDER BY position DESC LIMIT 1"


def add(apps: Any, schema_editor: Any) -> None:
    mark = MARK[schema_editor.connection.vendor]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ADD.format(after="", mark=mark), [0])
        added = cursor.rowcount
        while cursor.rowcount == BATCH:
            cursor.execute(LAST)
            cursor.execute(ADD.format(after=AFTER_THE_LAST, mark=mark), [added, *cursor.fetchone()])
            added += cursor.rowcount


def remove(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DELETE FROM tickets_event", None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_events")]
    operations = [migrations.RunPython(add, remove)]
