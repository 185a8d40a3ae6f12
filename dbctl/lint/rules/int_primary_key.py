"""A new table counts its rows with integer: at 2,147,483,647 no more can be added.

To change it later writes the table again, and each that refers to it. bigint takes four bytes more.

    sa.Column("id", sa.BigInteger(), primary_key=True)

Source: https://wiki.postgresql.org/wiki/Don%27t_Do_This
"""

from collections.abc import Iterator

from dbctl.lint.facts import CreateTable
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "hint"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """New tables whose key counts up in int4 or int2."""
    for fact, _ in seen.each(CreateTable):
        keys = [one.columns for one in fact.constraints if one.kind == "primary"]
        for one in fact.columns:
            counts = one.serial or one.identity
            if counts and (one.name,) in keys and one.type.name in ("int4", "int2"):
                yield seen.problem(
                    fact,
                    f"{fact.table}.{one.name} ends at 2,147,483,647",
                    f'sa.Column("{one.name}", sa.BigInteger(), ..., primary_key=True)',
                )
