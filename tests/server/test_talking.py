"""Many processes comment, edit and attach on few tickets at once: nothing is lost or there twice, all are told once."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from tests.server.mixing.starting import clients
from tests.support.factories import associate, manager, ticket
from tests.support.server import running_server, server_environment
from tickets.attachments.storage import name_of
from tickets.inbox.models import Told
from tickets.models import Attachment, Comment, CommentVersion, Ticket, Upload

ROUNDED = 0.001  # the seconds of a note


@dataclass
class Note:
    """What somebody asked for and was told, and between which times."""

    by: str
    act: str
    ticket: str
    id: str
    fields: dict[str, Any]
    began: float
    ended: float

    @classmethod
    def of(cls, user: User, note: dict[str, Any]) -> Note:
        id = note.get("id") or (note["location"] or "").rpartition("#comment-")[2]
        began, ended = note["began"], note["began"] + note["seconds"] + ROUNDED
        return cls(str(user.pk), note["act"], note["ticket"], id, note, began, ended)


@pytest.mark.django_db(transaction=True)
def test_all_that_was_said_is_there_once_and_everybody_is_told_once(
    database_url: str, long_run: bool, tmp_path: Path
) -> None:
    size, count, seconds = (16, 10, 60.0) if long_run else (4, 3, 1.5)
    people = [(manager if number % 2 else associate)(email=f"talker-{number}@example.com") for number in range(size)]
    silent = associate()  # who has raised the tickets, and so is told of everything
    tickets = {str(made.pk): made.ticket_number for made in (ticket(author=silent) for _ in range(count))}
    before = list(Ticket.objects.order_by("pk").values())
    secrets = {"JWT_SECRET": settings.JWT_SECRET, "SECRET_KEY": settings.SECRET_KEY}
    environment = server_environment(database_url, **secrets, ATTACHMENT_STORAGE=str(tmp_path / "files"))
    with running_server(environment, workers=2) as address:
        orders = {"tickets": tickets, "emails": [user.email for user in people]}
        with clients("talker", people, tmp_path, int(address.rpartition(":")[2]), **orders) as files:
            time.sleep(seconds)

    told = {user: [json.loads(line) for line in file.read_text().splitlines()] for user, file in files.items()}
    refused = [note for notes in told.values() for note in notes if note["status"] not in (200, 201, 302)]
    assert refused == []
    notes = [Note.of(user, note) for user, each in told.items() for note in each]
    print(Counter(note.act for note in notes), Told.objects.count())
    assert {note.act for note in notes} == {"commented", "edited", "attached"}
    assert wrong_comments(notes) == []
    assert wrong_files(notes, tmp_path / "files") == []
    assert wrong_notices(notes, str(silent.pk)) == []
    assert list(Ticket.objects.order_by("pk").values()) == before
    connection.close()


def made_once(notes: list[Note], act: str) -> dict[str, Note]:
    """By id; of what was sent twice the first, since from then on it is there."""
    return {note.id: note for note in reversed(notes) if note.act == act}


def wrong_comments(notes: list[Note]) -> list[Any]:
    """Comments that are there and were not made, or the other way round; and those that say or said something else."""
    made = made_once(notes, "commented")
    texts = {id: [note.fields["text"]] for id, note in made.items()}
    for note in notes:  # each person's own stand in their order
        if note.act == "edited":
            texts[note.id].append(note.fields["text"])
    there = {
        str(comment.pk): (str(comment.author_id), str(comment.ticket_id), comment.is_question, comment.text)
        for comment in Comment.objects.all()
    }
    wanted = {id: (note.by, note.ticket, note.fields["is_question"], texts[id][-1]) for id, note in made.items()}
    kept: dict[str, list[str]] = {}
    for id, text in CommentVersion.objects.order_by("pk").values_list("comment", "text"):
        kept.setdefault(str(id), []).append(text)
    versions = {id: said[:-1] for id, said in texts.items() if len(said) > 1}
    return [
        *sorted(there.items() ^ wanted.items()),
        *(id for id in kept | versions if kept.get(id) != versions.get(id)),
    ]


def wrong_files(notes: list[Note], folder: Path) -> list[Any]:
    """The same of attachments, and those whose bytes are not those that were sent."""
    sent = [(n.by, n.ticket, n.fields["comment"], n.fields["sha256"]) for n in made_once(notes, "attached").values()]
    comments = made_once(notes, "commented").values()
    sent += [(n.by, n.ticket, n.id, n.fields["sha256"]) for n in comments if "sha256" in n.fields]
    there, wrong = list[Any](), list[Any](Upload.objects.all())
    for file in Attachment.objects.all():
        comment = file.comment_id and str(file.comment_id)
        there.append((str(file.uploaded_by_id), str(file.ticket_id), comment, file.sha256))
        if hashlib.sha256((folder / name_of(file.pk)).read_bytes()).hexdigest() != file.sha256:
            wrong.append(file)
    return [*wrong, *(Counter(there) - Counter(sent)), *(Counter(sent) - Counter(there))]


def wrong_notices(notes: list[Note], silent: str) -> list[str]:
    """Who was told of a comment less or more often than once, or need not have been told.

    One follows a ticket from when one's own comment there, or one that names oneself, is answered. While it is still
    asked for, nobody can say whether one follows already.
    """
    ids = dict(User.objects.values_list("email", "pk"))
    people = {str(id) for id in ids.values()}
    told = Counter((str(comment), str(user)) for comment, user in Told.objects.values_list("comment", "user"))
    said = {(note.id, str(ids[name])): note for note in notes for name in note.fields.get("names", ())}
    follows: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        if note.act != "attached":
            for person in [note.by, *(str(ids[name]) for name in note.fields["names"])]:
                follows.setdefault((note.ticket, person), []).append(note)
    wrong = []
    for id, comment in made_once(notes, "commented").items():
        named = {str(ids[name]) for name in comment.fields["names"]}
        for person in people - {comment.by}:
            before = follows.get((comment.ticket, person), [])
            must = person == silent or person in named or any(note.ended < comment.began for note in before)
            may = must or (id, person) in said or any(note.began < comment.ended for note in before)
            if not must <= told[id, person] <= may:
                wrong.append(f"{person} was told {told[id, person]} times of {id}: {must=} {may=}")
        if told[id, comment.by]:
            wrong.append(f"{comment.by} was told of {id}, which is their own")
    return wrong
