"""An index is dropped under a lock that nobody passes.

DROP INDEX takes ACCESS EXCLUSIVE on the table: it is short, but it waits for every query that is
running, and all that come later wait behind it, reads too. DROP INDEX CONCURRENTLY waits without
stopping anybody.

    with op.get_context().autocommit_block():
        op.drop_index("ix_users_email", "users", postgresql_concurrently=True)

Source: https://www.postgresql.org/docs/current/sql-dropindex.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import DropIndex
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Indexes that are dropped with everybody waiting."""
    for fact, before in seen.each(DropIndex):
        table = fact.table or before.holder(fact.name)
        found = before.table(table)
        if fact.concurrently or not seen.has_rows(table, before):
            continue
        if found is not None and found.partitioned:
            continue  # there is no other way
        where = table or "its table"
        yield seen.problem(
            fact,
            f"dropping {fact.name} locks {where} against reads and writes,"
            " behind every query that runs",
            _fix(fact, table),
            table=table,
        )


def _fix(fact: DropIndex, table: str) -> str:
    if fact.text or not table:
        return advice.autocommit(advice.execute(f"DROP INDEX CONCURRENTLY {advice.sql(fact.name)}"))
    name, where = advice.py(fact.name), advice.py(advice.bare(table))
    more = advice.schema(table)
    return advice.autocommit(f"op.drop_index({name}, {where}{more}, postgresql_concurrently=True)")
