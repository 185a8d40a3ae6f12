"""Copying a whole database on its own server; what a copy is for is not known here."""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, TypeAlias, cast

from dbctl.database.server import address, server
from dbctl.database.url import Url
from dbctl.errors import RefusedError
from dbctl.settings import Settings

# Called with what is done and what there is to do, in bytes.
Progress: TypeAlias = Callable[[int, int], None]


class BusyError(RefusedError):
    """Somebody is connected to the database, which a copy by the server does not allow."""


class NoRightError(RefusedError):
    """This role may not have the server copy the database."""


class Cloner(Protocol):
    """How one kind of database is copied."""

    async def __call__(
        self,
        source: Url,
        target: Url,
        settings: Settings,
        *,
        end_sessions: bool,
        progress: Progress,
    ) -> None:
        """Copy `source` to `target`, whole or not at all."""
        ...


CLONERS = {
    "postgresql": "dbctl.database.postgres_clone",
    "sqlite": "dbctl.database.sqlite_clone",
}


async def clone(
    settings: Settings,
    target: str,
    *,
    end_sessions: bool = False,
    progress: Progress | None = None,
) -> Url:
    """Copy the settings' database to `target`, a database's name or a file; return its address.

    PostgreSQL copies only what nobody is connected to: `end_sessions` ends them. A SQLite file may
    be written to meanwhile. The mark is copied too: see `mark.remark`.
    Raises BusyError naming the sessions, NoRightError, TakenError, MissingDatabaseError.
    """
    source = address(settings).direct
    copy = cast(Cloner, import_module(CLONERS[source.dialect]).clone)
    made = source.named(target)
    report = progress or (lambda _done, _all: None)
    await copy(source, made, settings, end_sessions=end_sessions, progress=report)
    return made


async def drop(settings: Settings, target: str) -> bool:
    """Drop the database or file `target` beside the settings', ending its sessions.

    False when it is gone already. Nothing is asked and no mark is read: the caller knows.
    """
    return await server(settings, address(settings).direct.named(target)).drop()
