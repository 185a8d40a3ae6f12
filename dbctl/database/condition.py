"""The words of a server: its databases and clients, what it answers, what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

from dbctl.database.model import Place


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
class SlowStatement:
    """A statement that took long, how often, and its seconds: the slowest, and all together."""

    statement: str  # without the values in it
    times: int
    slowest: float
    seconds: float


@dataclass(frozen=True)
class Waited:
    """The server answered."""

    database: Place
    seconds: float
    attempts: int
