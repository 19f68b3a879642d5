"""Clients that poll and stream, behind PgBouncer, while the database fails over: nothing missed, none cut unseen."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.support.csv_files import count_rows
from tests.support.databases.pgbouncer import pgbouncer
from tests.support.installation import installation, kill_postmaster
from tests.support.patience import wait_until
from tests.support.poller import Poller, changes_of
from tests.support.served import Served, served

TICKETS = 2000  # in a download
NEW = {"title": "Printer", "description": "d", "dueDate": "2030-01-01", "severity": "LOW"}


class Streaming:
    """Downloads again and again; of each either all of it came, or the client noticed that it did not."""

    def __init__(self, desk: Served) -> None:
        self.desk = desk
        self.seen: Counter[str] = Counter()

    def download(self) -> None:
        try:
            answer = self.desk.api("GET", "/csv/export/pending")
        except requests.RequestException as error:
            self.seen[f"broken off: {type(error).__name__}"] += 1
            return
        if answer.status_code == 200:
            found = count_rows(answer.text)
            self.seen["whole" if found == TICKETS else f"cut to {found} rows unseen"] += 1
        else:
            self.seen[str(answer.status_code)] += 1


def create(desk: Served) -> None:
    try:
        desk.api("POST", "/tickets", json=NEW)
    except requests.RequestException:
        return


@pytest.mark.pgbouncer
def test_nothing_is_missed_or_cut_unseen_over_failovers(tmp_path: Path, long_run: bool) -> None:
    if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
        return  # it has no server that could fail over
    seconds, kills = (600, 20) if long_run else (8, 1)
    with ExitStack() as stack:
        installed = stack.enter_context(installation("postgresql", tmp_path))
        assert installed.cluster
        installed.add_tickets(TICKETS)
        url = stack.enter_context(pgbouncer(installed.cluster))
        desk = stack.enter_context(served(installed, DATABASE_URL=url, DATABASE_POOL="0"))
        poller, streaming, over = Poller(desk), Streaming(desk), threading.Event()

        def again_and_again(step: object, pause: float) -> None:
            while not over.is_set():
                step()  # type: ignore[operator]  # what the threads below are given
                over.wait(pause)

        work = [
            (poller.poll, 0.1),
            (streaming.download, 0.01),
            (streaming.download, 0.01),
            (lambda: create(desk), 0.05),
        ]
        threads = [threading.Thread(target=again_and_again, args=arguments) for arguments in work]
        for thread in threads:
            thread.start()
        for _ in range(kills):
            time.sleep(seconds / (kills + 1))
            kill_postmaster(installed)
        time.sleep(seconds / (kills + 1))
        over.set()
        for thread in threads:
            thread.join()
        until_answered(poller)
        until_whole(streaming)
        assert not [seen for seen in streaming.seen if "unseen" in seen], streaming.seen
        assert set(streaming.seen) <= {"whole", "503"} | {seen for seen in streaming.seen if "broken off" in seen}
        assert poller.known == changes_of(installed)


def until_answered(poller: Poller) -> None:
    """One complete poll, after all is quiet."""
    done = poller.polls

    def poll() -> bool:
        poller.poll()
        return poller.polls > done

    wait_until(poll)


def until_whole(streaming: Streaming) -> None:
    done = streaming.seen["whole"]

    def download() -> bool:
        streaming.download()
        return streaming.seen["whole"] > done

    wait_until(download)
