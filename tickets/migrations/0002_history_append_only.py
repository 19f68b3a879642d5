"""On PostgreSQL, history refuses UPDATE, DELETE and TRUNCATE.

Tests empty tables between them: a session with service_ticket.allow_truncate = 'on' may truncate.
"""

from typing import Any

from django.db import migrations

CREATE = [
    """
    CREATE FUNCTION tickets_history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'History is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER tickets_history_append_only BEFORE UPDATE OR DELETE ON tickets_historyentry
    FOR EACH ROW EXECUTE FUNCTION tickets_history_refuse()
    """,
    """
    CREATE TRIGGER tickets_history_no_truncate BEFORE TRUNCATE ON tickets_historyentry
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_history_refuse()
    """,
]
DROP = [
    "DROP TRIGGER tickets_history_no_truncate ON tickets_historyentry",
    "DROP TRIGGER tickets_history_append_only ON tickets_historyentry",
    "DROP FUNCTION tickets_history_refuse",
]


def _on_postgresql(statements: list[str]) -> Any:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement, None)  # no parameters: a % is a %

    return run


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [migrations.RunPython(_on_postgresql(CREATE), _on_postgresql(DROP))]
