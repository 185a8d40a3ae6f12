"""Whole databases: create, drop, list, and what a drop would lose."""

from typing import Literal

from dbctl import loop
from dbctl.database import guard
from dbctl.database.model import DatabaseChange, Databases, Loss
from dbctl.database.server import Server, server
from dbctl.migrate import place
from dbctl.settings import Settings


def stake(settings: Settings, verb: str) -> Loss:
    """Every table of the database with its rows. Raises RefusedError as `require_droppable`."""
    found = server(settings)
    if not require_droppable(settings, verb):
        return Loss(f"{settings.env}: {found.url.masked}", ())
    return loop.run(_sizes(settings, found))


def require_droppable(settings: Settings, verb: str) -> bool:
    """Whether the database is there. Raises RefusedError where it may not be destroyed.

    That is a protected environment, a remote server that nobody named, and tables that are not
    the bundled sample's.
    """
    guard.require_destructible(settings, verb)
    if loop.run(server(settings).answers()) is None:
        return False
    place.require_ours(settings, place.look(settings))
    return True


async def _sizes(settings: Settings, found: Server) -> Loss:
    async with found.open() as session:
        return Loss(f"{settings.env}: {await session.place()}", await session.sizes())


async def create(settings: Settings) -> DatabaseChange:
    """Create the settings' database; `changed` is False when it is there already."""
    return _change(server(settings), "create", changed=await server(settings).create())


async def drop(settings: Settings) -> DatabaseChange:
    """Drop the settings' database; `changed` is False when it is gone already."""
    guard.require_destructible(settings, "drop a database")
    return _change(server(settings), "drop", changed=await server(settings).drop())


async def listed(settings: Settings) -> Databases:
    """The databases of the server."""
    found = server(settings)
    host = None if found.url.dialect == "sqlite" else found.url.server
    return Databases(host, await found.databases())


def _change(found: Server, action: Literal["create", "drop"], *, changed: bool) -> DatabaseChange:
    host = None if found.url.dialect == "sqlite" else found.url.server
    return DatabaseChange(str(found.url.file or found.url.name), host, action, changed)
