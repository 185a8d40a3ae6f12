"""All rows of a table are removed.

TRUNCATE and a DELETE without a condition cannot be taken back once the revision is committed, and
TRUNCATE keeps even readers out. With a condition rows are lost as well, fewer of them.

Once it is meant, say it: # dbctl: ignore rows-removed -- REASON

Source: https://www.postgresql.org/docs/current/sql-truncate.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import DeleteRows, Truncate
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Rows that were there before and go."""
    for fact, _ in seen.existing(Truncate, DeleteRows):
        where = fact.where.present if isinstance(fact, DeleteRows) else False
        yield seen.problem(
            fact,
            f"rows of {fact.table} are lost" if where else f"all rows of {fact.table} are lost",
            "keep a copy of them, then answer for it: # dbctl: ignore rows-removed -- REASON",
            level="warning" if where else "error",
        )
