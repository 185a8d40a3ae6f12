"""There is no way back: downgrade() is missing, does nothing, or refuses.

A deployment that goes wrong cannot be taken back with `dbctl downgrade`. One that does nothing is
the worst: the version is set back and the schema is not, and the next upgrade fails. One that
refuses is honest; know it before you deploy, and take a snapshot first.

    def downgrade() -> None:  # dbctl: ignore missing-downgrade -- restored from the snapshot
        raise NotImplementedError("the column's values are gone")

What has nothing to undo (VALIDATE, REINDEX, VACUUM, REFRESH, SET) needs no way back.

Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import Skipped
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Revisions that do something and undo nothing."""
    if not seen.does_anything:
        return
    there = seen.source.function("downgrade")
    line = there.lineno if there else seen.source.line_of("upgrade")
    said, fix = _said(seen, there=there is not None)
    if said:
        yield Problem(said, fix, line=line, level=None if seen.does_ddl else "hint")


def _said(seen: Seen, *, there: bool) -> tuple[str, str]:
    done = seen.downgrade.facts
    if not there:
        return "there is no downgrade(): there is no way back", _UNDO
    if not done:
        return "downgrade() does nothing: there is no way back", _UNDO
    if all(isinstance(one, Skipped) and one.reason.startswith("raises ") for one in done):
        return (
            "downgrade() refuses: once this is deployed there is no way back",
            "take a snapshot first, and answer for it: # dbctl: ignore missing-downgrade -- REASON",
        )
    return "", ""


_UNDO = 'undo it there, or raise NotImplementedError("why not")'
