"""The words of the database room: what was seen of a server, a database, a table."""

from dataclasses import dataclass
from typing import ClassVar, Literal


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

    @property
    def at(self) -> tuple[str, ...]:
        """The rows of the version table, () where there is none."""
        return self.versions or ()


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
    key: str  # "primary", "" or the table that a foreign key points at
    short_type: str = ""  # the field's usual name: varchar(50), timestamptz
    short_default: str = ""  # "auto" for a counter, "identity", "= ..." for a generated column
    references: str = ""  # the table and column that a foreign key points at
    on_delete: str = ""  # what a deleted parent does: "" (nothing), cascade, set null ...
    comment: str = ""


@dataclass(frozen=True)
class Index:
    """One index; `unique` ones back constraints too.

    `terms` are its columns and expressions as they are written, `condition` is what a partial
    index is limited to; an index that is not `valid` is kept up and never used.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool
    definition: str
    terms: tuple[str, ...] = ()
    condition: str = ""
    valid: bool = True


@dataclass(frozen=True)
class Rule:
    """A check constraint; its name is "" where it has none."""

    name: str
    condition: str


@dataclass(frozen=True)
class TableDetail:
    """One table like a page of a data dictionary."""

    name: str
    rows: int
    bytes: int | None
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    checks: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Leftover:
    """A table that an interrupted rebuild left behind; `original` tells whether its model stands.

    Both names are SQL: quoted where they need it.
    """

    name: str
    of: str
    original: bool


@dataclass(frozen=True)
class Health:
    """What a server knows to be wrong. `tls` is version and cipher, None for a plain connection."""

    tls: str | None
    leftovers: tuple[Leftover, ...]
    invalid_indexes: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What one statement gave: rows as the driver has them, or only a `status`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    status: str


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
    unread: tuple[str, ...] = ()  # revision files that do more than can be seen in them

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


@dataclass(frozen=True)
class Ended:
    """A program that had the terminal for itself ended; there is nothing to print."""

    exit_code: int
    silent: ClassVar[bool] = True
