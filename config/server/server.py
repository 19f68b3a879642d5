"""The loop of a worker: who may connect, how many of each, and when it is over."""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from config.server.channel import RECEIVE, Channel
from config.server.limits import Clock, Limits, peer_of
from config.server.protocol import Admission, Answer, Application, Refusal
from config.server.request import Request
from config.server.supervisor import BACKLOG
from config.server.task import head_of

log = logging.getLogger("config.server")

TICK_SECONDS = 1.0
MOST_AHEAD = 1 << 30  # bytes of one answer that its reader has not taken yet


class Server(TcpWSGIServer):
    """Serves on a socket that listens already, until `stopping` is set and all is answered."""

    channel_class = Channel

    def __init__(
        self, application: Application, admission: Admission, sock: socket.socket, *, limits: Limits, threads: int
    ) -> None:
        self.admission, self.limits = admission, limits
        self.clock = Clock()
        self.stopping = False
        self.calls: deque[tuple[Channel, Callable[[], None]]] = deque()
        self.upload_places = max(1, threads // 4)
        self.uploads: set[Request] = set()
        self.lock = threading.Lock()
        self.peers: dict[str | None, set[Channel]] = {}
        adj = Adjustments(
            sockets=[sock],
            threads=threads,
            ident=None,
            server_name="localhost",  # stands in for a missing Host header
            backlog=BACKLOG,
            clear_untrusted_proxy_headers=False,  # the application's own middleware decides on them
            log_socket_errors=False,
            max_request_header_size=limits.header_bytes,
            max_request_body_size=1 << 62,  # judged by `body_rule`
            inbuf_overflow=limits.small_body + 2 * RECEIVE,  # so no stranger's body reaches the disk
            outbuf_high_watermark=MOST_AHEAD,
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        where = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(application, None, True, sock, dispatcher, adj, where, bind_socket=False)

    # --- The loop ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Returns once it has been told to stop and everything is answered."""
        checked = self.clock.now
        while not (self.stopping and self.is_done()):
            wasyncore.poll2(0 if self.calls else TICK_SECONDS, self._map)
            self.clock.advance()
            for _ in range(len(self.calls)):
                self.call(*self.calls.popleft())
            if self.clock.now - checked >= TICK_SECONDS or self.stopping:
                checked = self.clock.now
                self.check_all()

    def call_soon(self, channel: Channel, call: Callable[[], None]) -> None:
        """From any thread: let the loop make this call."""
        self.calls.append((channel, call))
        self.pull_trigger()

    def call(self, channel: Channel, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("A connection is given up.")
            channel.handle_close()

    def check_all(self) -> None:
        if self.stopping and self.accepting:
            wasyncore.dispatcher.close(self)  # the listening socket alone
        for channel in list(self.active_channels.values()):
            self.call(channel, channel.check)

    def is_done(self) -> bool:
        return not self.accepting and not self.active_channels

    def stop(self) -> None:
        """May be called from a signal handler: no new connections, and no new requests on those that are there."""
        self.stopping = True
        self.pull_trigger()

    # --- Who may connect --------------------------------------------------------------------------------------------

    def readable(self) -> bool:
        return bool(self.accepting)

    def handle_accept(self) -> None:
        try:
            if (accepted := self.accept()) is None:
                return
            sock, address = accepted
            self.set_socket_options(sock)
        except OSError:  # it has gone already
            return
        peer = None if self.admission.is_proxy(address[0]) else peer_of(address[0])
        if self.has_room(peer):
            self.join(Channel(self, sock, address, self.adj, peer, self._map))
        else:
            sock.close()

    def has_room(self, peer: str | None) -> bool:
        """Whether one more connection of this peer may come, if need be instead of an idle one; None is a proxy."""
        theirs = self.peers.get(peer, set())
        if peer and len(theirs) >= self.limits.connections_per_peer and not self.make_room(theirs):
            return False
        everyone = self.active_channels.values()
        return len(everyone) < self.limits.connections or self.make_room(everyone)

    def make_room(self, channels: Any) -> bool:
        """Close the one of these connections that has waited longest for a request, if any does."""
        idle = min((c for c in channels if c.is_idle), key=lambda c: c.since, default=None)
        if idle is None:
            return False
        idle.handle_close()
        return True

    def join(self, channel: Channel) -> None:
        self.peers.setdefault(channel.peer, set()).add(channel)

    def leave(self, channel: Channel) -> None:
        channels = self.peers.get(channel.peer, set())
        channels.discard(channel)
        if not channels:
            self.peers.pop(channel.peer, None)

    # --- Large bodies -----------------------------------------------------------------------------------------------

    def judge(self, channel: Channel, request: Request, refusal: Refusal | None) -> None:
        self.add_task(Judgement(channel, request, refusal))

    def enter_upload(self, request: Request) -> bool:
        """Whether there is a place for one more large body; it is held until the request is answered."""
        with self.lock:
            if len(self.uploads) >= self.upload_places:
                return False
            self.uploads.add(request)
            return True

    def leave_upload(self, request: Request) -> None:
        with self.lock:
            self.uploads.discard(request)


class Judgement:
    """A thread's work: whether a large body may come, and in what words it is refused."""

    def __init__(self, channel: Channel, request: Request, refusal: Refusal | None) -> None:
        self.channel, self.request, self.refusal = channel, request, refusal

    def service(self) -> None:
        try:
            answer = self.decide()
        except Exception:
            log.exception("It cannot be said who sends a body.")
            answer = self.channel.words_for(self.request, Refusal.BROKEN)
        self.channel.server.call_soon(self.channel, partial(self.channel.judged, self.request, answer))

    def decide(self) -> Answer | None:
        server, request = self.channel.server, self.request
        if self.refusal:
            return self.channel.words_for(request, self.refusal)
        answer: Answer | None = server.admission.judge(head_of(self.channel, request))
        if answer is None and not (request.rule and request.rule.ignored) and not server.enter_upload(request):
            return self.channel.words_for(request, Refusal.TOO_MANY_UPLOADS)
        return answer

    def cancel(self) -> None:
        self.channel.will_close = True
