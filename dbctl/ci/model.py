"""The words of the ci room: what a pipeline's steps found and did."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dbctl.database.model import Place
from dbctl.migrate.model import Difference, Upgraded

RunnerName: TypeAlias = Literal["github", "gitlab", "generic"]
Source: TypeAlias = Literal["postgresql", "sqlite", "neon", "embedded"]
Level: TypeAlias = Literal["error", "warning", "notice"]
Outcome: TypeAlias = Literal["passed", "failed", "warned", "skipped"]


@dataclass(frozen=True)
class Note:
    """A remark about a line of a file; `file` is relative to the repository's root."""

    level: Level
    message: str
    file: str | None = None
    line: int | None = None
    title: str = ""


@dataclass(frozen=True)
class CiSetup:
    """A database that is ready for the next steps, and how they were told of it.

    `created` tells whether this run made the database or branch. `in_sync` is null where the
    project has no models to compare. `variables` were handed on through `files`.
    """

    runner: RunnerName
    environment: str
    source: Source
    database: Place
    branch: str | None
    created: bool
    upgrade: Upgraded
    seeded: dict[str, int]
    in_sync: bool | None
    differences: tuple[Difference, ...]
    variables: tuple[str, ...]
    files: tuple[str, ...]
    seconds: float

    @property
    def exit_code(self) -> int:
        """1 when the models say something else than the revisions."""
        return 1 if self.in_sync is False else 0


@dataclass(frozen=True)
class CiStep:
    """One thing that was checked, and in a line what came out."""

    name: str
    outcome: Outcome
    detail: str
    seconds: float


@dataclass(frozen=True)
class CiCheck:
    """Every check of a change, and remarks about its lines. `against` is the git ref it is for."""

    runner: RunnerName
    against: str | None
    steps: tuple[CiStep, ...]
    notes: tuple[Note, ...]
    passed: bool

    @property
    def exit_code(self) -> int:
        """1 when something failed."""
        return 0 if self.passed else 1


@dataclass(frozen=True)
class CiReport:
    """A page about a change; `files` are where it was written to."""

    runner: RunnerName
    passed: bool
    markdown: str
    files: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0: the check has its own; a report that was written is a success."""
        return 0


@dataclass(frozen=True)
class CiTeardown:
    """What was removed for this change; () when it was gone already."""

    runner: RunnerName
    removed: tuple[str, ...]
    absent: tuple[str, ...]
