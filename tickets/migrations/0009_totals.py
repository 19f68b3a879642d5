"""How many live tickets stand in each status, kept by triggers, so that tickets/status_counts.py need not count them.

On PostgreSQL each statement adds a row with what it changed, so that nobody waits for anybody; the rows are summed when
read, and one statement in a few hundred puts them together. On SQLite, where one writes at a time anyway, there is one
row for each status. The table has no model: its content follows from the tickets and is nothing to be dumped or loaded.

SQLite drops the triggers with the table when a later migration has to make it anew; such a one ends with `create`.
"""

from typing import Any

from django.db import migrations

POSTGRESQL = [
    "CREATE TABLE tickets_total (status text NOT NULL, tickets bigint NOT NULL)",
    """
    CREATE FUNCTION tickets_total_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tickets_total SELECT status, count(*) FROM after WHERE deleted_at IS NULL GROUP BY status;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO tickets_total SELECT status, -count(*) FROM before WHERE deleted_at IS NULL GROUP BY status;
        ELSIF TG_OP = 'TRUNCATE' THEN
            DELETE FROM tickets_total;
        ELSE
            INSERT INTO tickets_total SELECT status, sum(tickets) FROM (
                SELECT status, count(*) AS tickets FROM after WHERE deleted_at IS NULL GROUP BY status
                UNION ALL SELECT status, -count(*) FROM before WHERE deleted_at IS NULL GROUP BY status
            ) AS change GROUP BY status HAVING sum(tickets) <> 0;
        END IF;
        IF random() < 0.003 THEN
            WITH parts AS (
                DELETE FROM tickets_total WHERE ctid IN (SELECT ctid FROM tickets_total FOR UPDATE SKIP LOCKED)
                RETURNING status, tickets
            ) INSERT INTO tickets_total SELECT status, sum(tickets) FROM parts GROUP BY status;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER tickets_total_insert AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_total_follow()
    """,
    """
    CREATE TRIGGER tickets_total_update AFTER UPDATE ON tickets_ticket
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_total_follow()
    """,
    """
    CREATE TRIGGER tickets_total_delete AFTER DELETE ON tickets_ticket REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_total_follow()
    """,
    """
    CREATE TRIGGER tickets_total_truncate AFTER TRUNCATE ON tickets_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_total_follow()
    """,
]
SQLITE_ADD = """
    INSERT INTO tickets_total (status, tickets) VALUES (NEW.status, 1)
    ON CONFLICT (status) DO UPDATE SET tickets = tickets + 1;
"""
SQLITE_REMOVE = "UPDATE tickets_total SET tickets = tickets - 1 WHERE status = OLD.status;"
SQLITE = [
    "CREATE TABLE tickets_total (status text PRIMARY KEY, tickets integer NOT NULL)",
    f"""
    CREATE TRIGGER tickets_total_insert AFTER INSERT ON tickets_ticket WHEN NEW.deleted_at IS NULL
    BEGIN {SQLITE_ADD} END
    """,
    f"""
    CREATE TRIGGER tickets_total_enter AFTER UPDATE OF status, deleted_at ON tickets_ticket
    WHEN NEW.deleted_at IS NULL AND (OLD.deleted_at IS NOT NULL OR OLD.status <> NEW.status)
    BEGIN {SQLITE_ADD} END
    """,
    f"""
    CREATE TRIGGER tickets_total_leave AFTER UPDATE OF status, deleted_at ON tickets_ticket
    WHEN OLD.deleted_at IS NULL AND (NEW.deleted_at IS NOT NULL OR OLD.status <> NEW.status)
    BEGIN {SQLITE_REMOVE} END
    """,
    f"""
    CREATE TRIGGER tickets_total_delete AFTER DELETE ON tickets_ticket WHEN OLD.deleted_at IS NULL
    BEGIN {SQLITE_REMOVE} END
    """,
]
COUNT = "INSERT INTO tickets_total SELECT status, count(*) FROM tickets_ticket WHERE deleted_at IS NULL GROUP BY status"
TRIGGERS = ("insert", "update", "enter", "leave", "delete", "truncate")


def create(apps: Any, schema_editor: Any) -> None:
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    drop(apps, schema_editor)
    for statement in POSTGRESQL if on_postgresql else SQLITE:
        schema_editor.execute(statement, None)
    schema_editor.execute(COUNT)


def drop(apps: Any, schema_editor: Any) -> None:
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for name in TRIGGERS:
        schema_editor.execute(
            f"DROP TRIGGER IF EXISTS tickets_total_{name}" + (" ON tickets_ticket" if on_postgresql else "")
        )
    if on_postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS tickets_total_follow")
    schema_editor.execute("DROP TABLE IF EXISTS tickets_total")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_remembered_views")]
    operations = [migrations.RunPython(create, drop)]
