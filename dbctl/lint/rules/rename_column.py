"""A column is renamed: code that is still running does not find it.

Deployed models name every column in each SELECT and INSERT. Keep the old name in the database and
give the attribute the new one, or add a column, write both, fill it, and drop the old one later.

    name: Mapped[str] = mapped_column("full_name")

Source: https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html (naming columns)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import RenameColumn
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Columns that get another name while code knows the old one."""
    for fact, before in seen.existing(RenameColumn):
        table = before.table(fact.table)
        if table and table.made_columns.get(fact.name) in (
            seen.header.revision,
            *seen.world.together,
        ):
            continue
        yield seen.problem(
            fact,
            f"code that is running asks for {fact.table}.{fact.name}, which is {fact.to} now",
            f"keep the column's name: {fact.to}: Mapped[...] ="
            f" mapped_column({advice.py(fact.name)})",
        )
