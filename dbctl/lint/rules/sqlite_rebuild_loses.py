"""A batch makes the table anew and leaves out what it cannot read from the old one.

Triggers, indexes on expressions or in descending order, CHECKs without a name, collations,
AUTOINCREMENT, and what a foreign key does on delete where it is written with its column, are not
carried over. Make them again after the batch, or say the table in full with copy_from.

Source: https://alembic.sqlalchemy.org/en/latest/batch.html
"""

from collections.abc import Iterator

from dbctl.lint.catalogue import Table
from dbctl.lint.facts import CreateIndex, CreateTrigger, Fact, Rebuild
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("sqlite",)


def check(seen: Seen) -> Iterator[Problem]:
    """Tables that have more than a batch carries over."""
    for number, one in enumerate(seen.up):
        fact, table = one.fact, one.before.table(one.fact.table)
        if not isinstance(fact, Rebuild) or fact.copied or table is None:
            continue
        again = set(_made([later.fact for later in seen.up[number:]]))
        lost = [name for name in _lost(table) if name not in again]
        if lost:
            yield seen.problem(
                fact,
                f"making {fact.table} anew leaves out {', '.join(lost)}",
                "make them again after the batch",
            )


def _made(facts: list[Fact]) -> Iterator[str]:
    """What is made again."""
    for fact in facts:
        if isinstance(fact, CreateTrigger):
            yield f"trigger {fact.name}"
        elif isinstance(fact, CreateIndex):
            yield f"index {fact.index.name}"


def _lost(table: Table) -> Iterator[str]:
    yield from (f"trigger {name}" for name in table.triggers)
    yield from (f"index {one.name}" for one in table.indexes if not one.plain)
    for one in table.constraints:
        if one.kind == "check" and not one.name:
            yield f"CHECK ({one.expression})"
        if one.inline and one.on_delete:
            yield f"ON DELETE {one.on_delete} of {', '.join(one.columns)}"
    for column in table.columns.values():
        if column.collated:
            yield f"the collation of {column.name}"
    if table.autoincrement:
        yield "AUTOINCREMENT"
