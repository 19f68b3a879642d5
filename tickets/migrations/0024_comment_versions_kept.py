"""Earlier texts of comments are only ever added, on both databases.

Where a row of tickets_erasure says that all texts of the ticket were removed for the law's sake, one may be replaced.

SQLite drops the triggers with their table when a later migration has to make it anew; such a one ends with `protect`.
"""

from typing import Any

from django.db import migrations

REMOVED = "(removed)"  # as tickets/audit/removed.py has it
IS_ERASED = f"""
    NEW.text = '{REMOVED}' AND NEW.id = OLD.id AND NEW.comment_id = OLD.comment_id AND NEW.written_at = OLD.written_at
    AND EXISTS (
        SELECT 1 FROM tickets_erasure AS erasure JOIN tickets_comment AS comment ON comment.ticket_id = erasure.ticket_id
        WHERE comment.id = OLD.comment_id AND erasure.first_version = 1
    )
"""  # noqa: S608 - the word above
POSTGRESQL = [
    f"""
    CREATE FUNCTION tickets_commentversion_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF ({IS_ERASED}) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'Earlier texts are append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER tickets_commentversion_append_only BEFORE UPDATE OR DELETE ON tickets_commentversion
    FOR EACH ROW EXECUTE FUNCTION tickets_commentversion_refuse()
    """,
    """
    CREATE TRIGGER tickets_commentversion_no_truncate BEFORE TRUNCATE ON tickets_commentversion
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_commentversion_refuse()
    """,
]
SQLITE = [
    f"""
    CREATE TRIGGER tickets_commentversion_no_update BEFORE UPDATE ON tickets_commentversion FOR EACH ROW
    WHEN NOT ({IS_ERASED}) BEGIN SELECT RAISE(ABORT, 'Earlier texts are append-only: UPDATE refused.'); END
    """,
    """
    CREATE TRIGGER tickets_commentversion_no_delete BEFORE DELETE ON tickets_commentversion FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'Earlier texts are append-only: DELETE refused.'); END
    """,
]


def protect(apps: Any, schema_editor: Any) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


def leave(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ("append_only", "no_truncate"):
            schema_editor.execute(f"DROP TRIGGER tickets_commentversion_{name} ON tickets_commentversion", None)
        schema_editor.execute("DROP FUNCTION tickets_commentversion_refuse", None)
        return
    for name in ("no_update", "no_delete"):
        schema_editor.execute(f"DROP TRIGGER tickets_commentversion_{name}", None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0023_comments")]
    operations = [migrations.RunPython(protect, leave)]
