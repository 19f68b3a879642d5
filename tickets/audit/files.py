"""Whether what is attached to tickets is kept, byte for byte. Files have no snapshot, and may be removed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from config import folders
from config.audit.findings import Finding, Scope
from config.errors import StorageUnavailable
from config.folders import fingerprint
from tickets.attachments import storage
from tickets.models import Attachment

COMPARE = "Something other than this product has changed the file or the database: compare with a backup."
MISSING = "See that ATTACHMENT_STORAGE is that of the server. If it is, files were taken away: look in a backup."
AT_ONCE = 500


def check(scope: Scope) -> Iterator[Finding]:
    """Each attachment that was not removed has its bytes, with the size and the SHA-256 that its row says.

    Where the whole folder is missing, as where the command has another ATTACHMENT_STORAGE than the server, that is one
    finding and not one for each.
    """
    problems = _problems(scope)
    folder = folders.missing_folder(storage.ALIAS)
    if folder is None:
        yield from problems
    elif missed := sum(1 for _problem in problems):
        problem = f"It is not there or empty, and {missed} attachments should be in it."
        yield Finding(f"folder {folder}", problem, MISSING)


def _problems(scope: Scope) -> Iterator[Finding]:
    kept = Attachment.objects.present().select_related("ticket").defer("ticket__description").order_by("pk")
    if scope.ticket:
        kept = kept.filter(ticket__ticket_number=scope.ticket)
    for attachment in kept.iterator(AT_ONCE):
        scope.count(attachments=1)
        problem, advice = _problem_of(attachment)
        if problem and Attachment.objects.present().filter(pk=attachment.pk).exists():
            what = f"Its attachment {attachment.pk} ({attachment.file_name})"
            yield Finding(attachment.ticket.ticket_number, f"{what} {problem}.", advice)


def _problem_of(attachment: Attachment) -> tuple[str, str]:
    """What is wrong with its file, and what to do; nothing where nothing is."""
    try:
        with storage.kept_file(attachment.pk) as file:
            found = fingerprint(file)
    except (StorageUnavailable, OSError) as error:
        return f"cannot be read: {error}", MISSING
    if (found.size, found.sha256) != (attachment.size, attachment.sha256):
        return "is not the file that was kept", COMPARE
    return "", ""
