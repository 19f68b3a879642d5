"""Renews a person's security stamp when password, role or active flag change, whoever changes them, and only then.

On SQLite a later migration that rebuilds the table loses the trigger and has to create it again.
"""

from typing import Any

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION accounts_user_renew_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.security_stamp := CASE
            WHEN (OLD.password, OLD.role, OLD.is_active) IS DISTINCT FROM (NEW.password, NEW.role, NEW.is_active)
            THEN gen_random_uuid()
            ELSE OLD.security_stamp
        END;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER accounts_user_renew_stamp BEFORE UPDATE ON accounts_user FOR EACH ROW
    EXECUTE FUNCTION accounts_user_renew_stamp()
    """,
]
SQLITE = [
    """
    CREATE TRIGGER accounts_user_renew_stamp
    AFTER UPDATE OF password, role, is_active, security_stamp ON accounts_user FOR EACH ROW
    BEGIN
        UPDATE accounts_user SET security_stamp = CASE
            WHEN OLD.password <> NEW.password OR OLD.role <> NEW.role OR OLD.is_active <> NEW.is_active
            THEN lower(hex(randomblob(16)))
            ELSE OLD.security_stamp
        END
        WHERE id = NEW.id;
    END
    """,
]


def create(apps: Any, schema_editor: Any) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER accounts_user_renew_stamp ON accounts_user")
        schema_editor.execute("DROP FUNCTION accounts_user_renew_stamp")
    else:
        schema_editor.execute("DROP TRIGGER accounts_user_renew_stamp")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
