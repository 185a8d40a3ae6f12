"""A CHECK is held against every row while everybody waits.

ADD CHECK takes ACCESS EXCLUSIVE and reads the whole table under it. NOT VALID skips the reading,
and new rows are checked all the same; VALIDATE CONSTRAINT reads the old ones, in a transaction of
its own, while everybody works on.

    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE items ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID")
        op.execute("ALTER TABLE items VALIDATE CONSTRAINT price_positive")

Source: https://www.postgresql.org/docs/current/sql-altertable.html (notes on NOT VALID)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import AddColumn, AddConstraint, Constraint, Fact
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Checks that look at all rows at once."""
    for fact, _ in seen.existing(AddConstraint):
        if fact.constraint.kind == "check" and fact.constraint.valid:
            yield _problem(seen, fact, fact.constraint)
    for added, _ in seen.existing(AddColumn):
        for one in added.constraints:
            if one.kind == "check":
                yield _problem(seen, added, one)


def _problem(seen: Seen, fact: Fact, one: Constraint) -> Problem:
    name = advice.constraint_name(fact.table, one)
    return seen.problem(
        fact,
        f"{name} reads all of {fact.table} while nobody can read or write it",
        advice.not_valid(fact.table, one),
    )
