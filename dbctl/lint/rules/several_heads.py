"""The history has several heads: `upgrade head` does not know which one is meant, and fails.

Two branches of the code have each added a revision. Join them.

    dbctl merge

Source: https://alembic.sqlalchemy.org/en/latest/branches.html
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """A head that is not the only one; heads of branches with labels are meant."""
    heads = seen.world.heads
    mine = seen.header.revision
    said = (mine,) == heads[-1:] or mine in seen.world.together
    if len(heads) > 1 and mine in heads and said:
        yield Problem(
            f"{mine} is one of {len(heads)} heads: {', '.join(heads)}",
            "dbctl merge",
            line=seen.source.line_of_name("revision"),
        )
