"""Which branches nobody needs any more, and their end. What they share is not seen here: a branch
that others were made from stays until those are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from dbctl.errors import UsageError
from dbctl.neon import expiry, find, merged
from dbctl.neon.branches import removed
from dbctl.neon.client import Clock, Neon
from dbctl.neon.merged import Merged
from dbctl.neon.model import NeonBranch, NeonPruned


@dataclass(frozen=True)
class Filter:
    """What has to be true of a branch, all of it; `match` is a pattern of the shell."""

    match: str | None = None
    older_than: timedelta | None = None
    merged: Merged | None = None

    def require_some(self) -> None:
        """Raises UsageError when nothing was said: that would be every branch."""
        if self == Filter():
            raise UsageError(
                "prune without a filter would delete every branch",
                hint="say --match 'pr-*', --older-than 7d or --merged",
            )

    def fits(self, branch: NeonBranch, now: datetime) -> bool:
        """Whether this branch may go; the default and protected ones never do."""
        if branch.default or branch.protected:
            return False
        if self.match is not None and not fnmatchcase(branch.name, self.match):
            return False
        if self.older_than is not None and not _older(branch, now - self.older_than):
            return False
        return self.merged is None or self.merged.holds(branch.name, self.match)


def wish(match: str | None, older_than: str | None, repository: Path | None) -> Filter:
    """Read the options; `repository` is where merged branches are looked up. Raises UsageError."""
    age = expiry.span(older_than, "--older-than") if older_than else None
    made = Filter(match, age, merged.read(repository) if repository else None)
    made.require_some()
    return made


def _older(branch: NeonBranch, than: datetime) -> bool:
    return branch.created_at is not None and branch.created_at < than


async def candidates(neon: Neon, wish: Filter) -> NeonPruned:
    """The branches that would go, children before their parents."""
    every = [one async for one in find.branches(neon)]
    now = datetime.now(UTC)
    fitting = {one.id: one for one in every if wish.fits(one, now)}
    while spared := [one for one in fitting.values() if _needed(one, every, fitting)]:
        for branch in spared:
            del fitting[branch.id]
    order = sorted(fitting.values(), key=lambda one: (-_depth(one, fitting), one.name))
    return NeonPruned(dry_run=True, branches=tuple(order), kept=len(every) - len(order))


def _needed(
    branch: NeonBranch, every: Sequence[NeonBranch], fitting: dict[str, NeonBranch]
) -> bool:
    """Whether a branch that stays was made from it."""
    return any(one.parent_id == branch.id and one.id not in fitting for one in every)


def _depth(branch: NeonBranch, fitting: dict[str, NeonBranch]) -> int:
    """How many of its ancestors go too."""
    parent = fitting.get(branch.parent_id or "")
    return 1 + _depth(parent, fitting) if parent else 0


async def delete(neon: Neon, found: NeonPruned, clock: Clock) -> NeonPruned:
    """Delete them one after the other; each is gone before the next, which may be its parent."""
    gone: list[NeonBranch] = []
    for branch in found.branches:
        await removed(neon, branch, clock)
        gone.append(branch)
        neon.note = f"deleted {len(gone)} of {len(found.branches)} branches"
    return NeonPruned(dry_run=False, branches=tuple(gone), kept=found.kept)
