"""Passwords: hashed with Argon2, compared without telling by its time who has an account."""

import asyncio
import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr

GENERATED_BYTES = 18
NICE = 19  # the server answers first, whoever signs in waits
T = TypeVar("T")


async def hashed(password: SecretStr) -> str:
    """The hash to keep; 64 MiB and a tenth of a second of a processor."""
    return await _aside(lambda: _hasher().hash(password.get_secret_value()))


async def verified(password: SecretStr, kept: str | None) -> bool:
    """Whether the password is the one whose hash was kept.

    None is nobody's hash, and takes as long: a stranger learns nothing from the time.
    """
    known = _stranger() if kept is None else kept
    right = await _aside(lambda: _hasher().verify(password.get_secret_value(), known))
    return right and kept is not None


def generated() -> str:
    """A new password that nobody can guess, of letters, digits, - and _."""
    return secrets.token_urlsafe(GENERATED_BYTES)


async def _aside(work: Callable[[], T]) -> T:
    """Run `work` in one of few threads: hashing neither stops the loop nor takes every core."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)


@cache
def _threads() -> ThreadPoolExecutor:
    number = max(1, (os.cpu_count() or 1) // 2)
    return ThreadPoolExecutor(number, thread_name_prefix="password", initializer=_give_way)


def _give_way() -> None:
    """Let the event loop's thread go first: a crowd that signs in must not keep others waiting.

    A thread has a priority of its own on Linux alone.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


@cache
def _hasher() -> PasswordHash:
    """One lane: with four a single sign-in takes as many cores from everybody else."""
    return PasswordHash((Argon2Hasher(parallelism=1),))


@cache
def _stranger() -> str:
    """The hash of a password that nobody has."""
    return _hasher().hash(secrets.token_urlsafe())
