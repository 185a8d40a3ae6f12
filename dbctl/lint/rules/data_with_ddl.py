"""Rows are changed in a transaction that has locked a table for a change of its schema.

A lock is kept until the transaction ends. After ALTER TABLE everybody waits until the last row is
changed, readers too; after a foreign key or an index all writers do, to the table that the key
leads to as well. Put the change of rows in a revision of its own, or in an autocommit block.

Source: https://www.postgresql.org/docs/current/explicit-locking.html
(a lock is held until the end of the transaction)
"""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.locks import USE, locked
from dbctl.lint.model import Level
from dbctl.lint.rules.whole_table_update import is_bounded
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Statements for many rows, with what is locked before them in their transaction."""
    held: dict[str, tuple[str, f.Fact]] = {}
    transaction = 0
    for fact, before in seen.each(f.Fact):
        if fact.transaction != transaction or fact.autocommit:
            held, transaction = {}, fact.transaction
        if held and _is_long(seen, fact, before):
            yield _problem(seen, fact, held)
        for table, whom in locked(fact, before) if not fact.autocommit else ():
            if seen.has_rows(table, before) and (table not in held or held[table][0] != USE):
                held[table] = whom, fact


def _is_long(seen: Seen, fact: f.Fact, before: Catalogue) -> bool:
    """Whether it takes as long as there are rows."""
    if isinstance(fact, f.InsertRows):
        return fact.query
    if not isinstance(fact, f.RowsFact) or not seen.has_rows(fact.table, before):
        return False
    return seen.repeats(fact) or not is_bounded(fact.where, fact.table, before)


def _problem(seen: Seen, fact: f.Fact, held: dict[str, tuple[str, f.Fact]]) -> Problem:
    table = fact.table if fact.table in held else next(iter(held))
    whom, lock = held[table]
    own = table == fact.table
    return seen.problem(
        fact,
        f"nobody can {whom} {table} while {'its rows are' if own else f'{fact.table} is'} changed:"
        f" line {lock.at.line} has locked it in this transaction",
        "move the change of rows into a revision of its own",
        level="error" if own and whom == USE else "warning",
    )
