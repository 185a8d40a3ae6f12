"""Rows are changed in the transaction that has locked the table for a change of its schema.

ALTER TABLE takes ACCESS EXCLUSIVE and keeps it until the transaction ends: everybody waits until
the last row is changed, readers too. Put the change of rows in a revision of its own, or in an
autocommit block.

Source: https://www.postgresql.org/docs/current/explicit-locking.html
(a lock is held until the end of the transaction)
"""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.locks import is_exclusive
from dbctl.lint.model import Level
from dbctl.lint.rules.whole_table_update import is_bounded
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Changes of many rows, with the lock that an ALTER TABLE before it holds."""
    held: dict[tuple[str, int], f.Fact] = {}
    for fact, before in seen.existing(f.Fact):
        if fact.autocommit:
            continue
        if is_exclusive(fact):
            held.setdefault((fact.table, fact.transaction), fact)
        lock = held.get((fact.table, fact.transaction))
        if lock and isinstance(fact, f.UpdateRows | f.DeleteRows):
            if not seen.repeats(fact) and is_bounded(fact.where, fact.table, before):
                continue
            yield seen.problem(
                fact,
                f"nobody can use {fact.table} while its rows are changed:"
                f" line {lock.at.line} has locked it in this transaction",
                "move the change of rows into a revision of its own",
            )
