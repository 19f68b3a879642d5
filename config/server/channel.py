"""One connection: requests one after the other, each answered before the next is read.

waitress' channel is kept where it moves bytes. When to read, when to give up and when to ask for a thread is decided
here. All methods are the loop's but `service` and `write_soon`, which threads call.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from waitress.buffers import OverflowableBuffer
from waitress.channel import ClientDisconnected, HTTPChannel

from config.server.limits import Pace
from config.server.protocol import Answer, Refusal
from config.server.request import Request
from config.server.task import Answering, Canned, Sending, head_of

RECEIVE = 1 << 16
SEND = 1 << 17
SEND_AT_ONCE = 1 << 20  # to one reader, however fast, before the others have their turn
# What an answer is kept in until its reader takes it: pieces in memory, and from so many bytes on files.
PIECE = 1 << 20
FILE_PIECE = 1 << 26
IN_MEMORY = 1 << 22

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
NO_RESET = struct.pack("ii", 0, 0)


class Phase(Enum):
    WAITING = auto()  # for a request
    HEAD = auto()
    BODY = auto()
    JUDGED = auto()  # a thread decides whether the body may come
    SERVED = auto()  # a thread makes the answer, or it is on its way
    LINGERING = auto()  # answered; what still comes in is thrown away


READING = (Phase.WAITING, Phase.HEAD, Phase.BODY)


class Channel(HTTPChannel):
    parser_class = Request
    task_class = Answering

    phase = Phase.WAITING
    request: Request | None = None  # the one that is being read
    is_first = True  # no request has been answered yet
    ends_by_closing = False  # nothing but the end of the connection tells the end of this answer (HTTP/1.0)
    answer_is_whole = False  # the application's part is done
    closes = False  # after this answer
    thrown_away = 0  # bytes
    lingers = False  # once the answer is sent, since the rest of the request is still on its way

    def __init__(
        self, server: Any, sock: socket.socket, addr: Any, adj: Any, peer: str | None, map: Any
    ) -> None:  # waitress' name
        self.peer = peer
        self.rest = b""  # came in behind the request that is being dealt with
        self.sent = 0
        self.since = server.clock.now  # when the phase began
        self.pace: Pace | None = None  # of the body
        self.taking: Pace | None = None  # of the reader of an answer
        super().__init__(server, sock, addr, adj, map=map)

    # --- Reading ----------------------------------------------------------------------------------------------------

    def readable(self) -> bool:
        if self.phase is Phase.LINGERING:
            return True
        return self.phase in READING and not (self.will_close or self.close_when_flushed or self.total_outbufs_len)

    def handle_read(self) -> None:
        try:
            data = self.recv(RECEIVE)
        except OSError:
            self.handle_close()
            return
        if not data:
            return  # recv has closed it
        if self.phase is Phase.LINGERING:
            self.thrown_away += len(data)
            if self.thrown_away > self.server.limits.linger_bytes:
                self.handle_close()
        else:
            self.received(data)

    def received(self, data: bytes) -> None:
        """Take in as much as belongs to one request; the rest waits for its answer."""
        while data and self.phase in READING:
            if self.request is None:
                data = data.lstrip(b"\r\n")  # RFC 9112, 2.2
                if not data:
                    break
                self.request = Request(self.adj)
                self.enter(Phase.HEAD, keep_clock=self.is_first)
            request = self.request
            try:
                data = data[request.received(data) :]
            except OSError:
                self.logger.exception("There is no room for a body.")
                self.refuse(request, Refusal.NO_ROOM)
                return
            self.look_at(request)
        self.rest = data

    def look_at(self, request: Request) -> None:
        """Decide how to go on with a request after some more of it has come in."""
        if request.refusal:
            self.refuse(request, request.refusal)
        elif request.headers_finished and request.rule is None:
            self.head_is_in(request)
        if self.phase is not Phase.BODY or request.rule is None:
            return
        if request.chunked and len(request.body_rcv) > request.rule.limit:
            self.ask_thread(request, Refusal.TOO_LARGE)
        elif request.chunked and not request.admitted and request.body_size > self.server.limits.small_body:
            self.ask_thread(request, None)
        elif request.completed:
            self.enter(Phase.SERVED)
            self.request = None
            self.requests = [request]
            self.server.add_task(self)

    def head_is_in(self, request: Request) -> None:
        head = head_of(self, request)
        rule = request.rule = self.server.admission.body_rule(head)
        if rule.ignored:
            request.ignore_body()
        if request.body_size > rule.limit:
            self.ask_thread(request, Refusal.TOO_LARGE)
        elif request.body_size > self.server.limits.small_body:
            self.ask_thread(request, None)
        elif request.completed and (answer := self.server.admission.at_once(head)):
            self.answer(request, answer)
        else:
            self.body_may_come(request)

    def body_may_come(self, request: Request) -> None:
        self.enter(Phase.BODY)
        limits = self.server.limits
        seconds, speed = limits.pace_seconds, limits.body_speed
        if request.admitted:
            seconds, speed = limits.upload_seconds, limits.upload_speed
        self.pace = Pace(seconds, speed, self.since, request.body_bytes_received)
        if request.expect_continue and not request.completed:
            request.expect_continue = False
            with suppress(ClientDisconnected):
                self.write_soon(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.rule and request.rule.ignored and request.completed:
            request.headers["CONTENT_LENGTH"] = "0"

    def ask_thread(self, request: Request, refusal: Refusal | None) -> None:
        """Read no further until a thread has decided; with a refusal it only has to find words for it."""
        self.enter(Phase.JUDGED)
        self.server.judge(self, request, refusal)

    def judged(self, request: Request, answer: Answer | None) -> None:
        if self.phase is not Phase.JUDGED or self.request is not request:
            self.server.leave_upload(request)  # it has gone meanwhile
        elif answer is not None:
            self.answer(request, answer, close=True)
        else:
            request.admitted = True
            self.body_may_come(request)
            self.look_at(request)
            data, self.rest = self.rest, b""
            self.received(data)

    # --- Answering --------------------------------------------------------------------------------------------------

    def refuse(self, request: Request, refusal: Refusal) -> None:
        self.answer(request, self.words_for(request, refusal), close=True)

    def words_for(self, request: Request, refusal: Refusal) -> Answer:
        answer: Answer = self.server.admission.refuse(head_of(self, request), refusal)
        return answer

    def answer(self, request: Request, answer: Answer, *, close: bool = False) -> None:
        """Answer from the loop. With `close` the rest of the request is not read, and nothing comes after it."""
        self.enter(Phase.SERVED)
        self.request = None
        self.requests = [request]
        self.lingers = close
        self.closes = self.carry_out(Canned(self, request, answer, close=close))
        self.server.call_soon(self, self.served)

    def service(self) -> None:
        """Runs in a thread: carry out the request that is there."""
        self.closes = self.carry_out(Answering(self, self.requests[0]))
        self.server.call_soon(self, self.served)

    def carry_out(self, task: Sending) -> bool:
        """Send the answer; returns whether the connection ends with it."""
        request = task.request
        self.answer_is_whole = False
        try:
            if self.connected:
                task.service()
        except ClientDisconnected:
            return True
        except Exception:
            self.logger.exception("Exception while answering %s", request.path)
            if task.wrote_header:
                return True  # without the end of the answer, so that it looks broken off
            return self.carry_out(Canned(self, request, self.words_for(request, Refusal.BROKEN)))
        finally:
            request.close()
        return bool(task.close_on_finish)

    def served(self) -> None:
        """The application's part is done; its answer may still be on its way."""
        for request in self.requests:
            self.server.leave_upload(request)
        self.requests = []
        self.is_first = False
        if not self.connected:
            return
        if self.closes:
            self.close_when_flushed = True
        else:
            self.current_outbuf_count = FILE_PIECE  # the next answer begins a new piece
            self.enter(Phase.WAITING)
            self.go_on()

    def go_on(self) -> None:
        """Begin the next request if it has come in already, once its sender has taken the answer to the last one."""
        if self.rest and self.phase is Phase.WAITING and not self.total_outbufs_len:
            data, self.rest = self.rest, b""
            self.received(data)

    def enter(self, phase: Phase, *, keep_clock: bool = False) -> None:
        self.phase = phase
        if not keep_clock:
            self.since = self.server.clock.now

    # --- Writing ----------------------------------------------------------------------------------------------------

    def write_soon(self, data: bytes) -> int:
        """Runs in a thread: keep it for the reader, and send what they take at once. Raises ClientDisconnected.

        Waits only where a reader is behind by the whole of `outbuf_high_watermark`.
        """
        if not data:
            return 0
        with self.outbuf_lock:
            self._flush_outbufs_below_high_watermark()
            if not self.connected:
                raise ClientDisconnected
            if self.current_outbuf_count >= (FILE_PIECE if self.outbufs[-1].overflowed else PIECE):
                self.outbufs.append(OverflowableBuffer(0 if self.total_outbufs_len >= IN_MEMORY else 2 * PIECE))
                self.current_outbuf_count = 0
            self.outbufs[-1].append(data)
            self.current_outbuf_count += len(data)
            self.total_outbufs_len += len(data)
            self._flush_exception(self._flush_some, do_close=False)
            if self.total_outbufs_len or self.will_close:
                self.server.pull_trigger()
        return len(data)

    def _flush_some(self, do_close: bool = True) -> bool:
        left = SEND_AT_ONCE
        while left > 0 and self.total_outbufs_len:
            piece = self.outbufs[0]
            if not len(piece):
                self.outbufs.pop(0).close()
                continue
            count = self.send(piece.get(SEND)[:SEND], do_close=do_close)
            if not count:
                break
            piece.skip(count, True)
            self.total_outbufs_len -= count
            self.sent += count
            left -= count
        return left < SEND_AT_ONCE

    def handle_write(self) -> None:
        self._flush_exception(self._flush_some_if_lockable if self.requests else self._flush_some)
        if self.will_close:
            self.handle_close()
        elif self.close_when_flushed and not self.total_outbufs_len:
            self.end()
        else:
            self.go_on()

    @property
    def is_idle(self) -> bool:
        """Nothing is lost with it: everything is answered, and nothing has been asked since."""
        return self.phase is Phase.WAITING and not self.rest and not self.total_outbufs_len

    def writable(self) -> bool:
        return bool(self.total_outbufs_len or self.will_close or self.close_when_flushed)

    def end_visibly(self) -> None:
        """Nothing but the end of the connection will tell the end of this answer (HTTP/1.0).

        A connection that is closed in the middle of such an answer looks like its end. So it has to end with a reset,
        which receivers report as an error. The trick is to tell the kernel at the beginning that it shall reset this
        connection whenever it is closed (SO_LINGER with no time), and to take that back in `handle_close` once the
        answer has gone out as a whole. Asking for the reset only when something fails would not do: a process that is
        killed has no chance to, while the kernel closes its sockets in any case.
        """
        self.ends_by_closing = True
        with suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    # --- The end ----------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """All is sent, and the connection may be closed, though not at once while the other side is still sending.

        The kernel answers what arrives at a closed socket with a reset, and a reset makes the receiver drop what it has
        not read yet: the answer, such as why its file is refused. So only our direction is shut down, which tells the
        receiver that the answer is over. What comes in is thrown away for a while (`linger_seconds`, `linger_bytes`).
        """
        self.close_when_flushed = False
        if not self.lingers and not self.rest:
            self.handle_close()
            return
        self.enter(Phase.LINGERING)
        self.thrown_away = 0
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def check(self) -> None:
        """Once a second: give up on whoever has had their time."""
        now, limits = self.server.clock.now, self.server.limits
        waited = now - self.since
        if self.total_outbufs_len:
            taken = self.sent - self.unacknowledged()
            self.taking = self.taking or Pace(limits.answer_seconds, limits.answer_speed, now, taken)
            if self.taking.is_lost(now, taken):
                self.handle_close()
            return
        self.taking = None
        if self.phase is Phase.WAITING:
            allowed = limits.header_seconds if self.is_first else limits.idle_seconds
            over = waited > allowed or self.server.stopping
        elif self.phase is Phase.HEAD:
            over = waited > limits.header_seconds
        elif self.phase is Phase.LINGERING:
            over = waited > limits.linger_seconds or self.server.stopping
        elif self.phase is Phase.BODY and self.request is not None:
            self.check_body(self.request, waited)
            return
        else:
            return
        if over:
            self.handle_close()

    def check_body(self, request: Request, waited: float) -> None:
        late = not request.admitted and waited > self.server.limits.body_seconds
        if late or (self.pace and self.pace.is_lost(self.server.clock.now, request.body_bytes_received)):
            self.refuse(request, Refusal.TOO_SLOW)

    def unacknowledged(self) -> int:
        """Bytes that the kernel holds because the other side has not taken them yet.

        What was sent is only what the kernel has taken over, megabytes of it at once. A reader who takes nothing would
        look like a quick one until that buffer is full, so its rest is subtracted (TIOCOUTQ, of Linux).
        """
        try:
            return int(struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0])
        except OSError:
            return 0

    def handle_close(self) -> None:
        if self.ends_by_closing and self.answer_is_whole and not self.total_outbufs_len:
            with suppress(OSError):
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_RESET)
        if self.request is not None:
            self.server.leave_upload(self.request)
            if self.phase is not Phase.JUDGED:  # a thread looks at it, and drops it afterwards
                self.request.close()
            self.request = None
        super().handle_close()

    def del_channel(self, map: Any = None) -> None:  # waitress' name
        super().del_channel(map)
        self.server.leave(self)

    def cancel(self) -> None:
        self.will_close = True
