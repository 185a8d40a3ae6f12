"""Which branches nobody needs any more, and their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypeAlias

from dbctl.branch import git
from dbctl.branch.model import Branch, Doomed, Pruned
from dbctl.branch.registry import provider
from dbctl.neon import expiry, merged
from dbctl.neon.merged import Merged
from dbctl.settings import Settings

Reason: TypeAlias = Literal["expired", "unfinished", "merged", "old", "matched"]


@dataclass(frozen=True)
class Filter:
    """What is pruned beside expired and unfinished branches: where all of this is true."""

    match: str | None = None
    older_than: timedelta | None = None
    merged: Merged | None = None
    here: str = ""  # the git branch that is checked out

    def reason(self, branch: Branch, now: datetime) -> Reason | None:
        """Why a branch may go, None when it stays; the main database and one in use always do."""
        if branch.main or branch.in_use:
            return None
        if branch.state == "unfinished" or branch.expired:
            return "expired" if branch.expired else "unfinished"
        return self._asked(branch, now)

    def _asked(self, branch: Branch, now: datetime) -> Reason | None:
        if self.match is not None and not fnmatchcase(branch.name, self.match):
            return None
        if self.older_than is not None and not _older(branch, now - self.older_than):
            return None
        # A new branch of git counts as merged until its first commit: not the one that is out.
        if self.merged and (_code(branch) == self.here or not self._is_merged(branch)):
            return None
        said = (self.merged, "merged"), (self.older_than, "old"), (self.match, "matched")
        names: list[Reason] = [name for given, name in said if given is not None]  # type: ignore[misc]  # a table of literals
        return names[0] if names else None

    def _is_merged(self, branch: Branch) -> bool:
        return bool(self.merged and self.merged.holds(_code(branch), self.match))


def wish(match: str | None, older_than: str | None, repository: Path | None) -> Filter:
    """Read the options; `repository` is where merged branches are looked up. Raises UsageError."""
    age = expiry.span(older_than, "--older-than") if older_than else None
    if repository is None:
        return Filter(match, age)
    return Filter(match, age, merged.read(repository), git.current_or_none(repository))


async def candidates(settings: Settings, wish: Filter) -> tuple[tuple[Branch, Reason], ...]:
    """The branches that would go, and why."""
    now = datetime.now(UTC)
    every = await listed(settings)
    return tuple((one, why) for one in every if (why := wish.reason(one, now)))


async def listed(settings: Settings) -> tuple[Branch, ...]:
    """Every branch; the one in use says so."""
    from dataclasses import replace

    found = await provider(settings).list()
    used = settings.branch
    return tuple(
        replace(one, in_use=one.main if used is None else one.name == used) for one in found
    )


def shown(found: Sequence[tuple[Branch, Reason]], *, dry_run: bool) -> Pruned:
    """As a command returns it."""
    doomed = tuple(Doomed(one.name, one.id, why) for one, why in found)
    return Pruned(dry_run=dry_run, branches=doomed)


async def delete(settings: Settings, found: Sequence[tuple[Branch, Reason]]) -> Pruned:
    """Delete those of them that are still as they were seen."""
    keeper = provider(settings)
    gone = [(one, why) for one, why in found if await keeper.discard(one)]
    return shown(gone, dry_run=False)


def _code(branch: Branch) -> str:
    return branch.git or branch.name


def _older(branch: Branch, than: datetime) -> bool:
    return branch.created_at is not None and branch.created_at < than
