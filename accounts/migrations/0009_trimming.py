"""Lets the record be trimmed, and nothing else be deleted from it; accounts/record/trimming.py tells the rule.

An entry may go where the record itself says, by an entry not older than a minute, that it is being trimmed to so many
days, at least 30, and the entry that is to go is older than that. A trigger can read neither the product's settings nor
whose transaction it is in (on SQLite), but on both databases it can read the table that it guards.

A later migration that rebuilds the table on SQLite has to create both triggers again.
"""

from typing import Any

from django.db import migrations

BEFORE_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION accounts_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'The record of acts is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
"""
POSTGRESQL = """
    CREATE OR REPLACE FUNCTION accounts_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'DELETE' THEN
            IF EXISTS (
                SELECT 1 FROM accounts_auditentry AS trimming
                WHERE trimming.action = 'record_trimmed'
                    AND trimming.created_at BETWEEN statement_timestamp() - interval '1 minute'
                        AND statement_timestamp() + interval '1 minute'
                    AND jsonb_typeof(trimming.changes -> 'kept_days') = 'number'
                    AND (trimming.changes ->> 'kept_days')::numeric >= 30
                    AND OLD.created_at < date_trunc('second', trimming.created_at)
                        - make_interval(days => (trimming.changes ->> 'kept_days')::numeric::int)
            ) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'The record of acts is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
"""
# Times are texts here, which compare as they should, and datetime() leaves out what is less than a second.
SQLITE = """
    CREATE TRIGGER accounts_record_no_delete BEFORE DELETE ON accounts_auditentry FOR EACH ROW
    WHEN NOT EXISTS (
        SELECT 1 FROM accounts_auditentry AS trimming
        WHERE trimming.action = 'record_trimmed'
            AND trimming.created_at BETWEEN datetime('now', '-1 minute') AND datetime('now', '+1 minute')
            AND json_type(trimming.changes, '$.kept_days') = 'integer'
            AND json_extract(trimming.changes, '$.kept_days') >= 30
            AND OLD.created_at < datetime(
                trimming.created_at, '-' || json_extract(trimming.changes, '$.kept_days') || ' days'
            )
    )
    BEGIN SELECT RAISE(ABORT, 'The record of acts is append-only: DELETE refused.'); END
"""
BEFORE_SQLITE = """
    CREATE TRIGGER accounts_record_no_delete BEFORE DELETE ON accounts_auditentry FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'The record of acts is append-only: DELETE refused.'); END
"""
DROP_SQLITE = "DROP TRIGGER accounts_record_no_delete"


def permit_trimming(apps: Any, schema_editor: Any) -> None:
    _execute(schema_editor, {"postgresql": [POSTGRESQL], "sqlite": [DROP_SQLITE, SQLITE]})


def undo(apps: Any, schema_editor: Any) -> None:
    _execute(schema_editor, {"postgresql": [BEFORE_POSTGRESQL], "sqlite": [DROP_SQLITE, BEFORE_SQLITE]})


def _execute(schema_editor: Any, statements: dict[str, list[str]]) -> None:
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_record")]
    operations = [migrations.RunPython(permit_trimming, undo)]
