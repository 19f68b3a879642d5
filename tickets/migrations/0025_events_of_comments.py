"""`GET /events` tells of comments too: that one was written, edited or removed.

Such an event has no version of its own, since no comment makes one. `comment_id` and `kind` say what it tells of, and
`as_of` which version the ticket had then. All else is read from the comment, as that of other events is from history.
Whoever writes a comment, the triggers add its events, in the same transaction. `loaddata` may bring it before its
ticket; then nobody can say which version the ticket had, and it counts as the first.

SQLite cannot let a column be null that could not, so there the table is made anew. It drops the triggers on comments
with their table when a later migration has to make that anew; such a one ends with `tell`.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

table, following = (import_module(f"tickets.migrations.{name}") for name in ("0013_events", "0015_events_follow"))

EDITED = "comment_edited"
OF_ENTRY_OR_COMMENT = f"""
    CONSTRAINT event_of_entry_or_comment CHECK (
        (version IS NOT NULL AND comment_id IS NULL AND kind IS NULL AND as_of IS NULL)
        OR (version IS NULL AND comment_id IS NOT NULL AND kind IS NOT NULL AND as_of IS NOT NULL AND as_of >= 1
            AND kind IN ('commented', '{EDITED}', 'comment_removed'))
    )
"""
ONCE = f"CREATE UNIQUE INDEX event_once_for_each_comment ON tickets_event (comment_id, kind) WHERE kind <> '{EDITED}'"
WAITING = "CREATE INDEX event_unnumbered ON tickets_event ({order}) WHERE position IS NULL"
POSTGRESQL = [
    f"""
    ALTER TABLE tickets_event ALTER COLUMN version DROP NOT NULL, ADD COLUMN comment_id uuid, ADD COLUMN kind text,
        ADD COLUMN as_of integer, ADD {OF_ENTRY_OR_COMMENT}
    """,
    "DROP INDEX event_unnumbered",
    WAITING.format(order="at, COALESCE(version, as_of), id"),
    ONCE,
]
POSTGRESQL_BACK = [
    "ALTER TABLE tickets_event DISABLE TRIGGER tickets_event_no_delete",
    "DELETE FROM tickets_event WHERE version IS NULL",
    "ALTER TABLE tickets_event ENABLE TRIGGER tickets_event_no_delete",
    "DROP INDEX event_unnumbered",
    """
    ALTER TABLE tickets_event DROP COLUMN comment_id, DROP COLUMN kind, DROP COLUMN as_of,
        ALTER COLUMN version SET NOT NULL
    """,
    WAITING.format(order="at, version, id"),
]
SQLITE_TABLE = f"""
    CREATE TABLE tickets_event (
        id integer PRIMARY KEY,
        ticket_id char(32) NOT NULL,
        version integer,
        at text NOT NULL,
        position integer NOT NULL,
        mark integer NOT NULL,
        comment_id char(32),
        kind text,
        as_of integer,
        CONSTRAINT "event_one_for_each_version" UNIQUE (ticket_id, version),
        CONSTRAINT "event_position_from_one" CHECK (position >= 1),
        CONSTRAINT "event_marked_with_position" CHECK ((position IS NULL) = (mark IS NULL)),
        {OF_ENTRY_OR_COMMENT.replace("event_of_entry_or_comment", '"event_of_entry_or_comment"')}
    )
"""
COPY = """
    INSERT INTO tickets_event (id, ticket_id, version, at, position, mark)
    SELECT id, ticket_id, version, at, position, mark FROM tickets_event_before WHERE version IS NOT NULL
"""

# What is told of a comment, and which of its columns says when that was, if ever.
TOLD = {
    "commented": "created_at",
    EDITED: "edited_at",
    "comment_removed": "removed_at",
}
ADD = """
    INSERT INTO tickets_event (ticket_id, at, comment_id, kind, as_of{more})
    SELECT NEW.ticket_id, NEW.{time}, NEW.id, '{kind}',
        COALESCE((SELECT version FROM tickets_ticket WHERE id = NEW.ticket_id), 1){values}
    WHERE NEW.{time} IS NOT NULL;
"""
PLACE = ", (SELECT COALESCE(MAX(position), 0) + 1 FROM tickets_event), random()"
NO_CHANGE = "(OLD.comment_id, OLD.kind, OLD.as_of) {differs} (NEW.comment_id, NEW.kind, NEW.as_of)"


def _add(kind: str, vendor: str) -> str:
    more, values = {"postgresql": ("", ""), "sqlite": (", position, mark", PLACE)}[vendor]
    return ADD.format(time=TOLD[kind], kind=kind, more=more, values=values)


def _postgresql_triggers() -> list[str]:
    later = "".join(
        f"IF OLD.{TOLD[kind]} IS DISTINCT FROM NEW.{TOLD[kind]} THEN {_add(kind, 'postgresql')} END IF;"
        for kind in (EDITED, "comment_removed")
    )
    return [
        f"""
        CREATE FUNCTION tickets_event_of_comment() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {"".join(_add(kind, "postgresql") for kind in TOLD)}
            ELSE
                {later}
            END IF;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER tickets_event_commented AFTER INSERT OR UPDATE OF edited_at, removed_at ON tickets_comment
        FOR EACH ROW EXECUTE FUNCTION tickets_event_of_comment()
        """,
        f"""
        CREATE TRIGGER tickets_event_no_change BEFORE UPDATE ON tickets_event
        FOR EACH ROW WHEN ({NO_CHANGE.format(differs="IS DISTINCT FROM")}) EXECUTE FUNCTION tickets_event_refuse()
        """,
    ]


def _sqlite_triggers() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'Events are append-only: UPDATE refused.'); END"
    return [
        f"""
        CREATE TRIGGER tickets_event_commented AFTER INSERT ON tickets_comment FOR EACH ROW
        BEGIN {"".join(_add(kind, "sqlite") for kind in TOLD)} END
        """,
        *(
            f"""
            CREATE TRIGGER tickets_event_{kind} AFTER UPDATE OF {TOLD[kind]} ON tickets_comment FOR EACH ROW
            WHEN OLD.{TOLD[kind]} IS NOT NEW.{TOLD[kind]} BEGIN {_add(kind, "sqlite")} END
            """
            for kind in (EDITED, "comment_removed")
        ),
        f"""
        CREATE TRIGGER tickets_event_no_change BEFORE UPDATE ON tickets_event FOR EACH ROW
        WHEN {NO_CHANGE.format(differs="IS NOT")} {refuse}
        """,
    ]


def widen(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRESQL)
        return
    _make_anew(apps, schema_editor, SQLITE_TABLE)
    _run(schema_editor, [ONCE])


def narrow(apps: Any, schema_editor: Any) -> None:
    """Takes the events of comments away, so that positions have gaps."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRESQL_BACK)
        return
    _make_anew(apps, schema_editor, table.SQLITE[0])


def _make_anew(apps: Any, schema_editor: Any, statement: str) -> None:
    """The triggers of 0015 go first, since SQLite would take them for those of the table that is renamed."""
    following.leave(apps, schema_editor)
    _run(schema_editor, ["DROP INDEX event_position_unique", "DROP INDEX IF EXISTS event_once_for_each_comment"])
    _run(schema_editor, ["ALTER TABLE tickets_event RENAME TO tickets_event_before", statement, COPY])
    _run(schema_editor, ["DROP TABLE tickets_event_before", table.SQLITE[1]])
    following.follow(apps, schema_editor)


def tell(apps: Any, schema_editor: Any) -> None:
    triggers = {"postgresql": _postgresql_triggers, "sqlite": _sqlite_triggers}
    _run(schema_editor, triggers[schema_editor.connection.vendor]())


def be_silent(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, ["DROP TRIGGER tickets_event_commented ON tickets_comment"])
        _run(schema_editor, ["DROP FUNCTION tickets_event_of_comment"])
        _run(schema_editor, ["DROP TRIGGER tickets_event_no_change ON tickets_event"])
        return
    for name in ("commented", EDITED, "comment_removed", "no_change"):
        _run(schema_editor, [f"DROP TRIGGER tickets_event_{name}"])


def _run(schema_editor: Any, statements: list[str]) -> None:
    for statement in statements:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


class Migration(migrations.Migration):
    dependencies = [("tickets", "0024_comment_versions_kept")]
    operations = [migrations.RunPython(widen, narrow), migrations.RunPython(tell, be_silent)]
