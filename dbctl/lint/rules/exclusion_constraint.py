"""An exclusion constraint builds its index while everybody waits.

ADD EXCLUDE takes ACCESS EXCLUSIVE until its index is built; it has neither NOT VALID nor
CONCURRENTLY. Do it while nobody works, or fill a new table that has the constraint from the start.

Source: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import AddConstraint
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Exclusion constraints on tables with rows."""
    for fact, _ in seen.existing(AddConstraint):
        if fact.constraint.kind == "exclude":
            yield seen.problem(
                fact,
                f"an exclusion constraint builds its index while nobody can use {fact.table}",
                f"add it while nobody works, or copy {fact.table} into a table that has it",
            )
