"""How passwords are hashed: by Argon2 with the least parameters that OWASP recommends, and only so many at once.

A hash takes 19 MiB and the time of a core, and strangers can ask for one with every sign-in. So each process hashes no
more at once than its share of the cores; together the processes of a server keep all cores busy and take no more memory
than that many hashes. Who finds all places taken waits for their turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, get_hasher

from config.errors import Busy

WAIT_SECONDS = 5


class _Hashers:
    """The few threads that hash, for all threads of requests.

    A lock around hashing would bound how many hash at once, but not the memory: the C library keeps for a thread what
    it has once taken, so each thread of requests that ever hashed would hold 19 MiB for good.
    """

    def __init__(self) -> None:
        self.start()
        os.register_at_fork(after_in_child=self.start)  # threads stay behind in the parent

    def start(self) -> None:
        self.threads = ThreadPoolExecutor(settings.HASHES_AT_ONCE, thread_name_prefix="hashing")


hashers = _Hashers()


def in_turn[T](work: Callable[[], T]) -> T:
    """Have it done by one of the few who hash. Raises Busy where its turn does not come within WAIT_SECONDS."""
    promised = hashers.threads.submit(work)
    try:
        return promised.result(WAIT_SECONDS)
    except TimeoutError:
        if promised.cancel():
            raise Busy from None
        return promised.result()


class Argon2(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return in_turn(partial(super().encode, password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        return in_turn(partial(super().verify, password, encoded))


class PBKDF2(PBKDF2PasswordHasher):
    """For people who were moved here with hashes of their earlier desk.

    Checking one of its hashes is encoding the password anew.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return in_turn(partial(super().encode, password, salt, iterations))


def present_form() -> str:
    """The beginning that every hash has which is made with the present parameters."""
    hasher = get_hasher()
    if isinstance(hasher, Argon2):
        return f"argon2$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}$"
    return f"{hasher.algorithm}$"
