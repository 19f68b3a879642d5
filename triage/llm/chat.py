"""Asking a language model for a severity within a deadline, over any server that speaks OpenAI's chat completions.

Nothing but title and description leaves the house.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from tickets.workflow import Severity
from triage.llm.answer import Failure, level_in
from triage.llm.messages import INSTRUCTIONS, messages_for, version_of
from triage.llm.sockets import Sockets

log = logging.getLogger("triage.llm.chat")

# Calls at the same time, in one process.
MAX_IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class Call:
    """What a question is asked with. `base_url` is without `/chat/completions`, `deadline` in seconds."""

    api_key: str
    model: str
    base_url: str
    deadline: float
    instructions: str = INSTRUCTIONS

    @property
    def prompt_version(self) -> str:
        """Tells these instructions apart from others in the ledger."""
        return version_of(self.instructions)

    @property
    def server(self) -> str:
        """The address for the records: without credentials or query."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:500]


def configured_call() -> Call | None:
    """The call that the environment describes; None without an API key."""
    if not settings.OPENAI_API_KEY:
        return None
    return Call(
        api_key=settings.OPENAI_API_KEY,
        model=settings.OPENAI_MODEL,
        base_url=normalized_base_url(settings.OPENAI_BASE_URL),
        deadline=settings.OPENAI_TIMEOUT_MS / 1000,
    )


def normalized_base_url(url: str) -> str:
    """The base that the SDK wants, from a base or from the full address of the endpoint."""
    return url.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/")


type Question = tuple[str, str, str, str, str]

# The calls under way in this process, by what they ask. A call counts until its thread ends, which may be later than
# its caller leaves.
_under_way: dict[Question, _Attempt] = {}
_under_way_lock = threading.Lock()


def ask(call: Call, title: str, description: str) -> Severity | Failure:
    """The model's level, or why there is none. Returns within `call.deadline` seconds and never raises.

    Who asks what is being asked already in this process waits for the same answer. Whether other workers ask the same
    is for the caller to find out (triage/llm/single_flight.py).

    The call runs in a thread of its own, which is left behind when time is up, because nothing else ends in time. The
    SDK's timeout is one for each read and not for the call, and nothing interrupts the look-up of a name. Measured with
    a timeout of one second and no thread: dripped headers, a dripped body and endless interim answers had not ended
    after six seconds, when we stopped waiting; a look-up that took four seconds took all four.
    """
    ends_at = time.monotonic() + call.deadline
    question = (call.base_url, call.model, call.instructions, title, description)
    with _under_way_lock:
        attempt = _under_way.get(question)
        mine = attempt is None
        if attempt is None:
            if len(_under_way) >= MAX_IN_FLIGHT:
                return Failure.BUSY
            attempt = _under_way[question] = _Attempt(call, title, description, ends_at)
    if mine and not _start(attempt, question):
        return Failure.BUSY
    if attempt.done.wait(max(0.0, ends_at - time.monotonic())):
        return attempt.outcome
    if mine:
        attempt.abandon()
    return Failure.TIMEOUT


def _start(attempt: _Attempt, question: Question) -> bool:
    """Run it in a thread of its own, which gives its place up when it ends; False where no thread is to be had."""

    def run() -> None:
        try:
            attempt.run()
        finally:
            _under_way.pop(question)
            attempt.done.set()

    try:
        threading.Thread(target=run, name="triage-llm", daemon=True).start()
    except RuntimeError:
        _under_way.pop(question)
        attempt.done.set()
        return False
    return True


class _Attempt:
    """One call in its thread, for all who wait for it."""

    def __init__(self, call: Call, title: str, description: str, ends_at: float) -> None:
        self.call = call
        self.messages = messages_for(call.instructions, title, description)
        self.ends_at = ends_at
        self.done = threading.Event()
        self.outcome: Severity | Failure = Failure.UNREACHABLE
        self.sockets = Sockets()

    def abandon(self) -> None:
        """The caller has left. The thread shall not linger, so it is woken from whatever it reads or writes."""
        self.sockets.shut_down()

    def run(self) -> None:
        # Not at the top, and not in the caller's thread: it loads the OpenAI SDK; see warm_up.
        from triage.llm import transport

        remaining = self.ends_at - time.monotonic()
        if remaining <= 0:
            self.outcome = Failure.TIMEOUT
            return
        call, sockets = self.call, self.sockets
        try:
            content = transport.complete(
                call.api_key, call.base_url, call.model, self.messages, timeout=remaining, sockets=sockets
            )
            self.outcome = (level_in(content) if isinstance(content, str) else None) or Failure.UNUSABLE
        except Exception as error:  # noqa: BLE001  # whatever it is, the heuristic answers
            self.outcome = Failure.TIMEOUT if sockets.are_shut else transport.failure_of(error)
            log.warning("The language model gave no answer: %s (%s)", self.outcome, type(error).__name__)


def warm_up() -> None:
    """Load the SDK if there is a model to ask. For workers, before they serve.

    Measured with openai 3.54: importing it takes 0.6 s of processor time and 42 MB, making the first client and
    reaching its chat completions 0.1 s and 5 MB more. The first questions of each worker would pay that out of their
    deadline. What else the worker answers meanwhile would wait too, since importing holds the interpreter for long
    stretches, from whichever thread.
    """
    if configured_call() is None:
        return
    try:
        # Not at the top: commands, and desks without a language model, do without the SDK.
        from triage.llm import transport

        transport.load()
    except Exception:
        log.exception("The OpenAI SDK could not be loaded.")
