"""Lets a renewed hash of an unchanged password end nothing, and keeps the record of acts from being changed.

0003 has rebuilt the table of people on SQLite, where that loses its trigger. A later migration that rebuilds one of
these tables there has to create the triggers again. On PostgreSQL, a session with service_ticket.allow_truncate = 'on'
may empty the record, as tests need.
"""

from typing import Any

from django.db import migrations

RENEW_STAMP_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION accounts_user_renew_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.security_stamp := CASE
            WHEN (OLD.role, OLD.is_active) IS DISTINCT FROM (NEW.role, NEW.is_active)
                OR (OLD.password <> NEW.password AND NEW.hash_renewals <> OLD.hash_renewals + 1)
            THEN gen_random_uuid()
            ELSE OLD.security_stamp
        END;
        RETURN NEW;
    END $$
"""
RENEW_STAMP_SQLITE = """
    CREATE TRIGGER accounts_user_renew_stamp
    AFTER UPDATE OF password, role, is_active, security_stamp ON accounts_user FOR EACH ROW
    BEGIN
        UPDATE accounts_user SET security_stamp = CASE
            WHEN OLD.role <> NEW.role OR OLD.is_active <> NEW.is_active
                OR (OLD.password <> NEW.password AND NEW.hash_renewals <> OLD.hash_renewals + 1)
            THEN lower(hex(randomblob(16)))
            ELSE OLD.security_stamp
        END
        WHERE id = NEW.id;
    END
"""
# Of before: any other hash is another password.
RENEW_STAMP_ALWAYS = "AND NEW.hash_renewals <> OLD.hash_renewals + 1"

POSTGRESQL = [
    RENEW_STAMP_POSTGRESQL,
    """
    CREATE FUNCTION accounts_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'The record of acts is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER accounts_record_append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_record_refuse()
    """,
    """
    CREATE TRIGGER accounts_record_no_truncate BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_record_refuse()
    """,
]
SQLITE = [
    "DROP TRIGGER IF EXISTS accounts_user_renew_stamp",
    RENEW_STAMP_SQLITE,
    """
    CREATE TRIGGER accounts_record_no_update BEFORE UPDATE ON accounts_auditentry FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'The record of acts is append-only: UPDATE refused.'); END
    """,
    """
    CREATE TRIGGER accounts_record_no_delete BEFORE DELETE ON accounts_auditentry FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'The record of acts is append-only: DELETE refused.'); END
    """,
]
UNDO = {
    "postgresql": [
        "DROP TRIGGER accounts_record_no_truncate ON accounts_auditentry",
        "DROP TRIGGER accounts_record_append_only ON accounts_auditentry",
        "DROP FUNCTION accounts_record_refuse",
        RENEW_STAMP_POSTGRESQL.replace(RENEW_STAMP_ALWAYS, ""),
    ],
    "sqlite": [
        "DROP TRIGGER accounts_record_no_delete",
        "DROP TRIGGER accounts_record_no_update",
        "DROP TRIGGER accounts_user_renew_stamp",
        RENEW_STAMP_SQLITE.replace(RENEW_STAMP_ALWAYS, ""),
    ],
}


def create(apps: Any, schema_editor: Any) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


def undo(apps: Any, schema_editor: Any) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_acts_on_people")]
    operations = [migrations.RunPython(create, undo)]
