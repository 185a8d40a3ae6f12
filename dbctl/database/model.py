"""The words of the database room: what was seen of a server, a database, a table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

# The environment of a copy that `dbctl branch` made.
BRANCH = "branch"


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
class Mark:
    """What a database says of itself: which environment's it is, and of which project.

    `uuid` is this database's own, `project` "" where the project has no name, `made` ISO 8601.
    """

    uuid: str
    environment: str
    project: str
    made: str

    @property
    def is_branch(self) -> bool:
        """Whether the database is a copy that dbctl made: nobody's production, and to be lost."""
        return self.environment == BRANCH

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Self | None:
        """The mark that the rows of its table make; None when they are none."""
        found = dict(rows)
        names = ("uuid", "environment", "project", "made")
        return cls(*(found.get(name, "") for name in names)) if found.get("environment") else None


@dataclass(frozen=True)
class Entry:
    """The last that dbctl's ledger says of a revision: what was done, and its file's hash then."""

    revision: str
    direction: str
    checksum: str


@dataclass(frozen=True)
class Look:
    """A database at one glance: where it is, how many tables, what its version table says.

    `tables` does not count the version table, which `versions` holds the rows of: None when there
    is none, () when it is empty. `identity` tells this database from every other. `mark` is None
    where there is none; `hidden` when there is one that this role may not read. `ledger` is None
    where there is none, or where nobody asked for it.
    """

    place: Place
    identity: str
    tables: int
    versions: tuple[str, ...] | None
    mark: Mark | None = None
    hidden: bool = False
    ledger: tuple[Entry, ...] | None = None
    begun: tuple[tuple[str, str], ...] = ()  # revisions interrupted outside a transaction, and when

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
class Change:
    """One thing in a schema that differs between two databases: its kind and name, and both sides.

    `before` is null for what was added, `after` for what was removed.
    """

    kind: Literal["added", "removed", "changed"]
    object: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RowsChange:
    """How the rows of one table differ between two databases; rows are null where it is not there.

    They are told apart by the primary key, and compared in the columns that both have; without a
    key in common the last three are null. `keys` are some of those that differ, as text.
    """

    table: str
    rows_before: int | None
    rows_after: int | None
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    keys: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing is known to differ."""
        return self.rows_before == self.rows_after and not (
            self.added or self.removed or self.changed
        )


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
class Client:
    """An application that is connected now; what the server does not tell is ""."""

    application: str
    user: str
    address: str
    sessions: int


@dataclass(frozen=True)
class Use:
    """How large a database is, and who else is connected to it, the most sessions first."""

    bytes: int | None
    clients: tuple[Client, ...] = ()


@dataclass(frozen=True)
class Loss:
    """What a command would destroy: tables with their rows, and columns of tables that stay.

    `use` is None where there is no database.
    """

    place: str
    tables: tuple[TableSize, ...]
    columns: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # revision files that do more than can be seen in them
    use: Use | None = None
    fate: str = "would be lost"

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True)
class Consent:
    """What somebody said to a demand: yes, the database's name, that no snapshot is wanted."""

    yes: bool = False
    name: str | None = None
    no_snapshot: bool = False


@dataclass(frozen=True)
class Demand:
    """What is to be agreed to before something is destroyed.

    `protection` says why a yes is not enough, "" where it is. `allowed` is the database that the
    process's environment lets go, `snapshot` makes one now; None where none can be made.
    """

    verb: str
    name: str
    loss: Loss
    protection: str = ""
    allowed: str = ""
    snapshot: Callable[[], object] | None = None


@dataclass(frozen=True)
class TablesChange:
    """Tables were created, dropped or emptied."""

    action: Literal["create", "drop", "truncate"]
    tables: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Backend:
    """A session of a server: whom to ask why it holds what others wait for. Age in seconds."""

    pid: int
    application: str
    host: str
    age: float
    query: str = ""  # without the values in it

    def __str__(self) -> str:
        """One line for a person."""
        doing = f": {self.query}" if self.query else ""
        who = self.application or "no application name"
        return f"pid {self.pid} ({who}, {self.host}, since {self.age:.0f} s){doing}"


@dataclass(frozen=True)
class SlowStatement:
    """A statement that took long, how often, and its seconds: the slowest, and all together."""

    statement: str  # without the values in it
    times: int
    slowest: float
    seconds: float


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
