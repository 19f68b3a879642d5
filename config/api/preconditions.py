"""Conditional requests: the tag that names a version, and which versions a request lets pass (RFC 9110, 8.8 and 13)."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.errors import InvalidInput

TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
BETWEEN = re.compile(r"[ \t]*(?:,[ \t]*)+")
VERSION = re.compile(r"[1-9][0-9]{0,8}")

TAGGED = [OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description='`"<version>"`')]
# What _tags reads, but for surplus commas and spaces, which nobody needs to send.
_ONE_TAG = r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = {"type": "string", "pattern": rf"^(\*|{_ONE_TAG}([ \t]*,[ \t]*{_ONE_TAG})*)$"}
IF_MATCH = OpenApiParameter(
    "If-Match",
    TAGS,
    OpenApiParameter.HEADER,
    description='`"<version>"`, several of them with commas between, or `*`. Another version is 412.',
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="A tag that one has; 304 where it is still the present."
)


def tag_of(version: int) -> str:
    """`"7"`, as `ETag` carries it."""
    return f'"{version}"'


def versions_to_match(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` lets pass; None where it lets any pass or is not there. Raises InvalidInput.

    A tag that this product has never given out is well formed all the same: it matches no version. Weak tags are
    taken for strong ones, since proxies that compress weaken the tags of what passes through them.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = _tags(header)
    if not tags:
        raise InvalidInput({"If-Match": [_('Write a tag such as "7", several with commas between, or *.')]})
    return frozenset(int(tag) for tag in tags if VERSION.fullmatch(tag))


def has_version(request: Request, version: int) -> bool:
    """Whether `If-None-Match` says that the client has this version already. One that cannot be read says nothing."""
    return has_tag(request, tag_of(version))


def has_tag(request: Request, tag: str) -> bool:
    """As has_version, of any tag with its quotes."""
    header = request.headers.get("If-None-Match", "")
    return header.strip() == "*" or tag.strip('"') in (_tags(header) or [])


def _tags(header: str) -> list[str] | None:
    """What stands in the quotes of each tag; None for a header that is no list of tags."""
    tags, at, text = [], 0, header.strip(" \t,")
    while found := TAG.match(text, at):
        tags.append(found[1])
        if found.end() == len(text):
            return tags
        comma = BETWEEN.match(text, found.end())
        if comma is None:
            return None
        at = comma.end()
    return None
