"""What files a form brings: those that have waited for it, and those that come along with it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO, Any, cast

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from accounts.models import User
from config.errors import DomainError
from config.ids import parse_uuid
from tickets.uploads import actions
from tickets.uploads.limits import MOST_OF_A_TICKET
from tickets.uploads.models import Upload

# Each has a field of its own, named for its id, so that all are kept where only one value of a field is.
WAITING = "upload-"


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not kept, and why."""

    name: str
    error: DomainError

    @property
    def words(self) -> str:
        return f"{self.name}: {self.error.message}" if self.name else str(self.error.message)


@dataclass(frozen=True, slots=True)
class SentFiles:
    """Those that wait of a person now, and those that were refused.

    `key` is the same whenever a form brings the same files, whether they wait still or not.
    """

    waiting: list[Upload]
    refused: list[Refused]
    key: str

    @classmethod
    def read(cls, user: User, fields: Mapping[str, Any], files: Iterable[UploadedFile[Any]] = ()) -> SentFiles:
        """What the fields name of what waits of this person, and `files`, each of which waits from now on as well."""
        named = _named(fields)
        waiting = list(Upload.objects.of(user).filter(pk__in=named).oldest_first()) if named else []
        new, refused = list[Upload](), list[Refused]()
        for file in files:
            name = file.name or ""
            try:
                with _on_disk(file) as content:
                    new.append(actions.keep_waiting(user, file=content, name=name))
            except DomainError as error:
                refused.append(Refused(name, error))
        key = ",".join([*sorted(map(str, named)), *sorted(upload.sha256 for upload in new)])
        return cls([*waiting, *new], refused, key)

    @property
    def ids(self) -> list[uuid.UUID]:
        return [upload.pk for upload in self.waiting]

    @property
    def fields(self) -> dict[str, str]:
        """By which a form names those that wait."""
        return {f"{WAITING}{upload.pk}": "on" for upload in self.waiting}

    @property
    def status(self) -> int:
        """Of an answer to a form that cannot be taken."""
        return self.refused[0].error.status if self.refused else HTTPStatus.UNPROCESSABLE_ENTITY


def _named(fields: Mapping[str, Any]) -> list[uuid.UUID]:
    named = list[uuid.UUID]()
    for name in fields:
        if name.startswith(WAITING):
            with suppress(ValueError):
                named.append(parse_uuid(name.removeprefix(WAITING)))
    return named[:MOST_OF_A_TICKET]


@contextmanager
def _on_disk(file: UploadedFile[Any]) -> Iterator[IO[bytes]]:
    """As a file of the file system, which other processes can read. A small one has come in memory only."""
    content = cast(IO[bytes], file.file)
    if isinstance(file, TemporaryUploadedFile):
        yield content
        return
    with TemporaryFile() as copy:
        shutil.copyfileobj(content, copy)
        yield copy
