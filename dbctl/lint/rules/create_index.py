"""An index on a table with rows is built while nobody can write to it.

CREATE INDEX takes a SHARE lock: inserts, updates and deletes wait until the whole table has been
read and the index is written. CREATE INDEX CONCURRENTLY does not stop them; it cannot run inside a
transaction, so it stands in an autocommit block.

    with op.get_context().autocommit_block():
        op.create_index("ix_users_email", "users", ["email"], postgresql_concurrently=True)

A partitioned table has no concurrent build: make the index on ONLY the parent, build one
concurrently on each partition, and attach them with ALTER INDEX ... ATTACH PARTITION.

Source: https://www.postgresql.org/docs/current/sql-createindex.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import CreateIndex
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Indexes that stop writers while they are built."""
    for fact, before in seen.existing(CreateIndex):
        table = before.table(fact.table)
        parent = table is not None and table.partitioned
        if fact.concurrently or (parent and fact.only):
            continue
        name = fact.index.name or "an index"
        yield seen.problem(
            fact,
            f"building {name} stops every write to {fact.table} until the whole table is read",
            _on_each_partition(fact)
            if parent
            else advice.concurrent_index(fact.table, fact.index, fact),
        )


def _on_each_partition(fact: CreateIndex) -> str:
    columns = ", ".join(map(advice.sql, fact.index.columns))
    table, name = advice.sql(fact.table), advice.sql(fact.index.name)
    return (
        advice.execute(f"CREATE INDEX {name} ON ONLY {table} ({columns})")
        + "\n# then for each partition: CREATE INDEX CONCURRENTLY, and"
        + f" ALTER INDEX {name} ATTACH PARTITION ..."
    )
