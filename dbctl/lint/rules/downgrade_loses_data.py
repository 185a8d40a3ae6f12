"""downgrade() loses values that were there before upgrade().

What upgrade() itself has made may go with it. This is about older values: a table or column that
upgrade() did not make, rows removed altogether, a type in which the values have no room, and a
column that upgrade() drops and downgrade() makes anew, empty.

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
        return _narrowed(one.before, fact)
    return _emptied(seen, fact)


def _was(before: Catalogue, table: str, name: str) -> bool:
    return before.column(table, name) is not None


def _narrowed(before: Catalogue, fact: f.AlterType) -> str:
    column = before.column(fact.table, fact.name)
    old = column.type if column else fact.said
    if old is None or not narrower(old, fact.type):
        return ""
    return f"values of {fact.table}.{fact.name} that {fact.type} has no room for"


def _emptied(seen: Seen, fact: f.Fact) -> str:
    """A column that comes back without its values."""
    if not isinstance(fact, f.AddColumn):
        return ""
    dropped = {(one.table, one.name) for one, _ in seen.each(f.DropColumn)}
    filled = any(
        isinstance(one.fact, f.UpdateRows) and one.fact.table == fact.table for one in seen.down
    )
    back = (fact.table, fact.column.name) in dropped
    return f"the values of {fact.table}.{fact.column.name}" if back and not filled else ""
