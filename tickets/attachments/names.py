"""What attached files are called: names that can be saved anywhere and hide nothing, in every script."""

from __future__ import annotations

import re
from unicodedata import normalize
from urllib.parse import quote

from tickets.texts.characters import FILLERS, WITHOUT_WIDTH, is_invisible, stream_safe

UNNAMED = "attachment"
NAME_LENGTH = 200  # characters
NAME_BYTES = 240  # in UTF-8; file systems take 255, and browsers add to it
EXTENSION_LENGTH = 20
# Of what is sent as a name, the end counts.
MOST_SENT = 2_000

# What no file system takes or nobody sees. The two joiners, without which Persian and Indic names are misspelt, stay.
_JOINERS = "\u200c\u200d"
_HIDDEN = re.compile(rf"(?![{_JOINERS}])[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{WITHOUT_WIDTH}{FILLERS}]")
_REFUSED_BY_WINDOWS = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_AROUND = " ."  # dots in front hide a file, and Windows drops what stands behind

# RFC 8187: what stands for itself in `filename*`; and what does in a quoted `filename` for every reader of it.
_ATTRIBUTE = "!#$&+-.^_`|~"
_NOT_PLAIN = re.compile(r"""[^A-Za-z0-9 !#$&'()+,\-.=@\[\]^_`{}~]""")


def safe_name(sent: str) -> str:
    """A name for a file that its sender calls so: without folders, of 1 to NAME_LENGTH characters that can be seen."""
    last = re.split(r"[/\\]", sent[-MOST_SENT:])[-1]
    # Control characters that are spaces, such as a tab, are taken for such before all others go.
    name = _HIDDEN.sub("", _SPACES.sub(" ", last))
    name = normalize("NFC", stream_safe(_REFUSED_BY_WINDOWS.sub("_", name))).strip(_AROUND)
    name = _shortened(_DEVICE.sub(r"_\1", name, count=1) if _DEVICE.match(name) else name)
    return UNNAMED if is_invisible(name) else name


def disposition(name: str, *, inline: bool = False) -> str:
    """The header Content-Disposition by which a file is saved under this name (RFC 6266).

    Where the name has more than plain characters, it stands there twice: for those that can read it and for the others.
    """
    plain = _NOT_PLAIN.sub("_", name)
    header = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE)}"


def _shortened(name: str) -> str:
    """At most NAME_LENGTH characters and NAME_BYTES bytes, with the same extension."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > EXTENSION_LENGTH:
        stem, dot, extension = name, "", ""
    stem = stem[: NAME_LENGTH - len(dot + extension)]
    room = NAME_BYTES - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(_AROUND) + dot + extension
