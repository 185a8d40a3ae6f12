"""downgrade() loses values that were there before upgrade().

What upgrade() itself has made may go with it, and what it has dropped is lost already. This is
about older values: a table or column that upgrade() did not make, rows removed altogether, a type
in which values from before have no room.

Source: https://www.postgresql.org/docs/current/ddl-alter.html
"""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.model import Level
from dbctl.lint.seen import Moment, Problem, Seen
from dbctl.lint.types import narrower

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """What a way back would cost."""
    for one in seen.down:
        lost = _lost(seen, one)
        if lost:
            yield seen.problem(
                one.fact,
                f"downgrade() loses {lost}",
                "bring the values back as well, or raise NotImplementedError with the reason",
            )


def _lost(seen: Seen, one: Moment) -> str:
    fact = one.fact
    if isinstance(fact, f.DropTable) and fact.table in seen.before.tables:
        return f"the rows of {fact.table}, which upgrade() did not make"
    if isinstance(fact, f.DropColumn) and _was(seen.before, fact.table, fact.name):
        return f"the values of {fact.table}.{fact.name}, which upgrade() did not make"
    if isinstance(fact, f.Truncate) and fact.table in seen.before.tables:
        return f"all rows of {fact.table}"
    if isinstance(fact, f.DeleteRows) and not fact.where.present:
        return f"all rows of {fact.table}" if fact.table in seen.before.tables else ""
    if isinstance(fact, f.AlterType):
        return _narrowed(seen.before, fact)
    return ""


def _was(before: Catalogue, table: str, name: str) -> bool:
    return before.column(table, name) is not None


def _narrowed(before: Catalogue, fact: f.AlterType) -> str:
    """A type that is narrower than the one before upgrade(): the way back from wider is none."""
    column = before.column(fact.table, fact.name)
    if column is None or not narrower(column.type, fact.type):
        return ""
    return f"values of {fact.table}.{fact.name} that {fact.type} has no room for"
