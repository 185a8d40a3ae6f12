"""The words of the pipeline: what a walk through several rooms came to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from dbctl.migrate.model import Status, Upgraded


@dataclass(frozen=True)
class Up:
    """A database was brought up; `seeded` is inserted rows by table, {} when there were none.

    `created` tells whether the database itself had to be made, `seeding` whether seed files were
    looked at.
    """

    created: bool
    upgrade: Upgraded
    seeded: dict[str, int]
    status: Status
    seeding: bool


@dataclass(frozen=True)
class Reset(Up):
    """A database was dropped and brought up again."""

    dropped: bool


class Template(StrEnum):
    """The kind of project that `init` starts."""

    plain = "plain"
    sqlmodel = "sqlmodel"
    fastapi = "fastapi"


@dataclass(frozen=True)
class Initialised:
    """A project was started; `written` are the files, () when nothing was missing."""

    project: str
    template: Template
    metadata: str
    tables: int
    written: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """One setting: a secret's value is masked."""

    name: str
    value: str | int | float | bool | None
    source: str


@dataclass(frozen=True)
class ConfigShown:
    """Every setting with its source, and what the project was found by."""

    environment: str
    project: str
    found: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class ConfigChecked:
    """Whether the configuration works."""

    ok: bool
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """1 when something does not."""
        return 0 if self.ok else 1


class UrlFormat(StrEnum):
    """Who is to read the URL."""

    plain = "plain"
    asyncpg = "asyncpg"
    psycopg = "psycopg"
    libpq = "libpq"


@dataclass(frozen=True)
class UrlShown:
    """The URL in the spelling asked for; masked unless revealed."""

    url: str
    masked: bool


Level = Literal["ok", "warning", "error"]
BROKEN = ("settings", "models")  # without these no command works


@dataclass(frozen=True)
class Symptom:
    """One thing that was looked at; `fix` is a command or an edit, "" where nothing is to do."""

    check: str
    level: Level
    detail: str
    fix: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at; `ok` is False when something needs a hand, an error that is."""

    ok: bool
    findings: tuple[Symptom, ...]

    @property
    def exit_code(self) -> int:
        """1 when something needs a hand, a warning alone does not; 3 when nothing can work."""
        broken = any(one.check in BROKEN and one.level == "error" for one in self.findings)
        return 3 if broken else int(not self.ok)
