"""Rows of attachments are only ever added, on both databases, and each stays as it is until it says who removed it.

Where a row of tickets_erasure says that all texts of the ticket were removed for the law's sake, its name and its hash may
be replaced. An attachment of a comment is on the ticket of that comment; `loaddata` may bring it before the comment.

SQLite drops the triggers with their table when a later migration has to make it anew; such a one ends with `protect`.
"""

from typing import Any

from django.db import migrations

REMOVED = "(removed)"  # as tickets/audit/removed.py has it
NO_HASH = "0" * 64
SAME = " AND ".join(
    f"NEW.{name} = OLD.{name}" for name in ("id", "ticket_id", "content_type", "size", "uploaded_by_id", "created_at")
)
SAME_OR_NULL = " AND ".join(
    f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in ("comment_id", "preview_width", "preview_height")
)
IS_REMOVED = """
    NEW.removed_at IS NOT NULL AND (OLD.removed_at IS NULL
        OR (NEW.removed_at = OLD.removed_at AND NEW.removed_by_id = OLD.removed_by_id))
"""
IS_ERASED = f"""
    NEW.file_name = '{REMOVED}' AND NEW.sha256 = '{NO_HASH}'
    AND EXISTS (SELECT 1 FROM tickets_erasure WHERE ticket_id = OLD.ticket_id AND first_version = 1)
"""  # noqa: S608 - the words above
MAY_CHANGE = f"""
    {SAME} AND {SAME_OR_NULL} AND {IS_REMOVED}
    AND ((NEW.file_name = OLD.file_name AND NEW.sha256 = OLD.sha256) OR ({IS_ERASED}))
"""
ELSEWHERE = "EXISTS (SELECT 1 FROM tickets_comment WHERE id = NEW.comment_id AND ticket_id <> NEW.ticket_id)"
ON_ANOTHER_TICKET = "The comment of an attachment is on another ticket."
POSTGRESQL = [
    f"""
    CREATE FUNCTION tickets_attachment_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF ({MAY_CHANGE}) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'Attachments are append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION tickets_attachment_check() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {ELSEWHERE} THEN
            RAISE EXCEPTION '{ON_ANOTHER_TICKET}' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tickets_attachment_append_only BEFORE UPDATE OR DELETE ON tickets_attachment
    FOR EACH ROW EXECUTE FUNCTION tickets_attachment_refuse()
    """,
    """
    CREATE TRIGGER tickets_attachment_no_truncate BEFORE TRUNCATE ON tickets_attachment
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_attachment_refuse()
    """,
    """
    CREATE TRIGGER tickets_attachment_of_comment BEFORE INSERT ON tickets_attachment
    FOR EACH ROW WHEN (NEW.comment_id IS NOT NULL) EXECUTE FUNCTION tickets_attachment_check()
    """,
]
SQLITE = [
    f"""
    CREATE TRIGGER tickets_attachment_no_update BEFORE UPDATE ON tickets_attachment FOR EACH ROW
    WHEN NOT ({MAY_CHANGE}) BEGIN SELECT RAISE(ABORT, 'Attachments are append-only: UPDATE refused.'); END
    """.replace("IS NOT DISTINCT FROM", "IS"),  # which older versions of SQLite do not know
    """
    CREATE TRIGGER tickets_attachment_no_delete BEFORE DELETE ON tickets_attachment FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'Attachments are append-only: DELETE refused.'); END
    """,
    f"""
    CREATE TRIGGER tickets_attachment_of_comment BEFORE INSERT ON tickets_attachment FOR EACH ROW
    WHEN NEW.comment_id IS NOT NULL AND {ELSEWHERE} BEGIN SELECT RAISE(ABORT, '{ON_ANOTHER_TICKET}'); END
    """,
]


def protect(apps: Any, schema_editor: Any) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


def leave(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ("append_only", "no_truncate", "of_comment"):
            schema_editor.execute(f"DROP TRIGGER tickets_attachment_{name} ON tickets_attachment", None)
        for name in ("refuse", "check"):
            schema_editor.execute(f"DROP FUNCTION tickets_attachment_{name}", None)
        return
    for name in ("no_update", "no_delete", "of_comment"):
        schema_editor.execute(f"DROP TRIGGER tickets_attachment_{name}", None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0029_attachments")]
    operations = [migrations.RunPython(protect, leave)]
