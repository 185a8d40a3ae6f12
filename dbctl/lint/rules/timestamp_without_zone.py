"""A new column keeps the time without saying where.

timestamp without time zone means another moment in each session that thinks in another zone;
timestamptz is the same moment everywhere, and takes the same eight bytes.

    sa.Column("created_at", sa.DateTime(timezone=True))

Source: https://wiki.postgresql.org/wiki/Don%27t_Do_This (timestamp without time zone)
"""

from collections.abc import Iterator

from dbctl.lint.facts import Column
from dbctl.lint.model import Level
from dbctl.lint.names import new_columns
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "hint"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """New columns of timestamp."""
    for fact, one in new_columns(seen):
        if _is_so(one):
            name = f"{fact.table}.{one.name}"
            yield seen.problem(
                fact, f"{name} is a time without its zone", "sa.DateTime(timezone=True)"
            )


def _is_so(one: Column) -> bool:
    return one.type.name == "timestamp"
