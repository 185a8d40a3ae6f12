"""A foreign key is checked against every row while two tables cannot be written to.

ADD FOREIGN KEY takes SHARE ROW EXCLUSIVE on both tables and reads the whole of the one that has it.
NOT VALID skips the reading, and new rows are checked all the same; VALIDATE CONSTRAINT reads the
old ones, in a transaction of its own, while everybody works on.

    with op.get_context().autocommit_block():
        op.execute(
            "ALTER TABLE posts ADD CONSTRAINT posts_user_id_fkey"
            " FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID"
        )
        op.execute("ALTER TABLE posts VALIDATE CONSTRAINT posts_user_id_fkey")

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
    """Foreign keys that look at all rows at once."""
    for fact, before in seen.existing(AddConstraint):
        table = before.table(fact.table)
        parent = table is not None and table.partitioned and seen.world.version < _PARTITIONED
        if fact.constraint.kind == "foreign" and fact.constraint.valid and not parent:
            yield _problem(seen, fact, fact.constraint)
    for added, _ in seen.existing(AddColumn):
        # Written with a column without a default it has no rows to look at.
        keys = [one for one in added.constraints if one.kind == "foreign"]
        if keys and added.column.default not in (None, "NULL"):
            yield _problem(seen, added, keys[0])


# NOT VALID foreign keys on a partitioned table are new in PostgreSQL 18.
_PARTITIONED = (18,)


def _problem(seen: Seen, fact: Fact, one: Constraint) -> Problem:
    name = advice.constraint_name(fact.table, one)
    return seen.problem(
        fact,
        f"{name} reads all of {fact.table} while nobody can write to it or to {one.referent}",
        advice.not_valid(fact.table, one),
    )
