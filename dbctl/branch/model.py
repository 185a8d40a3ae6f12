"""The words of the branch room: a copy of the database, and what a command did with it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal, Self

from dbctl.database.change import Change, RowsChange
from dbctl.neon.words import Format, IfExists

__all__ = ["Branch", "Copying", "Format", "IfExists"]

ProviderName = Literal["postgresql", "sqlite", "neon"]


class Copying(StrEnum):
    """How a PostgreSQL branch is filled: as a template of the server, or by pg_dump."""

    auto = "auto"
    template = "template"
    dump = "dump"


@dataclass(frozen=True)
class Branch:
    """A branch, or the `main` database that they come from.

    `id` is the database, the file or Neon's id. `state` is `unfinished` where its making was cut
    short. `bytes` and `revision` are null where nobody asked for them, `git` is the branch of the
    code it was made for, `in_use` that the project's commands act on it.
    """

    name: str
    id: str
    provider: ProviderName
    parent: str | None = None
    main: bool = False
    state: Literal["ready", "unfinished"] = "ready"
    created_at: datetime | None = None
    expires_at: datetime | None = None
    expired: bool = False
    creator: str = ""
    git: str = ""
    bytes: int | None = None
    revision: tuple[str, ...] | None = None
    in_use: bool = False

    def at(self, moment: datetime) -> Self:
        """The same branch with `expired` as it is at that moment."""
        return replace(self, expired=self.expires_at is not None and self.expires_at <= moment)


@dataclass(frozen=True)
class Wish:
    """The branch that somebody wants; `parent` None is the main database."""

    name: str
    parent: str | None = None
    schema_only: bool = False
    expires_at: datetime | None = None
    if_exists: IfExists = IfExists.fail
    git: str = ""
    copying: Copying = Copying.auto
    end_sessions: bool = False


@dataclass(frozen=True)
class Made:
    """A branch that is there; `created` is False when it was there before, `url` has its secret."""

    branch: Branch
    created: bool
    url: str = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True)
class BranchCreated:
    """A branch is there; the password of `url` is `***` unless it was asked for."""

    name: str
    id: str
    provider: ProviderName
    parent: str | None
    created: bool
    url: str = field(repr=False)
    expires_at: datetime | None
    seconds: float
    masked: bool = True


@dataclass(frozen=True)
class BranchList:
    """Every branch of the main database, which is the first."""

    provider: ProviderName
    branches: tuple[Branch, ...]
    seen_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class BranchUrl:
    """How to reach a branch; the password is `***` unless it was asked for."""

    name: str
    id: str
    url: str = field(repr=False)
    masked: bool = True


@dataclass(frozen=True)
class BranchChange:
    """A branch was deleted or reset; `changed` is False when there was nothing to do."""

    action: Literal["delete", "reset"]
    name: str
    id: str | None
    changed: bool


@dataclass(frozen=True)
class InUse:
    """The database that the project's commands act on from now on; `name` is null for the main one.

    `created` tells whether the branch was made for it.
    """

    name: str | None
    environment: str
    url: str | None = field(repr=False)
    created: bool = False
    changed: bool = True


@dataclass(frozen=True)
class Doomed:
    """A branch that nobody needs any more, and why."""

    name: str
    id: str
    reason: Literal["expired", "unfinished", "merged", "old", "matched"]


@dataclass(frozen=True)
class Pruned:
    """Branches that were deleted, or would be in a dry run, each with the reason."""

    dry_run: bool
    branches: tuple[Doomed, ...]


@dataclass(frozen=True)
class Hook:
    """git's post-checkout hook is there, or not; `changed` is False when it already was so."""

    action: Literal["install", "remove"]
    file: str
    changed: bool


@dataclass(frozen=True)
class BranchDifference:
    """What differs from one branch to another; `data` is null unless it was asked for."""

    from_: str
    to: str
    same: bool
    schema: tuple[Change, ...]
    data: tuple[RowsChange, ...] | None = None

    @property
    def exit_code(self) -> int:
        """1 when they differ."""
        return 0 if self.same else 1
