"""The functions by which PostgreSQL hashes history entries, and what may be done to entries from now on, on both.

tickets/audit/hashing.py says what is hashed, and tickets/audit/sqlite.py has the functions of the same names for SQLite.

Two changes of an entry are let through. One that has no hash is given it, with nothing else changed: those from before,
and those that came in disorder. And where a row of tickets_erasure says so, an entry loses the texts that somebody wrote,
together with its salt; its hashes stay. SQLite had no trigger against changes so far, since its database is a file that
belongs to whoever runs the desk; it has the same ones now, so that a mistake is stopped there as well.

SQLite drops the triggers with the table of history when a later migration has to make it anew; such a one ends with
`protect`, `chain` of 0022 and `follow` of 0015.
"""

from typing import Any

from django.db import migrations

# STABLE where `convert_to` is no more than that: a function that promised more would not be put into the statement that
# calls it, which takes ten times as long.
FUNCTIONS = [
    "CREATE FUNCTION tickets_salt() RETURNS bytea LANGUAGE sql VOLATILE AS 'SELECT uuid_send(gen_random_uuid())'",
    """
    CREATE FUNCTION tickets_measured(text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT COALESCE(octet_length($1)::text || ':' || $1, '-') $$
    """,
    """
    CREATE FUNCTION tickets_texts_hash(salt bytea, reason text, changes jsonb, title text, description text)
    RETURNS bytea LANGUAGE sql STABLE AS $$
        SELECT sha256(salt || convert_to(
            tickets_measured(reason) || tickets_measured(changes::text)
            || tickets_measured(title) || tickets_measured(description), 'UTF8'
        ))
    $$
    """,
    """
    CREATE FUNCTION tickets_microseconds(timestamp with time zone) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT CAST(extract(epoch FROM $1) * 1000000 AS bigint)::text $$
    """,
    r"""
    CREATE FUNCTION tickets_entry_hash(
        ticket uuid, entry uuid, version integer, at timestamp with time zone, action text, actor uuid, role text,
        from_status text, to_status text, from_severity text, to_severity text, texts bytea, before bytea,
        number text, due timestamp with time zone, suggested text
    ) RETURNS bytea LANGUAGE sql STABLE AS $$
        SELECT sha256(convert_to(
            E'history-1\n' || replace(ticket::text, '-', '') || E'\n' || replace(entry::text, '-', '')
            || E'\n' || version::text || E'\n' || tickets_microseconds(at) || E'\n' || action
            || E'\n' || COALESCE(replace(actor::text, '-', ''), '-') || E'\n' || COALESCE(role, '-')
            || E'\n' || COALESCE(from_status, '-') || E'\n' || to_status
            || E'\n' || COALESCE(from_severity, '-') || E'\n' || COALESCE(to_severity, '-')
            || E'\n' || encode(texts, 'hex') || E'\n' || COALESCE(encode(before, 'hex'), '-')
            || E'\n' || COALESCE(number, '-') || E'\n' || COALESCE(tickets_microseconds(due), '-')
            || E'\n' || COALESCE(suggested, '-'), 'UTF8'
        ))
    $$
    """,
]
REFUSE = """
CREATE OR REPLACE FUNCTION tickets_history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    {let_through}
    RAISE EXCEPTION 'History is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
FIXED = "id, ticket_id, version, created_at, user_id, actor_role, action, from_status, to_status, from_severity, to_severity"
OLD, NEW = (", ".join(f"{row}.{name}" for name in FIXED.split(", ")) for row in ("OLD", "NEW"))
IS_HASHED = """
    OLD.hash IS NULL AND (OLD.salt IS NULL OR OLD.salt = NEW.salt)
    AND (OLD.texts_hash IS NULL OR OLD.texts_hash = NEW.texts_hash)
    AND {same} AND OLD.reason = NEW.reason AND OLD.changes = NEW.changes
"""
# What the product itself has written as a reason tells nothing about anybody and stays.
IS_ERASED = """
    OLD.salt IS NOT NULL AND NEW.salt IS NULL AND OLD.hash = NEW.hash AND OLD.texts_hash = NEW.texts_hash
    AND {same} AND NEW.changes = '{{}}'
    AND NEW.reason = CASE OLD.action WHEN 'severity_changed' THEN 'severity changed: (removed)' ELSE OLD.reason END
    AND EXISTS (
        SELECT 1 FROM tickets_erasure AS erasure
        WHERE erasure.ticket_id = OLD.ticket_id AND OLD.version BETWEEN erasure.first_version AND erasure.last_version
    )
"""
SAME = {
    "postgresql": f"({OLD}) IS NOT DISTINCT FROM ({NEW})",
    "sqlite": f"({OLD}) IS ({NEW})",
}
# One after the other: the first is decided without a query, a million times by the migration that follows.
LET_THROUGH = """
    IF TG_OP = 'UPDATE' THEN
        IF ({hashed}) THEN
            RETURN NEW;
        ELSIF ({erased}) THEN
            RETURN NEW;
        END IF;
    END IF;
"""
APPEND_ONLY = [
    """
    CREATE FUNCTION tickets_erasure_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' AND current_setting('service_ticket.allow_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'Removals of texts are append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER tickets_erasure_append_only BEFORE UPDATE OR DELETE ON tickets_erasure
    FOR EACH ROW EXECUTE FUNCTION tickets_erasure_refuse()
    """,
    """
    CREATE TRIGGER tickets_erasure_no_truncate BEFORE TRUNCATE ON tickets_erasure
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_erasure_refuse()
    """,
]


def _let_through(vendor: str) -> dict[str, str]:
    same = SAME[vendor]
    return {"hashed": IS_HASHED.format(same=same), "erased": IS_ERASED.format(same=same)}


def _sqlite_triggers() -> list[str]:
    refusing = "BEFORE {0} ON {1} FOR EACH ROW {2} BEGIN SELECT RAISE(ABORT, '{3} append-only: {0} refused.'); END"
    allowed = "WHEN NOT (({hashed}) OR ({erased}))".format(**_let_through("sqlite"))
    history, erasures = "History is", "Removals of texts are"
    return [
        f"CREATE TRIGGER tickets_{name} {refusing.format(*parts)}"
        for name, parts in {
            "history_no_update": ("UPDATE", "tickets_historyentry", allowed, history),
            "history_no_delete": ("DELETE", "tickets_historyentry", "", history),
            "erasure_no_update": ("UPDATE", "tickets_erasure", "", erasures),
            "erasure_no_delete": ("DELETE", "tickets_erasure", "", erasures),
        }.items()
    ]


def protect(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        let_through = LET_THROUGH.format(**_let_through("postgresql"))
        statements = [*FUNCTIONS, REFUSE.format(let_through=let_through), *APPEND_ONLY]
    else:
        _drop_sqlite_triggers(schema_editor)
        statements = _sqlite_triggers()
    for statement in statements:
        schema_editor.execute(statement, None)  # no parameters: a % is a %


def leave(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        _drop_sqlite_triggers(schema_editor)
        return
    for statement in [
        REFUSE.format(let_through=""),
        "DROP TRIGGER tickets_erasure_append_only ON tickets_erasure",
        "DROP TRIGGER tickets_erasure_no_truncate ON tickets_erasure",
        "DROP FUNCTION tickets_erasure_refuse, tickets_entry_hash, tickets_texts_hash, tickets_salt",
        "DROP FUNCTION tickets_microseconds, tickets_measured",
    ]:
        schema_editor.execute(statement, None)


def _drop_sqlite_triggers(schema_editor: Any) -> None:
    for table in ("history", "erasure"):
        for operation in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS tickets_{table}_no_{operation}", None)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0019_audit")]
    operations = [migrations.RunPython(protect, leave)]
