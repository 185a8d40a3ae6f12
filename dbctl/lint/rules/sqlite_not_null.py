"""A batch makes a column NOT NULL: it fails when one row has nothing in it.

The rows are copied into a table that does not take them. Fill the column first, in this revision.

    op.execute("UPDATE users SET plan = 'free' WHERE plan IS NULL")

Source: https://www.sqlite.org/lang_createtable.html (NOT NULL constraints)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import SetNotNull, UpdateRows
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("sqlite",)


def check(seen: Seen) -> Iterator[Problem]:
    """Columns that nobody has filled before."""
    for fact, before in seen.existing(SetNotNull):
        column = before.column(fact.table, fact.name)
        filled = any(
            one.table == fact.table and fact.name in one.columns for one, _ in seen.each(UpdateRows)
        )
        if not filled and (column is None or column.nullable) and fact.batch:
            table, name = advice.sql(fact.table), advice.sql(fact.name)
            yield seen.problem(
                fact,
                f"this fails when a row of {fact.table} has no {fact.name}",
                advice.execute(f"UPDATE {table} SET {name} = ... WHERE {name} IS NULL"),
            )
