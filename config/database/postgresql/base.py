"""The backend that `config.env.database` names.

Django can have pooled connections checked by psycopg's pool, but that waits a second after the first that is broken,
two after the second and so on, and after a restart of the database all of them are. Here broken ones are thrown away
at once, and a check has an end: a database that is frozen, or a pooler that has none behind it, takes a question and
never answers.

No connection has its plans compiled (`jit`). PostgreSQL does so where it expects a statement to be dear, and that is
nearly every one while its statistics are those of empty tables, as in the night after a desk was filled. Compiling took
0.1 to 0.3 s for each statement of a page, all of which are done in milliseconds.
"""

from __future__ import annotations

import selectors
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import ExecStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from config.database.postgresql.gate import Gate

# How long the database may take to answer the emptiest question, and a pool to hand out a connection.
ANSWER_SECONDS = 3


class DatabaseWrapper(base.DatabaseWrapper):
    _gates: dict[str, Gate] = {}

    def _configure_connection(self, connection: psycopg.Connection[Any]) -> bool:
        connection.execute("SET jit = off")  # behind a pooler whoever gets it next wants it so as well
        super()._configure_connection(connection)  # type: ignore[misc]  # Django's stubs leave it out
        return True  # something was set, which Django commits where it has to

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that answers. Raises psycopg.OperationalError, at once while the database counts as away."""
        with self._gates.setdefault(self.alias, Gate()).open():
            end = time.monotonic() + ANSWER_SECONDS
            while True:
                try:
                    connection = super().get_new_connection(conn_params)
                except PoolTimeout as problem:
                    forget_who_gave_up(self.pool)
                    if time.monotonic() < end:
                        continue  # asking again has the pool try again; for those who only wait it does nothing
                    raise psycopg.OperationalError(f"no connection was to be had in {ANSWER_SECONDS} s") from problem
                if answers(connection, ANSWER_SECONDS):
                    return connection
                connection.close()
                if self.pool:
                    self.pool.putconn(connection)  # which replaces it
                if not self.pool or time.monotonic() > end:
                    raise psycopg.OperationalError("the database takes connections and does not answer")


def forget_who_gave_up(pool: ConnectionPool[Any]) -> None:
    """Take those who have waited in vain out of the queue of the pool.

    The pool leaves them there until it has a connection to give. While the database is away the queue would fill with
    them up to `max_waiting`, and from then on the pool refuses everybody, without trying to make a connection: a
    process that was cut off for a minute would be cut off for ever.
    """
    with pool._lock:
        for waiting in [client for client in pool._waiting if client.error]:
            pool._waiting.remove(waiting)


def answers(connection: psycopg.Connection[Any], seconds: float) -> bool:
    """Whether the database answers on this connection within so many seconds; afterwards, whether it can be used.

    By the calls of libpq, since psycopg's own wait without an end.
    """
    try:
        return _answer_is_empty(connection, time.monotonic() + seconds)
    except psycopg.Error:
        return False


def _answer_is_empty(connection: psycopg.Connection[Any], end: float) -> bool:
    pgconn = connection.pgconn
    statuses: list[int] = []
    pgconn.send_query(b"")
    with selectors.DefaultSelector() as selector:
        selector.register(pgconn.socket, selectors.EVENT_READ)
        pgconn.flush()
        while True:
            while pgconn.is_busy():
                if not selector.select(max(0.0, end - time.monotonic())):
                    return False
                pgconn.consume_input()
            if (result := pgconn.get_result()) is None:
                return statuses == [ExecStatus.EMPTY_QUERY]
            statuses.append(result.status)
