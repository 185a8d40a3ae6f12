"""A command that runs on a branch: its environment says where, its exit code is ours."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from subprocess import Popen
from types import FrameType

from dbctl import loop
from dbctl.branch.model import Made, Wish
from dbctl.branch.provider import Provider
from dbctl.branch.registry import provider
from dbctl.database.arguments import libpq_variables
from dbctl.database.model import Ended
from dbctl.database.url import Url
from dbctl.errors import UsageError
from dbctl.neon.formats import Written, variables
from dbctl.settings import Settings

# What is left of a killed `--rm` is pruned a day later.
LIFE = timedelta(days=1)
FORWARDED = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


def run(settings: Settings, wish: Wish, command: Sequence[str], *, remove: bool) -> Ended:
    """Run `command` on the branch, made if it is not there; with `remove` delete it afterwards.

    Raises UsageError, before anything is made, for a program that does not exist.
    """
    program = shutil.which(command[0]) if command else None
    if program is None:
        raise UsageError(
            f"there is no program {command[0]!r}" if command else "there is nothing to run",
            hint="dbctl branch run NAME -- COMMAND",
        )
    if remove and wish.expires_at is None:
        wish = replace(wish, expires_at=datetime.now(UTC) + LIFE)
    keeper = provider(settings)
    with _removed(keeper, wish.name) if remove else nullcontext():
        made = loop.run(keeper.create(wish))
        return Ended(_ran([program, *command[1:]], environment(settings, made)))


@contextmanager
def _removed(keeper: Provider, name: str) -> Iterator[None]:
    """Delete the branch at the end, also when Ctrl-C ended the command or its making."""
    try:
        yield
    finally:
        loop.run(keeper.delete(name))


def environment(settings: Settings, made: Made) -> dict[str, str]:
    """What the command finds: the branch under every name that programs look for one."""
    url = Url.parse(made.url)
    found = {**os.environ, "DBCTL_URL": url.text}
    found |= variables(Written(made.branch.name, made.branch.id, url))
    if settings.env_said:
        found["DBCTL_ENV"] = settings.env
    if settings.env == "tst":
        found["TEST_DATABASE_URL"] = url.text
    return found | (_server(url, settings) if url.dialect == "postgresql" else {})


def _server(url: Url, settings: Settings) -> dict[str, str]:
    """For psql and its kin, and for applications that want the parts."""
    parts = {"USER": url.user, "PASSWORD": url.password, "HOST": url.host, "DB": url.name}
    parts["PORT"] = str(url.port or "")
    said = {f"POSTGRES_{name}": value for name, value in parts.items() if value}
    # The program has an application name of its own.
    kept = {k: v for k, v in libpq_variables(url, settings).items() if k != "PGAPPNAME"}
    return {**kept, **said}


def _ran(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Its exit code, 128 and the signal's number after a signal."""
    with Popen(words, env=environment) as child, _forwarding(child):  # noqa: S603 - words, no shell
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _forwarding(child: "Popen[bytes]") -> Iterator[None]:
    """While the command runs, our signals are its signals."""

    def forward(number: int, _frame: FrameType | None) -> None:
        # A terminal sends Ctrl-C to every process in front of it: once is enough.
        if number != signal.SIGINT or not sys.stdin.isatty():
            child.send_signal(number)

    names = [signal.SIGINT, *(getattr(signal, name) for name in FORWARDED if hasattr(signal, name))]
    kept = {number: signal.signal(number, forward) for number in names}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
