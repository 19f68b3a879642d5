"""Each entry is hashed by the database as it is written, by whomever, and chained to the ticket's entry before it.

On PostgreSQL a trigger fills the columns before the row is written. It reads the entry before, also one of the same
statement, by the index that makes versions unique (it is told to, since a session plans this once, perhaps while the table
is empty); nobody waits for it, since whoever adds an entry holds the row of its ticket. On SQLite triggers cannot change what is being written, so it fills the columns afterwards, by functions that
every connection of the product has (tickets/audit/sqlite.py).

An entry that comes with a hash keeps it, as `loaddata` brings it. One comes with salt and texts_hash alone where whoever
writes it knows what the database cannot (tickets/backfill writes a ticket as it stands now before its first entry). One
whose entry before has no hash gets none, nor does the first one of a ticket whose texts may have been edited since:
tickets/audit/completing.py hashes those once all is there.

SQLite drops the triggers with the table of history when a later migration has to make it anew; such a one ends with
`chain`, `protect` of 0020 and `follow` of 0015.
"""

from typing import Any

from django.db import migrations

from tickets.audit.completing import complete, is_complete

POSTGRESQL = [
    """
    CREATE FUNCTION tickets_history_chain() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    DECLARE
        before bytea;
        ticket record;
    BEGIN
        IF NEW.version > 1 THEN
            SELECT entry.hash INTO before FROM tickets_historyentry AS entry
            WHERE entry.ticket_id = NEW.ticket_id AND entry.version = NEW.version - 1;
            IF before IS NULL THEN
                RETURN NEW;
            END IF;
            NEW.salt := COALESCE(NEW.salt, tickets_salt());
            NEW.texts_hash := COALESCE(
                NEW.texts_hash, tickets_texts_hash(NEW.salt, NEW.reason, NEW.changes, NULL, NULL)
            );
            NEW.hash := tickets_entry_hash(
                NEW.ticket_id, NEW.id, NEW.version, NEW.created_at, NEW.action, NEW.user_id, NEW.actor_role,
                NEW.from_status, NEW.to_status, NEW.from_severity, NEW.to_severity, NEW.texts_hash, before,
                NULL, NULL, NULL
            );
        ELSE
            SELECT * INTO ticket FROM tickets_ticket WHERE id = NEW.ticket_id;
            IF ticket.id IS NULL OR (ticket.version > 1 AND NEW.texts_hash IS NULL) THEN
                RETURN NEW;
            END IF;
            NEW.salt := COALESCE(NEW.salt, tickets_salt());
            NEW.texts_hash := COALESCE(NEW.texts_hash, tickets_texts_hash(
                NEW.salt, NEW.reason, NEW.changes, ticket.title, ticket.description
            ));
            NEW.hash := tickets_entry_hash(
                NEW.ticket_id, NEW.id, NEW.version, NEW.created_at, NEW.action, NEW.user_id, NEW.actor_role,
                NEW.from_status, NEW.to_status, NEW.from_severity, NEW.to_severity, NEW.texts_hash, NULL,
                ticket.ticket_number, ticket.due_date, ticket.ai_suggested_severity
            );
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tickets_history_chain BEFORE INSERT ON tickets_historyentry
    FOR EACH ROW WHEN (NEW.hash IS NULL) EXECUTE FUNCTION tickets_history_chain()
    """,
]
# The function makes a salt where there is none, and gives salt, hash of the texts and hash behind one another. The LIMIT
# keeps SQLite from putting the inner query into the outer one, which would call it three times, for three salts.
SQLITE_FILL = """
    UPDATE tickets_historyentry
    SET salt = substr(made.chained, 1, 16), texts_hash = substr(made.chained, 17, 32), hash = substr(made.chained, 49)
    FROM (
        SELECT tickets_chained(
            NEW.ticket_id, NEW.id, NEW.version, NEW.created_at, NEW.action, NEW.user_id, NEW.actor_role,
            NEW.from_status, NEW.to_status, NEW.from_severity, NEW.to_severity, NEW.salt, NEW.texts_hash, NEW.reason,
            NEW.changes, {known}
        ) AS chained FROM {source} LIMIT 1
    ) AS made
    WHERE tickets_historyentry.rowid = NEW.rowid;
"""
FIRST = SQLITE_FILL.format(
    known="NULL, title, description, ticket_number, due_date, ai_suggested_severity",
    source="tickets_ticket WHERE id = NEW.ticket_id AND (NEW.texts_hash IS NOT NULL OR version = 1)",
)
LATER = SQLITE_FILL.format(
    known="before.hash, NULL, NULL, NULL, NULL, NULL",
    source="""tickets_historyentry AS before
        WHERE before.ticket_id = NEW.ticket_id AND before.version = NEW.version - 1 AND before.hash IS NOT NULL""",
)
SQLITE = [
    f"""
    CREATE TRIGGER tickets_history_chain_{name} AFTER INSERT ON tickets_historyentry FOR EACH ROW
    WHEN NEW.hash IS NULL AND NEW.version {versions} BEGIN {fill} END
    """
    for name, versions, fill in (("first", "= 1", FIRST), ("later", "> 1", LATER))
]


def chain(apps: Any, schema_editor: Any) -> None:
    """Making the trigger waits on PostgreSQL for those who are writing; what they have written is hashed then."""
    if schema_editor.connection.vendor == "sqlite":
        leave(apps, schema_editor)  # nothing but the table of history loses them
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)  # no parameters: a % is a %
    if not is_complete():
        for _done in complete():
            pass


def leave(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER tickets_history_chain ON tickets_historyentry", None)
        schema_editor.execute("DROP FUNCTION tickets_history_chain", None)
        return
    for name in ("first", "later"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS tickets_history_chain_{name}", None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0021_hash_history_of_before")]
    operations = [migrations.RunPython(chain, leave)]
