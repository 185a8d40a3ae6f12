"""The models still map what the revision drops or renames.

Every SELECT and INSERT of that model names the column, so all of them fail once the revision has
run: not only old processes, the new code too.

Source: https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html
"""

from collections.abc import Iterator

from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import ColumnFact, DropColumn, DropTable, RenameColumn, RenameTable
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """What the models have, and the schema at the end of the history has not."""
    mapped = seen.world.mapped
    if mapped is None:
        return
    for fact, _ in seen.each(ColumnFact):
        if not isinstance(fact, DropColumn | RenameColumn):
            continue
        lost = fact.name not in _columns(seen.world.final, fact.table)
        if lost and fact.name in mapped.get(fact.table, ()):
            yield seen.problem(
                fact,
                f"the models still map {fact.table}.{fact.name}: each query of them fails",
                f"take {fact.name} out of the model of {fact.table} and deploy that first",
            )
    for gone, _ in seen.each(DropTable, RenameTable):
        if gone.table in mapped and seen.world.final.table(gone.table) is None:
            yield seen.problem(
                gone,
                f"the models still map {gone.table}: each query of it fails",
                f"take the model of {gone.table} out and deploy that first",
            )


def _columns(now: Catalogue, table: str) -> tuple[str, ...]:
    found = now.table(table)
    return tuple(found.columns) if found else ()
