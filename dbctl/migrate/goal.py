"""Where a run shall end. Fixed by its first plan, so that one which starts again ends there too."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal

# From where the database is; abc+2 and head-1 are the same wherever it is.
_RELATIVE = re.compile(r"(?P<label>(?:.+@)?)(?P<sign>[+-])(?P<steps>\d+)")


@dataclass
class Goal:
    """A target in Alembic's words: head, +1, -1, an id, label@head."""

    verb: Literal["upgrade", "downgrade"]
    target: str
    planned: list[tuple[str, ...]] = field(default_factory=list)
    turn: int = 0

    def steps(self, script: Any, at: tuple[str, ...]) -> list[Any]:  # noqa: ANN401 - Alembic's
        """Alembic's steps from the rows of the version table; at most what was planned first."""
        turn, self.turn = self.turn, self.turn + 1  # env.py may go through several schemas
        if turn == len(self.planned):
            found = self._found(script, self.target, at)
            self.planned.append(tuple(step.revision.revision for step in found))
            return found
        left = self._left(script, at, self.planned[turn])
        found = self._found(script, self._again(len(left)), at) if left else []
        return [step for step in found if step.revision.revision in left]

    def _found(self, script: Any, target: str, at: tuple[str, ...]) -> list[Any]:  # noqa: ANN401
        revisions = script._upgrade_revs if self.verb == "upgrade" else script._downgrade_revs
        return list(revisions(target, at))

    def _left(self, script: Any, at: tuple[str, ...], plan: tuple[str, ...]) -> set[str]:  # noqa: ANN401
        """What was planned and has not been done, whoever did the rest."""
        applied, planned = set(_applied(script, at)), set(plan)
        return planned - applied if self.verb == "upgrade" else planned & applied

    def _again(self, steps: int) -> str:
        """The target for the steps that are left."""
        match = _RELATIVE.fullmatch(self.target)
        return f"{match['label']}{match['sign']}{steps}" if match else self.target


@dataclass
class Undoing(Goal):
    """The way back over the revisions that are named, the newest first, and no others."""

    revisions: tuple[str, ...] = ()

    def _found(self, script: Any, target: str, at: tuple[str, ...]) -> list[Any]:  # noqa: ANN401, ARG002
        from alembic.runtime.migration import MigrationStep

        there = set(_applied(script, at))
        return [
            MigrationStep.downgrade_from_script(script.revision_map, script.get_revision(name))
            for name in self.revisions
            if name in there
        ]


def preceded(step: Any, work: Callable[[], None]) -> None:  # noqa: ANN401 - Alembic's step
    """Let `step` do its work after `work`, in the same transaction."""
    run = step.migration_fn

    @wraps(run)  # Alembic's log names the function
    def both(**arguments: Any) -> None:  # noqa: ANN401 - Alembic's
        work()
        run(**arguments)

    step.migration_fn = both


def _applied(script: Any, at: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401
    if at:
        yield from (one.revision for one in script.iterate_revisions(at, "base", inclusive=True))
