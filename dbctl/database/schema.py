"""A database's schema as a dictionary, and what differs between two of them."""

from collections.abc import Mapping

from dbctl.database import fingerprint
from dbctl.database.change import Change
from dbctl.database.server import Session


async def described(session: Session, version_table: str = "alembic_version") -> dict[str, str]:
    """Everything in the database: kind and name ("column users.email"), and what it is like.

    Neither the order in which it was made counts nor that of columns; the version table and
    dbctl's own tables are left out. One question to the database.
    """
    place = await session.place()
    rows = await session.fetch(fingerprint.QUERIES[place.dialect])
    found = fingerprint.made(place.dialect, rows, version_table)
    return {f"{one.kind} {one.object}": one.detail for one in sorted(found)}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """What was added, removed and changed from one schema to another, by name."""
    return tuple(
        _change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _change(name: str, was: str | None, becomes: str | None) -> Change:
    if was is None:
        return Change("added", name, None, becomes)
    return Change("removed" if becomes is None else "changed", name, was, becomes)
