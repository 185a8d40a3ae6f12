"""A column that may not be null loses its default: inserts that leave it out fail.

Code that is still running counts on the database to fill it in; where the column is new it does not
even know it. Keep the default until the code that says the value is deployed everywhere.

Source: https://www.postgresql.org/docs/current/ddl-default.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import SetDefault
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Defaults that somebody may count on."""
    for fact, before in seen.existing(SetDefault):
        column = before.column(fact.table, fact.name)
        if fact.default is not None or column is None or column.nullable or not column.default:
            continue
        yield seen.problem(
            fact,
            f"{fact.table}.{fact.name} may not be null and loses its default:"
            " inserts that leave it out fail",
            f"deploy code that sets {fact.name} first",
        )
