"""There is no way back: downgrade() is missing, or does nothing.

A deployment that goes wrong cannot be taken back with `dbctl downgrade`: the version is set back
and the schema is not, and the next upgrade fails. Where there is no way back, say so.

    def downgrade() -> None:
        raise NotImplementedError("the column's values are gone")

Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Revisions that do something and undo nothing."""
    if not seen.does_anything or any(seen.downgrade.facts):
        return
    there = seen.source.function("downgrade")
    line = there.lineno if there else seen.source.line_of("upgrade")
    yield Problem(
        "downgrade() does nothing: there is no way back"
        if there
        else "there is no downgrade(): there is no way back",
        'undo it there, or raise NotImplementedError("why not")',
        line=line,
        level=None if seen.does_ddl else "hint",
    )
