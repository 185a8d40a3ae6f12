"""A new column is json, where jsonb can be compared and indexed.

json is text that is parsed at each use: it has no equality, so DISTINCT and GROUP BY fail on it,
and no index. jsonb has all of it.

    sa.Column("payload", postgresql.JSONB())

Source: https://www.postgresql.org/docs/current/datatype-json.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import Column
from dbctl.lint.model import Level
from dbctl.lint.names import new_columns
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "hint"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """New columns of json."""
    for fact, one in new_columns(seen):
        if _is_so(one):
            name = f"{fact.table}.{one.name}"
            yield seen.problem(
                fact,
                f"{name} is json, which has no equality and no index",
                "sqlalchemy.dialects.postgresql.JSONB()",
            )


def _is_so(one: Column) -> bool:
    return one.type.name == "json"
