"""Several tables are locked against everybody in one transaction.

The first lock is kept until the last is had: whoever holds the second and wants the first is in a
deadlock, and one slow statement keeps all of them shut. One table a revision, or autocommit blocks.

    with op.get_context().autocommit_block():
        op.add_column("posts", sa.Column("lang", sa.Text()))

Source: https://www.postgresql.org/docs/current/explicit-locking.html (deadlocks)
"""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.locks import is_exclusive
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """The statement that locks the second table, with the first one held."""
    held: dict[int, dict[str, f.Fact]] = {}
    for fact, _ in seen.existing(f.Fact):
        if fact.autocommit or not fact.table or not is_exclusive(fact):
            continue
        held.setdefault(fact.transaction, {}).setdefault(fact.table, fact)
    for tables in held.values():
        if len(tables) > 1:
            second = list(tables.values())[1]
            yield seen.problem(
                second,
                f"{_listed(list(tables))} are locked in one transaction, until its end",
                "one table a revision, or each in an autocommit block",
            )


def _listed(names: list[str]) -> str:
    most = 4
    shown = names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    return ", ".join(shown[:-1]) + f" and {shown[-1]}"
