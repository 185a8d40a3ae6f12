"""What may be asked of a branch, whoever keeps it, and text as it is."""

from dataclasses import dataclass, field
from enum import StrEnum


class IfExists(StrEnum):
    """What `branch create` does with a branch that is there already."""

    reuse = "reuse"
    reset = "reset"
    recreate = "recreate"
    fail = "fail"


class Format(StrEnum):
    """How a connection string is written, and for whom."""

    libpq = "libpq"
    asyncpg = "asyncpg"
    psycopg = "psycopg"
    env = "env"
    json = "json"
    github = "github"


@dataclass(frozen=True)
class Verbatim:
    """Text for another program: printed as it is, with `--json` too."""

    verbatim: str = field(repr=False)
