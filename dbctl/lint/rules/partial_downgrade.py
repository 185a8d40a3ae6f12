"""downgrade() does not bring back the schema that was there before upgrade().

What it forgets stays behind, and the next upgrade finds it there and fails, or the older code finds
something missing. Compared are tables, columns with type and null, indexes and constraints, as far
as the revisions themselves say them.

Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.compare import differences
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()
_SHOWN = 3


def check(seen: Seen) -> Iterator[Problem]:
    """What is not as it was after upgrade and downgrade."""
    if not (seen.whole and seen.down):
        return
    found = list(differences(seen.before, seen.undone, parts=_are_known(seen)))
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield Problem(
            f"after downgrade() it is not as before: {'; '.join(found[:_SHOWN])}{more}",
            "undo in downgrade() each thing that upgrade() does, the last one first",
            line=seen.source.line_of("downgrade"),
        )


def _are_known(seen: Seen) -> bool:
    """Whether each index and constraint that is dropped is one that a revision made."""
    for one in (*seen.up, *seen.down):
        fact = one.fact
        if isinstance(fact, f.DropConstraint):
            table = one.before.table(fact.table)
            if table is not None and fact.name not in table.known_names:
                return False
        elif isinstance(fact, f.DropIndex) and not one.before.holder(fact.name):
            return False
    return True
