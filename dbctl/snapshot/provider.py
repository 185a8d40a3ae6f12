"""What every kind of database can do about snapshots of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from dbctl.database.model import Look
from dbctl.database.url import Url
from dbctl.snapshot.model import (
    Content,
    Discrepancy,
    Manifest,
    ProviderName,
    Purpose,
    Rest,
    TableState,
)
from dbctl.snapshot.store import Draft

Table: TypeAlias = tuple[str, str | None]  # the version table's name and schema


class Seen(NamedTuple):
    """What is in a database, and what its version table and its mark say."""

    content: Content
    look: Look


class Built(NamedTuple):
    """A database made from a snapshot, beside the real one."""

    name: str
    content: Content
    look: Look


class Provider(Protocol):
    """Snapshots of one database. A new provider is one file and a line in registry.py."""

    name: ProviderName

    async def save(self, draft: Draft, table: Table, jobs: int) -> Seen:
        """Write what the database holds now into the draft; `jobs` 0 is as many as fit.

        Raises ProviderError, UnreachableError.
        """
        ...

    async def published(self, found: Manifest) -> None:
        """The manifest is written: from here on the snapshot is there."""
        ...

    async def beside(self, purpose: Purpose) -> str:
        """A new name for what stands beside the database, by which `rests` knows it."""
        ...

    async def build(self, home: Path, found: Manifest, name: str, table: Table, jobs: int) -> Built:
        """Make the database `name` from a snapshot; when it fails `remove` has to follow."""
        ...

    async def require_free(self, *, end_sessions: bool) -> None:
        """Raises RefusedError, LockedError when others have the database open."""
        ...

    async def swap(self, built: Built, *, end_sessions: bool) -> str | None:
        """Let `built` take the real database's place in one step; what that is called now.

        None where there was none. Raises as `require_free`; then everything is as before.
        """
        ...

    async def rests(self) -> tuple[Rest, ...]:
        """What stands beside the database: kept, being made, left behind."""
        ...

    def url(self, name: str) -> Url | None:
        """The address of one of `rests`; None where it cannot be looked into."""
        ...

    async def remove(self, name: str) -> None:
        """Remove one of `rests`, ending its sessions; it may be gone by now."""
        ...

    async def forget(self, found: Manifest) -> None:
        """Remove what a snapshot has outside its folder, which goes next."""
        ...


def full_name(table: Table) -> str:
    """The version table as a description of the schema names it."""
    name, schema = table
    return f"{schema}.{name}" if schema else name


def differing(expected: Content, found: Content) -> tuple[Discrepancy, ...]:
    """In which rows, checksums and parts of the schema two databases differ."""
    from dbctl.database.schema import differences  # SQLAlchemy, which naming a snapshot needs not

    schema = tuple(
        Discrepancy("schema", one.object, one.before or "is missing", one.after or "is missing")
        for one in differences(expected.schema, found.schema)
    )
    return (*_rows(expected.tables, found.tables), *schema)


def _rows(
    expected: Mapping[str, TableState], found: Mapping[str, TableState]
) -> tuple[Discrepancy, ...]:
    pairs = ((name, one, found.get(name)) for name, one in expected.items())
    return tuple(_table(name, one, there) for name, one, there in pairs if one != there)


def _table(name: str, expected: TableState, found: TableState | None) -> Discrepancy:
    if found is None or found.rows != expected.rows:
        there = f"{found.rows} rows" if found else "is missing"
        return Discrepancy("rows", name, f"{expected.rows} rows", there)
    return Discrepancy("checksum", name, expected.checksum, found.checksum)
