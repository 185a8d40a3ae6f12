"""CONCURRENTLY inside a transaction: the server refuses it.

CREATE, DROP and REINDEX INDEX CONCURRENTLY, and DETACH PARTITION CONCURRENTLY, commit in between.
Alembic runs a revision in a transaction, so they need an autocommit block; what stands before the
block is committed when it begins.

    with op.get_context().autocommit_block():
        op.create_index("ix_users_email", "users", ["email"], postgresql_concurrently=True)

Source: https://alembic.sqlalchemy.org/en/latest/api/runtime.html
(MigrationContext.autocommit_block)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import CreateIndex, DropIndex, Partition, Rewrite
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Concurrent commands that are in a transaction."""
    if seen.world.autocommit:
        return
    moments = (*seen.up, *seen.down)
    facts = (one.fact for one in moments if isinstance(one.fact, _CONCURRENT))
    for fact in facts:
        if not fact.concurrently or fact.autocommit:
            continue
        if isinstance(fact, Rewrite) and fact.scope == "view":
            continue  # REFRESH ... CONCURRENTLY may run in a transaction
        yield seen.problem(
            fact,
            "CONCURRENTLY cannot run inside a transaction: this fails",
            advice.autocommit(_again(fact)),
        )


_CONCURRENT = (CreateIndex, DropIndex, Rewrite, Partition)


def _again(fact: CreateIndex | DropIndex | Rewrite | Partition) -> str:
    if fact.sql:
        return advice.execute(advice.one_line(fact.sql))
    return "..."
