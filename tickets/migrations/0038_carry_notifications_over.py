"""What was a notification so far, looked up in the history each time, becomes a row for each person.

All that somebody who is active has not read is carried over, and of what they have read the newest. Two statements over
all tickets take seconds at a million of them. Who had mail gets it of whatever the mail told, and who had none gets none.
"""

from typing import Any

from django.conf import settings
from django.db import migrations

from config import clock

NEWEST_READ = 500

# Authors were told of reviews and closings of their tickets, managers of the last entry of drafts that they may review.
CARRY_OVER = """
INSERT INTO tickets_told (user_id, ticket_id, entry_id, kind, created_at, is_read, mail_due_at, mail_attempts)
SELECT user_id, ticket_id, entry_id, kind, created_at, is_read, {due}, 0
FROM (
    SELECT found.*, ROW_NUMBER() OVER (PARTITION BY user_id, is_read ORDER BY created_at DESC, version DESC) AS place
    FROM (
        SELECT person.id AS user_id, entry.ticket_id, entry.id AS entry_id, entry.version, entry.created_at,
            CASE WHEN entry.to_status = 'REVIEW' THEN 'SENT_BACK' WHEN entry.to_status = 'CLOSED' THEN 'MOVED'
                ELSE 'APPROVED' END AS kind,
            entry.created_at <= person.inbox_read_at OR COALESCE(mark.version, 0) >= entry.version AS is_read,
            person.wants_mail AND entry.created_at > person.mailed_until AS is_unmailed
        FROM tickets_historyentry AS entry
            JOIN tickets_ticket AS ticket ON ticket.id = entry.ticket_id
            JOIN accounts_user AS person ON person.id = ticket.created_by_id
            LEFT JOIN tickets_readmark AS mark ON mark.user_id = person.id AND mark.ticket_id = ticket.id
        WHERE person.is_active AND ticket.deleted_at IS NULL
            AND (entry.action IN ('approved', 'severity_changed') OR entry.to_status = 'CLOSED')
            AND (entry.user_id IS NULL OR entry.user_id <> person.id)
        UNION ALL
        SELECT person.id, entry.ticket_id, entry.id, entry.version, entry.created_at, 'DRAFT',
            entry.created_at <= person.inbox_read_at OR COALESCE(mark.version, 0) >= entry.version,
            person.wants_mail AND entry.created_at > person.mailed_until
        FROM tickets_ticket AS ticket
            JOIN tickets_historyentry AS entry ON entry.ticket_id = ticket.id AND entry.version = ticket.version
            JOIN accounts_user AS person ON person.role = 'MANAGER' AND person.id <> ticket.created_by_id
            LEFT JOIN tickets_readmark AS mark ON mark.user_id = person.id AND mark.ticket_id = ticket.id
        WHERE person.is_active AND ticket.status = 'DRAFT' AND ticket.deleted_at IS NULL
            AND (entry.user_id IS NULL OR entry.user_id <> person.id)
    ) AS found
) AS placed
WHERE NOT is_read OR place <= %s
ORDER BY created_at, version
"""

# What was said and is not mailed yet to who wants mail.
STILL_DUE = """
UPDATE tickets_told SET mail_due_at = %s
WHERE entry_id IS NULL AND EXISTS (
    SELECT 1 FROM accounts_user AS person
    WHERE person.id = tickets_told.user_id AND person.is_active AND person.wants_mail
        AND tickets_told.created_at > person.mailed_until
)
"""

# Of what is mailed unless one chooses otherwise nobody is mailed who had no mail, and the other way round.
CHOSEN = """
INSERT INTO tickets_chosenway (user_id, kind, way)
SELECT person.id, kinds.kind, kinds.way
FROM accounts_user AS person JOIN (
    SELECT 'APPROVED' AS kind, 'MAIL' AS way UNION ALL SELECT 'MOVED', 'MAIL' UNION ALL SELECT 'DRAFT', 'MAIL'
    UNION ALL SELECT 'COMMENT', 'MAIL' UNION ALL SELECT 'NAMED', 'INBOX' UNION ALL SELECT 'QUESTION', 'INBOX'
    UNION ALL SELECT 'ANSWER', 'INBOX' UNION ALL SELECT 'SENT_BACK', 'INBOX'
) AS kinds ON person.wants_mail = (kinds.way = 'MAIL')
"""


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Where no mail is configured, none is due either."""
    now = schema_editor.connection.ops.adapt_datetimefield_value(clock.now())
    with schema_editor.connection.cursor() as cursor:
        if settings.HAS_MAIL:
            cursor.execute(CARRY_OVER.format(due="CASE WHEN is_unmailed THEN %s END"), [now, NEWEST_READ])
            cursor.execute(STILL_DUE, [now])
        else:
            cursor.execute(CARRY_OVER.format(due="NULL"), [NEWEST_READ])
        cursor.execute(CHOSEN)


def take_back(apps: Any, schema_editor: Any) -> None:
    """What was done is looked up in the history again."""
    schema_editor.execute("DELETE FROM tickets_told WHERE comment_id IS NULL")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0037_told_of_what_is_done"), ("accounts", "0013_inbox_defaults")]
    operations = [migrations.RunPython(carry_over, take_back, elidable=True)]
