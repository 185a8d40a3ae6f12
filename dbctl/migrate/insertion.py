"""Run one revision below those that a database has: no row of the version table moves."""

from dataclasses import dataclass
from typing import Any

from dbctl.migrate.goal import Goal
from dbctl.migrate.run import Run


@dataclass
class Insertion(Run):
    """A run of the one revision that was slipped in."""

    def only(self, revision: str) -> None:
        """Run it, again where it was rolled back only to let others go."""
        self.online(_Only(self, revision))

    def _done(self, *, ctx: Any, heads: set[str], **more: object) -> None:  # noqa: ANN401 - Alembic's
        """Take back the row that Alembic wrote for it, in the same transaction."""
        revision, version = self.step.revision.revision, ctx._version
        ctx.connection.execute(version.delete().where(version.c.version_num == revision))
        super()._done(ctx=ctx, heads=heads - {revision}, **more)


class _Only(Goal):
    """One revision, wherever the database is; nothing once it is done."""

    def __init__(self, run: Run, revision: str) -> None:
        super().__init__("upgrade", revision)
        self._run = run

    def steps(self, script: Any, at: tuple[str, ...]) -> list[Any]:  # noqa: ANN401, ARG002 - Alembic's
        """Alembic's step for it."""
        every = () if self._run.applied else script._upgrade_revs("heads", ())
        return [step for step in every if step.revision.revision == self.target]
