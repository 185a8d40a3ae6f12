"""The words of the database room: what was seen of a server, a database, a table."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Place:
    """Where a command acts. `host` is None for SQLite, whose `name` is the file."""

    dialect: str
    host: str | None
    name: str
    server_version: str

    def __str__(self) -> str:
        """One line for a person: postgresql localhost:5432/app."""
        return f"{self.dialect} {self.host}/{self.name}" if self.host else f"sqlite {self.name}"


@dataclass(frozen=True)
class Look:
    """A database at one glance: where it is, how many tables, what its version table says.

    `tables` does not count the version table, which `versions` holds the rows of: None when there
    is none, () when it is empty. `identity` tells this database from every other.
    """

    place: Place
    identity: str
    tables: int
    versions: tuple[str, ...] | None


@dataclass(frozen=True)
class TableSize:
    """One table; `rows` is counted, `bytes` holds its indexes too (None where unknown)."""

    name: str
    rows: int
    bytes: int | None


@dataclass(frozen=True)
class Tables:
    """Every table of a database, by name."""

    database: Place
    tables: tuple[TableSize, ...]


@dataclass(frozen=True)
class Column:
    """One column as the database describes it."""

    name: str
    type: str
    nullable: bool
    default: str | None
    key: str  # "primary", "" or the table and column that a foreign key points at


@dataclass(frozen=True)
class Index:
    """One index; `unique` ones back constraints too."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    definition: str


@dataclass(frozen=True)
class TableDetail:
    """One table like a page of a data dictionary."""

    name: str
    rows: int
    bytes: int | None
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]


@dataclass(frozen=True)
class DatabaseSize:
    """One database of a server; `current` is the one the settings name."""

    name: str
    bytes: int | None
    current: bool


@dataclass(frozen=True)
class Databases:
    """The databases of a server; for SQLite the one file, or none."""

    host: str | None
    databases: tuple[DatabaseSize, ...]


@dataclass(frozen=True)
class DatabaseChange:
    """A database was created or dropped; `changed` is False when it already was so."""

    database: str
    host: str | None
    action: Literal["create", "drop"]
    changed: bool


@dataclass(frozen=True)
class Loss:
    """What a command would destroy: tables with their rows, and columns of tables that stay."""

    place: str
    tables: tuple[TableSize, ...]
    columns: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True)
class TablesChange:
    """Tables were created, dropped or emptied."""

    action: Literal["create", "drop", "truncate"]
    tables: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Script:
    """SQL as text; printed as it is."""

    sql: str


@dataclass(frozen=True)
class Waited:
    """The server answered."""

    database: Place
    seconds: float
    attempts: int
