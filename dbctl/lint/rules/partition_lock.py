"""A partition is attached or detached while everybody waits.

ATTACH PARTITION reads the whole new partition under ACCESS EXCLUSIVE on it, unless a CHECK that has
been validated says already what the partition's bounds say. DETACH PARTITION takes ACCESS EXCLUSIVE
on the parent; DETACH PARTITION CONCURRENTLY (PostgreSQL 14) does not.

    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE events DETACH PARTITION events_2020 CONCURRENTLY")

Source: https://www.postgresql.org/docs/current/ddl-partitioning.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import Partition
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Partitions that come or go with somebody waiting."""
    for fact, before in seen.existing(Partition):
        if fact.detach and not fact.concurrently:
            text = f"ALTER TABLE {advice.sql(fact.table)} DETACH PARTITION {advice.sql(fact.name)}"
            yield seen.problem(
                fact,
                f"detaching {fact.name} locks {fact.table} against reads and writes",
                advice.autocommit(advice.execute(f"{text} CONCURRENTLY")),
            )
        part = before.table(fact.name)
        proven = part is not None and any(
            one.kind == "check" and one.valid for one in part.constraints
        )
        if not fact.detach and not proven and seen.has_rows(fact.name, before):
            yield seen.problem(
                fact,
                f"attaching reads all of {fact.name} while nobody can use it",
                "first add a CHECK with the partition's bounds NOT VALID and validate it",
            )
