"""The words of the database room that most commands need: a place, its mark, who is there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

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
class Ended:
    """A program that had the terminal for itself ended; there is nothing to print."""

    exit_code: int
    silent: ClassVar[bool] = True
