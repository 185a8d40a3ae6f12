"""A command that builds a table or its indexes anew while nobody can use it.

VACUUM FULL, CLUSTER, SET LOGGED or UNLOGGED, SET TABLESPACE, SET ACCESS METHOD and SET EXPRESSION
write the table again under ACCESS EXCLUSIVE. REINDEX and REFRESH MATERIALIZED VIEW have a form that
does not stop anybody: CONCURRENTLY.

    with op.get_context().autocommit_block():
        op.execute("REINDEX TABLE CONCURRENTLY users")

Source: https://www.postgresql.org/docs/current/explicit-locking.html (ACCESS EXCLUSIVE)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import Rewrite
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Tables that are written again, and what could be done while people work."""
    for fact, before in seen.existing(Rewrite):
        if fact.concurrently:
            continue
        table = before.holder(fact.table) or fact.table if fact.scope == "index" else fact.table
        if not seen.has_rows(table, before):
            continue
        yield seen.problem(
            fact,
            f"{fact.command} on {table}: nobody can use it until it is written again"
            if fact.scope in ("table", "view") and not fact.command.startswith("REINDEX")
            else f"{fact.command} stops writes to {table}, and reads that use the index",
            _fix(fact),
            table=table,
        )


def _fix(fact: Rewrite) -> str:
    words = fact.command.split()
    if words[0] == "REINDEX":
        text = f"REINDEX {words[1]} CONCURRENTLY {advice.sql(fact.table)}"
        return advice.autocommit(advice.execute(text))
    if words[0] == "REFRESH":
        name = advice.sql(fact.table)
        return (
            advice.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {name}")
            + "\n# which needs a unique index on the view"
        )
    return "run it by hand while nobody works; VACUUM without FULL does not stop anybody"
