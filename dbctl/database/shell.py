"""An SQL shell on the settings' database: psql or sqlite3, or one of our own without them.

A password reaches psql in its environment, never on a command line, where every user sees it.
What is typed into our own shell is read and shown by the command line, through `Terminal`.
"""

import logging
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Protocol

from dbctl import loop
from dbctl.database.arguments import libpq_variables, sqlite_arguments
from dbctl.database.condition import Answer
from dbctl.database.model import Ended, Place
from dbctl.database.server import Server, address, server
from dbctl.database.sqltext import Typed
from dbctl.database.url import Url
from dbctl.errors import AnswerIsNo, UsageError
from dbctl.settings import Settings

# They would send libpq elsewhere than the URL says.
MISLEADING = ("PGHOSTADDR", "PGSERVICE")
LEAVING = ("\\q", ".quit", ".exit", "exit", "quit")

log = logging.getLogger("dbctl.database")


@dataclass(frozen=True)
class Program:
    """A program to run with the terminal for itself."""

    words: tuple[str, ...]
    environment: Mapping[str, str]


class Terminal(Protocol):
    """Where our own shell reads and writes. `live` is False when nobody is typing."""

    live: bool

    def read(self, prompt: str) -> str:
        """The next line with its end; "" when there are no more."""
        ...

    def show(self, answer: Answer) -> None:
        """Print what a statement gave."""
        ...

    def refuse(self, problem: AnswerIsNo) -> None:
        """Print why a statement failed."""
        ...


def shell(settings: Settings, terminal: Terminal, command: str | None = None) -> Ended:
    """Run psql, sqlite3 or our own shell; with `command` that SQL alone.

    Where nobody types, the first statement that fails ends it. Raises UnreachableError before
    anything is started, AnswerIsNo when our own shell is refused a statement nobody typed.
    """
    # A session must be one's own: behind a pooler SET would reach somebody else.
    url = address(settings).direct
    there = loop.run(_place(server(settings, url)))
    log.info("%s: %s  %s", settings.env, there, there.server_version)
    live = terminal.live and command is None
    found = PROGRAMS[url.dialect](url, settings, command, live)
    if found is not None:
        return Ended(run(found))
    with _Session(server(settings, url), terminal) as session:
        session.typed() if command is None else session.given(f"{command}\n;")
    return Ended(0)


async def _place(found: Server) -> Place:
    async with found.open() as session:
        return await session.place()


def psql(url: Url, settings: Settings, command: str | None, live: bool) -> Program | None:
    """psql, or None when it is not on the PATH."""
    found = shutil.which("psql")
    if found is None:
        return None
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    given = {**libpq_variables(url, settings), "PGAPPNAME": "dbctl shell"}
    alone = [] if live else ["--no-psqlrc", "--set=ON_ERROR_STOP=1"]
    words = [found, "--no-password", *alone, *([] if command is None else [f"--command={command}"])]
    return Program(tuple(words), {**kept, **given})


def sqlite3(url: Url, settings: Settings, command: str | None, live: bool) -> Program | None:
    """sqlite3, or None when it is not on the PATH."""
    found = shutil.which("sqlite3")
    if found is None:
        return None
    limit_ms = sqlite_arguments(url, settings)["timeout"] * 1000
    # As the application has it: a lock is waited for, foreign keys count.
    before = ["-cmd", f".timeout {limit_ms:.0f}", "-cmd", "PRAGMA foreign_keys = ON"]
    file = str(Path(url.file or "").absolute())
    # A blank keeps a comment at the beginning from being read as an option.
    said = [] if command is None else [f" {command}" if command.startswith("-") else command]
    return Program((found, *([] if live else ["-bail"]), *before, file, *said), dict(os.environ))


PROGRAMS = {"postgresql": psql, "sqlite": sqlite3}


def run(program: Program) -> int:
    """Run it to its end and return its exit code, 128 and the signal's number after a signal."""
    with _signals_left_alone(), Popen(program.words, env=program.environment) as child:  # noqa: S603 - words, no shell
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _signals_left_alone() -> Iterator[None]:
    """While a child has the terminal Ctrl-C is the child's: it ends a query, not the shell."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # Not SIG_IGN: the child would inherit that.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _Session:
    """Our own shell: one connection, statement after statement."""

    def __init__(self, found: Server, terminal: Terminal) -> None:
        self._server = found
        self._terminal = terminal
        self._typed = Typed(found.url.dialect)
        self._name = found.url.file.name if found.url.file else found.url.name
        self._runner = loop.lasting()
        self._stack = AsyncExitStack()

    def __enter__(self) -> "_Session":
        self._session = self._runner.run(self._stack.enter_async_context(self._server.open()))
        return self

    def __exit__(self, *_: object) -> None:
        with self._runner:
            self._runner.run(self._stack.aclose())

    def given(self, text: str) -> None:
        """Run the statements of `text`."""
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError("the input is not UTF-8", hint="convert it first") from None
        for statement in self._typed.add(text):
            self._terminal.show(self._runner.run(self._session.run(statement)))

    def typed(self) -> None:
        """Read statements until the end of the input, or until somebody wants to leave."""
        if self._terminal.live:
            log.info("psql or sqlite3 is not installed: SQL ends with ; and \\q or Ctrl-D leaves")
        while True:
            try:
                line = self._terminal.read(self._prompt)
                if not line or (not self._typed.waiting and line.strip().rstrip(";") in LEAVING):
                    break
                self.given(line)
            except (AnswerIsNo, KeyboardInterrupt) as problem:
                self._survive(problem)
        self.given("\n;")

    @property
    def _prompt(self) -> str:
        return f"{self._name}{'->' if self._typed.waiting else '=>'} "

    def _survive(self, problem: AnswerIsNo | KeyboardInterrupt) -> None:
        """Where somebody types, a mistake or Ctrl-C costs a line, not the session."""
        if not self._terminal.live:
            raise problem
        self._typed.forget()
        if isinstance(problem, KeyboardInterrupt):
            problem = AnswerIsNo("cancelled")
        self._terminal.refuse(problem)
