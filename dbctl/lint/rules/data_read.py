"""The revision reads the database, so it cannot be written as an SQL script.

`upgrade --sql` has no database to read from: the revision fails there, or writes a script that
misses what depends on the answer. Say it in SQL, or keep the reading out of offline mode.

    if not context.is_offline_mode():
        ...

Source: https://alembic.sqlalchemy.org/en/latest/offline.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import ReadRows
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()
_ASKED = ("is_offline_mode", "as_sql")


def check(seen: Seen) -> Iterator[Problem]:
    """The first place where rows are read, and the first where the schema is."""
    if any(word in seen.source.text for word in _ASKED):
        return
    found = [fact for fact, _ in seen.each(ReadRows)]
    rows = [fact for fact in found if not fact.schema]
    for fact in rows[:1]:
        yield seen.problem(
            fact,
            f"rows of {fact.table or 'a table'} are read: this cannot be written as a script",
            "say it in SQL (UPDATE ... FROM, INSERT ... SELECT)",
        )
    for fact in found[:1] if not rows else []:
        yield seen.problem(
            fact,
            "the schema is looked at: this cannot be written as a script",
            "say IF EXISTS or IF NOT EXISTS in the statement itself",
            level="hint",
        )
