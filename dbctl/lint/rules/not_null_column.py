"""A new column is NOT NULL and has no default: with one row in the table it fails.

The rows that are there would have NULL in it. Give it a server default (the same for all rows costs
nothing), or add it as nullable, fill it, and make it NOT NULL afterwards.

    op.add_column("users", sa.Column("plan", sa.Text(), nullable=False, server_default="free"))

Source: https://www.postgresql.org/docs/current/ddl-alter.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import AddColumn
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Columns that no row can have."""
    for fact, _ in seen.existing(AddColumn):
        one = fact.column
        given = one.default or one.serial or one.identity or one.generated
        if not one.nullable and not given:
            yield seen.problem(
                fact,
                f"{one.name} is NOT NULL without a default: this fails when {fact.table} has rows",
                _fix(fact),
            )


def _fix(fact: AddColumn) -> str:
    table, name = advice.sql(fact.table), advice.sql(fact.column.name)
    return (
        advice.execute(f"ALTER TABLE {table} ADD COLUMN {name} {fact.column.type}")
        + f"\n# fill {fact.column.name} in batches, then make it NOT NULL (see set-not-null)"
    )
