"""A revision locks a table itself.

LOCK TABLE keeps the table from others until the transaction ends; with ACCESS EXCLUSIVE, which is
what it takes when no mode is said, from readers too. The statements that follow take the locks they
need.

Source: https://www.postgresql.org/docs/current/sql-lock.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import Lock
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)
_HARMLESS = ("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE")


def check(seen: Seen) -> Iterator[Problem]:
    """Locks that stop readers or writers."""
    for fact, _ in seen.existing(Lock):
        if fact.mode not in _HARMLESS:
            who = "reads and writes" if fact.mode == "ACCESS EXCLUSIVE" else "writes"
            yield seen.problem(
                fact,
                f"{fact.table} is locked against {who} until the transaction ends",
                "leave it out: each statement takes the lock it needs",
            )
