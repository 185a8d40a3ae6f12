"""A constraint has no name: nobody can drop it by one.

The server makes a name up, SQLite makes none. op.drop_constraint(None, ...) cannot be written as
SQL at all and fails; autogenerate writes it where the constraint had no name. Name constraints, or
give the metadata a naming convention.

    MetaData(naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s", ...})

Source: https://alembic.sqlalchemy.org/en/latest/naming.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import AddConstraint, DropConstraint
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "hint"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Constraints that are added without a name, or dropped without one."""
    moments = (*seen.up, *seen.down)
    for one in moments:
        fact = one.fact
        if isinstance(fact, DropConstraint) and not fact.name:
            yield seen.problem(
                fact,
                f"a constraint of {fact.table} without a name cannot be dropped: this fails",
                _named(fact),
                level="error",
            )
    for added, _ in seen.each(AddConstraint):
        if not added.constraint.name and added.constraint.kind != "notnull":
            name = advice.constraint_name(added.table, added.constraint)
            yield seen.problem(
                added,
                f"a constraint of {added.table} gets a name that nobody chose",
                f"name it, for example {name}",
            )


def _named(fact: DropConstraint) -> str:
    ends = {"foreign": "COLUMN_fkey", "unique": "COLUMN_key", "check": "COLUMN_check"}
    end = ends.get(fact.kind, "pkey")
    return f"say its name; PostgreSQL's own choice is {advice.bare(fact.table)}_{end}"
