"""The words of the web room: what `serve` was asked for, and what a page shows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dbctl.database.condition import SlowStatement
from dbctl.migrate.model import Status, Step


@dataclass(frozen=True)
class Wish:
    """How to serve: where, with how many processes, and what is allowed.

    `config` is what `--config` said; `write` lets the admin change rows; with a `certificate` it
    serves over TLS, with the key in the same file unless `key` names another.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    reload: bool = False
    upgrade: bool = False
    write: bool = False
    config: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Order:
    """What a worker process needs to begin: it goes through a pipe, never onto a command line.

    `prepare` sets the process up as the command's own was: its log.
    """

    app: str
    prepare: Callable[[], None]


class Door(Protocol):
    """Who may see the pages that are not for everybody: the project's own accounts answer."""

    async def enter(self, name: str, password: str, client: str) -> str:
        """A session's token for a superuser. Raises AnswerIsNo with what may be said of it.

        `client` is the address it came from, "" where it is not known.
        """
        ...

    async def known(self, token: str) -> str | None:
        """The name of the superuser whose session it is; None when it is nobody's."""
        ...

    async def leave(self, token: str) -> None:
        """End the session."""
        ...


@dataclass(frozen=True)
class TableLine:
    """A table on the home page; rows and bytes are None where they were not to be had in time."""

    name: str
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Overview:
    """What the home page shows."""

    status: Status
    tables: tuple[TableLine, ...]
    revisions: tuple[Step, ...]
    slow: tuple[SlowStatement, ...] = ()
