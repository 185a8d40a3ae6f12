"""The words of the lint room: what was found, how sure it is, what a rule says of itself."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Level = Literal["error", "warning", "hint"]


class Format(str, Enum):  # noqa: UP042 - Typer reads it so in every version
    """What `dbctl lint` prints."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"
    markdown = "markdown"


class Dialect(str, Enum):  # noqa: UP042
    """Where revisions are meant to run."""

    postgresql = "postgresql"
    sqlite = "sqlite"


@dataclass(frozen=True)
class Flaw:
    """One thing in a revision that is dangerous, or may be; `fix` is what to write instead.

    `line` and `column` begin at 1. A hint is no danger: it could be done better.
    """

    rule: str
    level: Level
    revision: str
    file: str
    line: int
    column: int
    table: str
    message: str
    fix: str


@dataclass(frozen=True)
class Linted:
    """What was found in the revisions; `notes` say what was not looked at.

    `revisions` counts the revisions looked at, `ignored` the findings that a comment answers for.
    `server_version` is what was assumed, "" where the rules do not ask.
    """

    dialect: str
    server_version: str
    revisions: int
    findings: tuple[Flaw, ...]
    ignored: int
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 when something is an error."""
        return 1 if any(one.level == "error" for one in self.findings) else 0


@dataclass(frozen=True)
class Explained:
    """A rule's documentation; `dialects` are where it is asked, [] for all."""

    rule: str
    level: Level
    dialects: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Report:
    """Findings in a form for another program."""

    verbatim: str
    exit_code: int
