"""A new column's values differ from row to row, so every row is written again.

A default that is the same for all rows (a constant, now()) is kept in the catalogue since
PostgreSQL 11 and costs nothing. One that is computed for each row (gen_random_uuid(), random(),
clock_timestamp(), nextval()), a serial or identity column, and a stored generated column write the
whole table again under ACCESS EXCLUSIVE.

    op.add_column("users", sa.Column("token", sa.Uuid(), nullable=True))
    op.alter_column("users", "token", server_default=sa.text("gen_random_uuid()"))
    # then fill the old rows in batches

Source: https://www.postgresql.org/docs/current/sql-altertable.html (notes on ADD COLUMN)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import AddColumn
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen
from dbctl.lint.volatile import volatility

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)
_CONSTANT = (11,)


def check(seen: Seen) -> Iterator[Problem]:
    """Columns that cannot be added without touching the rows."""
    for fact, before in seen.existing(AddColumn):
        why, sure = _why(seen, fact, before)
        if why:
            yield seen.problem(
                fact,
                f"{why}: all of {fact.table} is written again while nobody can read or write it"
                if sure
                else f"{why}: if it differs from row to row, all of {fact.table} is written again",
                _fix(fact),
                level="error" if sure else "warning",
            )


def _why(seen: Seen, fact: AddColumn, before: Catalogue) -> tuple[str, bool]:
    """Why the rows are written again, and whether that is certain."""
    one = fact.column
    if one.serial or one.identity:
        return f"{one.name} counts up from row to row", True
    if one.generated == "stored":
        return f"{one.name} is computed and stored for each row", True
    if one.default in (None, "NULL"):
        return "", True
    if seen.world.version < _CONSTANT:
        return f"{one.name} has a default, before PostgreSQL 11", True
    found, name = volatility(one.default or "", before)
    if found == "volatile":
        return f"{name}() is computed for each row", True
    return (f"{name}() is a function of your own", False) if found == "unknown" else ("", True)


def _fix(fact: AddColumn) -> str:
    one, table = fact.column, advice.sql(fact.table)
    name = advice.sql(one.name)
    if not one.default:
        return f"add {one.name} without it, fill it in batches, then let the database count"
    add = f"ALTER TABLE {table} ADD COLUMN {name} {one.type}"
    default = f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {one.default}"
    return advice.execute(add, default) + "\n# then fill the rows that are there in batches"
