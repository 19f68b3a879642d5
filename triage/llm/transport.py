"""Asking a server for one chat completion: the only module that knows the OpenAI SDK.

Import it where a question is asked, not at the top of a module: it loads the SDK, which commands, and desks without a
language model, should not pay for (see warm_up in triage/llm/chat.py for the costs).

The SDK's own client is not used as it comes. `client_for` says what each change is for, as measured with openai 3.54
and httpx2 2.16.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2
import openai
import openai.types.chat

from triage.llm.answer import Failure
from triage.llm.sockets import Sockets

# An answer is one word in an envelope. The SDK reads a body to its end, however large: from a server that never stopped
# sending, on a slow machine, it had read 400 MB after six seconds, long past its timeout of one.
MAX_ANSWER_BYTES = 256 * 1024


class AnswerRefused(Exception):
    """The answer is too large, or packed so that its size cannot be known."""


def complete(
    api_key: str, base_url: str, model: str, messages: list[dict[str, str]], *, timeout: float, sockets: Sockets
) -> object:
    """What the model's message contains, which is a text if all is well; None where the answer has no message.

    `timeout` bounds each read and write, in seconds. To end the call as a whole is up to the caller, by the sockets.
    Raises whatever the SDK and the HTTP library raise; `failure_of` tells what it means.
    """
    with client_for(api_key, base_url, sockets) as client:
        answer: Any = client.chat.completions.create(
            model=model,
            messages=messages,  # type: ignore[arg-type]  # plain dicts of the SDK's shape
            temperature=0,
            timeout=httpx2.Timeout(timeout),
        )
    # The SDK returns what the server has sent, whatever its shape.
    if not isinstance(answer, openai.types.chat.ChatCompletion) or not answer.choices:
        return None
    return answer.choices[0].message.content


def client_for(api_key: str, base_url: str, sockets: Sockets) -> openai.OpenAI:
    """An SDK client for one call, whose connections `sockets` learns of.

    A client of its own for each call costs 0.1 ms once the certificates are read, and there is nothing to share: a
    connection that is kept for the next call would be opened by one call and needed by another, whose deadline could
    not reach it.
    """

    def before(request: httpx2.Request) -> None:
        # The SDK tells the server our operating system, processor, Python and versions.
        for name in list(request.headers):
            if name.lower().startswith("x-stainless-"):
                del request.headers[name]
        request.headers["User-Agent"] = "service-ticket"
        request.headers["Accept-Encoding"] = "identity"
        request.extensions["trace"] = sockets.notice

    def after(response: httpx2.Response) -> None:
        # The SDK would unpack whatever comes: 190 kB of gzip became 400 MB of memory, by work in the processor that
        # neither a timeout nor a socket that is shut down ends.
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise AnswerRefused
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Capped(response.stream)

    http = httpx2.Client(
        verify=_certificates(),
        follow_redirects=False,  # the SDK's own client sends the ticket on to wherever an answer points
        event_hooks={"request": [before], "response": [after]},
    )
    # The SDK would try twice more, each time with the whole timeout.
    return openai.OpenAI(api_key=api_key, base_url=base_url, max_retries=0, http_client=http)


class _Capped(httpx2.SyncByteStream):
    """The body of an answer, which is not read beyond MAX_ANSWER_BYTES."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self.stream:
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise AnswerRefused
            yield chunk

    def close(self) -> None:
        self.stream.close()


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, read once in a process: it takes 27 ms of processor time, the rest of a client 0.1 ms."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would log the address of each call
    return httpx2.create_ssl_context()


def load() -> None:
    """Load all that a call needs, without calling: parts of the SDK are loaded when they are used first."""
    with client_for("sk-none", "http://127.0.0.1/v1", Sockets()) as client:
        _ = client.chat.completions


def failure_of(error: Exception) -> Failure:
    """What an exception of `complete` means."""
    if isinstance(error, openai.APITimeoutError):
        return Failure.TIMEOUT
    if isinstance(error, openai.APIStatusError):
        return Failure.REFUSED
    if isinstance(error, openai.APIConnectionError) and not isinstance(error.__cause__, AnswerRefused):
        return Failure.UNREACHABLE
    return Failure.UNUSABLE
