"""`GET /events` tells of attachments too: that a file was attached, and that it was removed.

They are told as comments are (0025): `attachment_id` and `kind` say what such an event tells of, and `as_of` which version
the ticket had then. Whoever writes an attachment, the triggers add its events, in the same transaction. What was attached
before is told now, behind all other events.

SQLite cannot change a constraint, so there the table is made anew, and with it all triggers that write to it. It drops
those on attachments with their table when a later migration has to make that anew; such a one ends with `tell`.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

before, following, commented = (
    import_module(f"tickets.migrations.{name}")
    for name in ("0013_events", "0015_events_follow", "0025_events_of_comments")
)

OF_ONE_THING = """
    CONSTRAINT event_of_one_thing CHECK (
        (version IS NOT NULL AND comment_id IS NULL AND attachment_id IS NULL AND kind IS NULL AND as_of IS NULL)
        OR (version IS NULL AND kind IS NOT NULL AND as_of IS NOT NULL AND as_of >= 1 AND (
            (comment_id IS NOT NULL AND attachment_id IS NULL
                AND kind IN ('commented', 'comment_edited', 'comment_removed'))
            OR (comment_id IS NULL AND attachment_id IS NOT NULL AND kind IN ('attached', 'attachment_removed'))
        ))
    )
"""
ONCE = """
    CREATE UNIQUE INDEX event_once_for_each_attachment ON tickets_event (attachment_id, kind)
    WHERE attachment_id IS NOT NULL
"""
POSTGRESQL = [
    f"""
    ALTER TABLE tickets_event ADD COLUMN attachment_id uuid, DROP CONSTRAINT event_of_entry_or_comment,
        ADD {OF_ONE_THING}
    """,
    ONCE,
]
POSTGRESQL_BACK = [
    "ALTER TABLE tickets_event DISABLE TRIGGER tickets_event_no_delete",
    "DELETE FROM tickets_event WHERE attachment_id IS NOT NULL",
    "ALTER TABLE tickets_event ENABLE TRIGGER tickets_event_no_delete",
    "ALTER TABLE tickets_event DROP CONSTRAINT event_of_one_thing",
    f"ALTER TABLE tickets_event DROP COLUMN attachment_id, ADD {commented.OF_ENTRY_OR_COMMENT}",
]
SQLITE_TABLE = commented.SQLITE_TABLE.replace(
    commented.OF_ENTRY_OR_COMMENT.replace("event_of_entry_or_comment", '"event_of_entry_or_comment"'),
    OF_ONE_THING.replace("event_of_one_thing", '"event_of_one_thing"'),
).replace("comment_id char(32),", "comment_id char(32),\n        attachment_id char(32),")
COLUMNS = "id, ticket_id, version, at, position, mark, comment_id, kind, as_of"
COPY = f"INSERT INTO tickets_event ({COLUMNS}) SELECT {COLUMNS} FROM tickets_event_before WHERE {{which}}"  # noqa: S608

# What is told of an attachment, and which of its columns says when that was, if ever.
TOLD = {"attached": "created_at", "attachment_removed": "removed_at"}
ADD = """
    INSERT INTO tickets_event (ticket_id, at, attachment_id, kind, as_of{more})
    SELECT {row}.ticket_id, {row}.{time}, {row}.id, '{kind}',
        COALESCE((SELECT version FROM tickets_ticket WHERE id = {row}.ticket_id), 1){values}
    {source} WHERE {row}.{time} IS NOT NULL
"""
ALL = "FROM tickets_attachment AS attachment"
UNTOLD = "AND NOT EXISTS (SELECT 1 FROM tickets_event WHERE attachment_id = attachment.id AND kind = '{kind}')"
# Behind one another, where many are told at once.
PLACES = """,
    (SELECT COALESCE(MAX(position), 0) FROM tickets_event) + ROW_NUMBER() OVER (ORDER BY attachment.created_at), random()
"""
CHANGED = "(OLD.comment_id, OLD.attachment_id, OLD.kind, OLD.as_of)"
CHANGE = "(NEW.comment_id, NEW.attachment_id, NEW.kind, NEW.as_of)"


def _add(kind: str, vendor: str) -> str:
    more, values = {"postgresql": ("", ""), "sqlite": (", position, mark", commented.PLACE)}[vendor]
    return ADD.format(row="NEW", time=TOLD[kind], kind=kind, more=more, values=values, source="") + ";"


def _postgresql_triggers() -> list[str]:
    return [
        f"""
        CREATE FUNCTION tickets_event_of_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {"".join(_add(kind, "postgresql") for kind in TOLD)}
            ELSIF OLD.removed_at IS DISTINCT FROM NEW.removed_at THEN
                {_add("attachment_removed", "postgresql")}
            END IF;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER tickets_event_attached AFTER INSERT OR UPDATE OF removed_at ON tickets_attachment
        FOR EACH ROW EXECUTE FUNCTION tickets_event_of_attachment()
        """,
        f"""
        CREATE TRIGGER tickets_event_no_change BEFORE UPDATE ON tickets_event FOR EACH ROW
        WHEN ({CHANGED} IS DISTINCT FROM {CHANGE}) EXECUTE FUNCTION tickets_event_refuse()
        """,
    ]


def _sqlite_triggers() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'Events are append-only: UPDATE refused.'); END"
    return [
        f"""
        CREATE TRIGGER tickets_event_attached AFTER INSERT ON tickets_attachment FOR EACH ROW
        BEGIN {"".join(_add(kind, "sqlite") for kind in TOLD)} END
        """,
        f"""
        CREATE TRIGGER tickets_event_attachment_removed AFTER UPDATE OF removed_at ON tickets_attachment FOR EACH ROW
        WHEN OLD.removed_at IS NOT NEW.removed_at BEGIN {_add("attachment_removed", "sqlite")} END
        """,
        f"""
        CREATE TRIGGER tickets_event_no_change BEFORE UPDATE ON tickets_event FOR EACH ROW
        WHEN {CHANGED} IS NOT {CHANGE} {refuse}
        """,
    ]


def widen(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, ["DROP TRIGGER tickets_event_no_change ON tickets_event", *POSTGRESQL])
        return
    commented.be_silent(apps, schema_editor)
    _make_anew(apps, schema_editor, SQLITE_TABLE, which="true")
    _run(schema_editor, [commented.ONCE, ONCE])
    commented.tell(apps, schema_editor)
    _run(schema_editor, ["DROP TRIGGER tickets_event_no_change"])


def narrow(apps: Any, schema_editor: Any) -> None:
    """Takes the events of attachments away, so that positions have gaps."""
    if schema_editor.connection.vendor == "postgresql":
        change = commented.NO_CHANGE.format(differs="IS DISTINCT FROM")
        again = f"""
            CREATE TRIGGER tickets_event_no_change BEFORE UPDATE ON tickets_event
            FOR EACH ROW WHEN ({change}) EXECUTE FUNCTION tickets_event_refuse()
        """
        _run(schema_editor, [*POSTGRESQL_BACK, again])
        return
    for name in ("commented", "comment_edited", "comment_removed"):
        _run(schema_editor, [f"DROP TRIGGER tickets_event_{name}"])
    _run(schema_editor, ["DROP INDEX event_once_for_each_attachment"])
    _make_anew(apps, schema_editor, commented.SQLITE_TABLE, which="attachment_id IS NULL")
    _run(schema_editor, [commented.ONCE])
    commented.tell(apps, schema_editor)


def _make_anew(apps: Any, schema_editor: Any, statement: str, *, which: str) -> None:
    """The triggers of 0015 go first, since SQLite would take them for those of the table that is renamed."""
    following.leave(apps, schema_editor)
    _run(schema_editor, ["DROP INDEX event_position_unique", "DROP INDEX event_once_for_each_comment"])
    _run(schema_editor, ["ALTER TABLE tickets_event RENAME TO tickets_event_before", statement])
    _run(schema_editor, [COPY.format(which=which), "DROP TABLE tickets_event_before", before.SQLITE[1]])
    following.follow(apps, schema_editor)


def tell(apps: Any, schema_editor: Any) -> None:
    """Of what is written from now on, and of what is there."""
    vendor = schema_editor.connection.vendor
    _run(schema_editor, {"postgresql": _postgresql_triggers, "sqlite": _sqlite_triggers}[vendor]())
    more, values = {"postgresql": ("", ""), "sqlite": (", position, mark", PLACES)}[vendor]
    for kind, time in TOLD.items():
        add = (ADD + UNTOLD).format(row="attachment", time=time, kind=kind, more=more, values=values, source=ALL)
        _run(schema_editor, [add])


def be_silent(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, ["DROP TRIGGER tickets_event_attached ON tickets_attachment"])
        _run(schema_editor, ["DROP FUNCTION tickets_event_of_attachment"])
        _run(schema_editor, ["DROP TRIGGER tickets_event_no_change ON tickets_event"])
        return
    for name in ("attached", "attachment_removed", "no_change"):
        _run(schema_editor, [f"DROP TRIGGER tickets_event_{name}"])


def _run(schema_editor: Any, statements: list[str]) -> None:
    for statement in statements:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


class Migration(migrations.Migration):
    dependencies = [("tickets", "0032_uploads")]
    operations = [migrations.RunPython(widen, narrow), migrations.RunPython(tell, be_silent)]
