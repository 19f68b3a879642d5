"""What stands between the people and this server: whom it believes, and where plain HTTP is led."""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import split_domain_port
from django.utils.translation import gettext as _

from config.env import host_of
from config.errors import DomainError
from config.exception_handler import answer_error

log = logging.getLogger("config.site.proxies")

type Handler = Callable[[HttpRequest], HttpResponse]

PEER = "service_ticket.peer"  # in META: who connected, whatever stands in X-Forwarded-For
MOST_NAMED = 10  # anybody may claim to be a proxy, and nobody shall fill the log
_named: set[str] = set()
_naming = threading.Lock()


class ProxyNotTrusted(DomainError):
    """The redirect to HTTPS would come back here as plain HTTP for ever."""

    code = "proxy_not_trusted"


class TrustedProxyMiddleware:
    """Believes `X-Forwarded-For` and `X-Forwarded-Proto` where the peer is one of TRUSTED_PROXIES, else nobody.

    The client is the last address of the chain that is not itself a trusted proxy, since whatever stands before it
    could have been written by the client.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META[PEER] = request.META.get("REMOTE_ADDR", "")
        if is_trusted(request.META[PEER]):
            chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
            client = next((address for address in reversed(chain) if not is_trusted(address)), "")
            if parse_address(client):
                request.META["REMOTE_ADDR"] = client
            proto = request.META.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
            if proto in ("http", "https"):
                request.environ["wsgi.url_scheme"] = proto  # type: ignore[attr-defined]  # a WSGIRequest
        return self.get_response(request)


class HttpsMiddleware:
    """Leads plain HTTP to HTTPS where PUBLIC_URL is of HTTPS, to the port that it names.

    Django's SecurityMiddleware behind it would lead to the host and port that were asked, and could not tell when a
    proxy has taken the request by HTTPS but is not believed. Leading there would lead here again and again: that is
    answered with ProxyNotTrusted and logged, once for each proxy in each process.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure():
            return self.get_response(request)
        host = _secure_host(request.get_host())  # raises DisallowedHost for a foreign one
        peer = request.META.get(PEER) or _("an unknown address")
        if not _says_https(request):
            if problem := _silent_proxy(request, peer):
                _say_once(peer, problem)
            return HttpResponsePermanentRedirect(f"https://{host}{request.get_full_path()}")
        problem = _(
            "PUBLIC_URL is of HTTPS, and a proxy at %(peer)s has taken this request by HTTPS, but nothing that it says "
            "is believed: set TRUSTED_PROXIES=%(peer)s if it is yours, and start the server again."
        ) % {"peer": peer}
        _say_once(peer, problem)
        return answer_error(request, ProxyNotTrusted(problem))


def is_trusted(address: str) -> bool:
    """Whether TRUSTED_PROXIES names the address, itself or by its network."""
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in settings.TRUSTED_PROXIES)


def parse_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _secure_host(host: str) -> str:
    """Where this host is served by HTTPS.

    A port is that of PUBLIC_URL, since the one of the request is of plain HTTP, or lost on the way; and who asks a
    loopback name, as many proxies do by themselves, is led to the public one.
    """
    public = urlsplit(settings.PUBLIC_URL).netloc
    name, _port = split_domain_port(host)
    if name in (host_of(settings.PUBLIC_URL), "localhost", "127.0.0.1", "[::1]"):
        return public
    return name + public.removeprefix(host_of(settings.PUBLIC_URL))


def _says_https(request: HttpRequest) -> bool:
    """Whether the peer says so, in one of the ways that proxies have; of a trusted one the first has been heard."""
    if is_trusted(request.META.get(PEER, "")):
        return False
    said = request.headers
    ways = (said.get("X-Forwarded-Proto"), said.get("X-Forwarded-Scheme"), said.get("X-Forwarded-Ssl"))
    last = [(way or "").rpartition(",")[2].strip().lower() for way in ways]
    return not {"https", "on"}.isdisjoint(last) or "proto=https" in said.get("Forwarded", "").lower()


def _silent_proxy(request: HttpRequest, peer: str) -> str:
    """What to say of a proxy that does not say how it was asked: then nobody can tell whether it was by HTTPS."""
    if "X-Forwarded-Proto" in request.headers:
        return ""
    if not is_trusted(request.META.get(PEER, "")) and not {"X-Forwarded-For", "Via"} & set(request.headers):
        return ""
    return _(
        "PUBLIC_URL is of HTTPS, so a request by way of the proxy at %(peer)s was led there. If it comes back again, "
        "have the proxy send X-Forwarded-Proto, and name it in TRUSTED_PROXIES."
    ) % {"peer": peer}


def _say_once(peer: str, problem: str) -> None:
    with _naming:
        if peer in _named or len(_named) >= MOST_NAMED:
            return
        _named.add(peer)
    log.warning("%s", problem)
