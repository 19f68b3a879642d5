"""One spelling for each e-mail, so that a mailbox has one account."""

from __future__ import annotations

import idna

LONGEST_DOMAIN = 255  # what is longer is no domain, and not worth the time


def one_spelling(email: str | None) -> str:
    """The e-mail in lower case and without spaces around; an international domain as people write it.

    Browsers send `bücher.example` as `xn--bcher-kva.example`: both are `bücher.example` here. What is no domain stays.
    """
    text = (email or "").strip().lower()
    local, at, domain = text.rpartition("@")
    return f"{local}@{_domain(domain)}" if at else text


def _domain(domain: str) -> str:
    if len(domain) > LONGEST_DOMAIN or (domain.isascii() and "xn--" not in domain):
        return domain
    try:
        return idna.decode(idna.encode(domain, uts46=True))
    except UnicodeError:
        return domain
