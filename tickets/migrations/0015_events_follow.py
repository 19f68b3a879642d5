"""Events follow history, whoever writes it, and are only ever added.

On PostgreSQL one statement adds the events of all the entries that it has written, without positions; a position is
given once, which is the only change that an event takes. A session with service_ticket.allow_truncate = 'on', as tests
have, may empty history, and empties the events with it. On SQLite each entry gets the next position at once.

`loaddata` writes entries in the order of their ids, which is none. On PostgreSQL they are numbered by time later on. On
SQLite an entry that comes in after a later one of its ticket has those moved behind it, with new marks, so that the
versions of a ticket always rise; positions may rise and never fall, since what moves towards the end is told again and
never missed.

SQLite drops the triggers with the table of history when a later migration has to make it anew; such a one ends with
`follow`, which also adds the events of what was written without them.
"""

from typing import Any

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION tickets_event_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            TRUNCATE tickets_event;
        ELSE
            INSERT INTO tickets_event (ticket_id, version, at) SELECT ticket_id, version, created_at FROM after;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER tickets_event_insert AFTER INSERT ON tickets_historyentry REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_event_follow()
    """,
    """
    CREATE TRIGGER tickets_event_truncate AFTER TRUNCATE ON tickets_historyentry
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_event_follow()
    """,
    """
    CREATE FUNCTION tickets_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'Events are append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER tickets_event_no_update BEFORE UPDATE ON tickets_event FOR EACH ROW WHEN (
        OLD.position IS NOT NULL OR NEW.position IS NULL
        OR (OLD.id, OLD.ticket_id, OLD.version, OLD.at) IS DISTINCT FROM (NEW.id, NEW.ticket_id, NEW.version, NEW.at)
    ) EXECUTE FUNCTION tickets_event_refuse()
    """,
    """
    CREATE TRIGGER tickets_event_no_delete BEFORE DELETE ON tickets_event
    FOR EACH ROW EXECUTE FUNCTION tickets_event_refuse()
    """,
    """
    CREATE TRIGGER tickets_event_no_truncate BEFORE TRUNCATE ON tickets_event
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_event_refuse()
    """,
]
SQLITE = [
    """
    CREATE TRIGGER tickets_event_insert AFTER INSERT ON tickets_historyentry FOR EACH ROW
    BEGIN
        INSERT INTO tickets_event (ticket_id, version, at, position, mark)
        SELECT NEW.ticket_id, NEW.version, NEW.created_at, COALESCE(MAX(position), 0) + 1, random() FROM tickets_event;
        UPDATE tickets_event SET mark = random(), position = version - NEW.version + (
            SELECT position FROM tickets_event AS this
            WHERE this.ticket_id = NEW.ticket_id AND this.version = NEW.version
        ) WHERE ticket_id = NEW.ticket_id AND version > NEW.version;
    END
    """,
    """
    CREATE TRIGGER tickets_event_no_update BEFORE UPDATE ON tickets_event FOR EACH ROW
    WHEN NEW.position <= OLD.position OR NEW.mark = OLD.mark
        OR (OLD.id, OLD.ticket_id, OLD.version, OLD.at) IS NOT (NEW.id, NEW.ticket_id, NEW.version, NEW.at)
    BEGIN SELECT RAISE(ABORT, 'Events are append-only: UPDATE refused.'); END
    """,
    """
    CREATE TRIGGER tickets_event_no_delete BEFORE DELETE ON tickets_event FOR EACH ROW
    BEGIN SELECT RAISE(ABORT, 'Events are append-only: DELETE refused.'); END
    """,
]
# Making the triggers has waited on PostgreSQL for those who were writing, and now sees what they have written.
ADD_WHAT_IS_MISSING = """
    INSERT INTO tickets_event (ticket_id, version, at, position, mark)
    SELECT ticket_id, version, created_at, (SELECT COALESCE(MAX(position), 0) FROM tickets_event)
        + ROW_NUMBER() OVER (ORDER BY created_at, version, ticket_id), {mark}
    FROM tickets_historyentry AS entry WHERE NOT EXISTS (
        SELECT 1 FROM tickets_event AS event WHERE event.ticket_id = entry.ticket_id AND event.version = entry.version
    )
"""
MARK = {"postgresql": "CAST(random() * 9007199254740991 AS bigint)", "sqlite": "random()"}
ON_HISTORY, ON_EVENTS = ("insert", "truncate"), ("no_update", "no_delete", "no_truncate")


def follow(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        leave(apps, schema_editor)  # nothing but the table of history loses them
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, None)  # no parameters: a % is a %
    schema_editor.execute(ADD_WHAT_IS_MISSING.format(mark=MARK[schema_editor.connection.vendor]), None)


def leave(apps: Any, schema_editor: Any) -> None:
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table, names in (("tickets_historyentry", ON_HISTORY), ("tickets_event", ON_EVENTS)):
        for name in names:
            where = f" ON {table}" if on_postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS tickets_event_{name}{where}", None)
    if on_postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS tickets_event_follow, tickets_event_refuse", None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_events_of_before")]
    operations = [migrations.RunPython(follow, leave)]
