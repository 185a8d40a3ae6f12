"""A batch makes the table anew and leaves out what it cannot read from the old one.

Triggers, indexes on expressions or in descending order, CHECKs without a name, collations and
generated columns are not carried over. Make them again after the batch.

Source: https://alembic.sqlalchemy.org/en/latest/batch.html
"""

from collections.abc import Iterator

from dbctl.lint.catalogue import Table
from dbctl.lint.facts import Rebuild
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("sqlite",)


def check(seen: Seen) -> Iterator[Problem]:
    """Tables that have more than a batch carries over."""
    for fact, before in seen.each(Rebuild):
        table = before.table(fact.table)
        lost = list(_lost(table)) if table else []
        if lost:
            yield seen.problem(
                fact,
                f"making {fact.table} anew leaves out {', '.join(lost)}",
                "make them again after the batch",
            )


def _lost(table: Table) -> Iterator[str]:
    yield from (f"the trigger {name}" for name in table.triggers)
    yield from (f"the index {one.name}" for one in table.indexes if not one.plain)
    for one in table.constraints:
        if one.kind == "check" and not one.name:
            yield f"CHECK ({one.expression})"
    for column in table.columns.values():
        if column.collated:
            yield f"the collation of {column.name}"
