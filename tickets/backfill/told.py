"""What people would have been told of what lies in the past."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from accounts.models import Role, User
from config.database import statistics
from tickets.following.models import FollowChoice
from tickets.following.reading import connected_with
from tickets.inbox.models import Told
from tickets.models import Comment, HistoryEntry, Mention, Ticket

# As tickets/inbox/telling.py does it, but that who follows a ticket now is taken to have followed it all the time.
_TELL = f"""
INSERT INTO {Told._meta.db_table} (
    user_id, ticket_id, comment_id, entry_id, kind, created_at, is_read, mail_attempts
)
WITH followers (ticket_id, user_id) AS ({{people}}),
things (by_id, user_id, ticket_id, comment_id, entry_id, kind, created_at) AS (
    SELECT entry.user_id, followers.user_id, entry.ticket_id, CAST(NULL AS uuid), entry.id,
        CASE WHEN entry.action = 'deleted' THEN 'DELETED' WHEN entry.action = 'restored' THEN 'RESTORED'
            WHEN entry.to_status = 'REVIEW' THEN 'SENT_BACK' WHEN entry.to_status = 'PENDING' THEN 'APPROVED'
            ELSE 'MOVED' END,
        entry.created_at
    FROM {HistoryEntry._meta.db_table} AS entry JOIN followers ON followers.ticket_id = entry.ticket_id
    WHERE entry.action NOT IN ('created', 'edited')
    UNION ALL
    SELECT entry.user_id, person.id, entry.ticket_id, CAST(NULL AS uuid), entry.id, 'DRAFT', entry.created_at
    FROM {Ticket._meta.db_table} AS ticket
        JOIN {HistoryEntry._meta.db_table} AS entry ON entry.ticket_id = ticket.id AND entry.version = ticket.version
        JOIN {User._meta.db_table} AS person ON person.role = '{Role.MANAGER}' AND person.id <> ticket.created_by_id
    WHERE ticket.status = 'DRAFT' AND ticket.deleted_at IS NULL AND entry.action <> 'restored'
    UNION ALL
    SELECT said.author_id, followers.user_id, said.ticket_id, said.id, CAST(NULL AS uuid),
        CASE WHEN EXISTS (
            SELECT 1 FROM {Mention._meta.db_table} AS mention
            WHERE mention.comment_id = said.id AND mention.person_id = followers.user_id
        ) THEN 'NAMED' WHEN said.is_question THEN 'QUESTION' WHEN (
            SELECT own.is_question FROM {Comment._meta.db_table} AS own
            WHERE own.ticket_id = said.ticket_id AND own.author_id = followers.user_id
                AND own.created_at < said.created_at
            ORDER BY own.created_at DESC LIMIT 1
        ) THEN 'ANSWER' ELSE 'COMMENT' END,
        said.created_at
    FROM {Comment._meta.db_table} AS said JOIN followers ON followers.ticket_id = said.ticket_id
    WHERE said.removed_at IS NULL
)
SELECT things.user_id, things.ticket_id, things.comment_id, things.entry_id, things.kind, things.created_at,
    things.created_at < %s, 0
FROM things JOIN {User._meta.db_table} AS person ON person.id = things.user_id
WHERE person.is_active AND (things.by_id IS NULL OR things.by_id <> things.user_id) AND things.created_at >= %s
    AND NOT EXISTS (
        SELECT 1 FROM {FollowChoice._meta.db_table} AS choice
        WHERE choice.ticket_id = things.ticket_id AND choice.user_id = things.user_id AND NOT choice.follows
            AND things.kind NOT IN ('DRAFT', 'NAMED')
    )
ORDER BY things.created_at
"""  # noqa: S608  # nosec B608 # the names are the models'


@transaction.atomic
def backfill_told(*, since: datetime, unread_since: datetime) -> int:
    """Tell everybody of what happened since then, in their inboxes only; how many rows that is.

    For a desk on which nobody has been told of anything. What is older than `unread_since` they have read.
    """
    people, parameters = connected_with(Ticket.objects.changed_after(since).values("pk")).query.sql_with_params()
    bounds = [connection.ops.adapt_datetimefield_value(moment) for moment in (unread_since, since)]
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(people=people), [*parameters, *bounds])
        told: int = cursor.rowcount
    statistics.analyze(Told)
    return told
