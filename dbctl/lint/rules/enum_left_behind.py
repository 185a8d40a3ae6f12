"""The downgrade leaves an enum type behind: the next upgrade fails, because it is there already.

PostgreSQL makes an enum type with the table that uses it, but dropping the table or the column does
not drop the type.

    def downgrade() -> None:
        op.drop_table("users")
        op.execute("DROP TYPE mood")

Source: https://docs.sqlalchemy.org/en/20/dialects/postgresql.html (enum types)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import CreateType
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Types that upgrade() makes and downgrade() keeps."""
    if not seen.downgrade.whole or not seen.down:
        return
    for fact, before in seen.each(CreateType):
        stays = fact.name in seen.undone.types and fact.name not in before.types
        if stays and fact.labels:
            yield seen.problem(
                fact,
                f"downgrade() leaves the type {fact.name} behind: the next upgrade fails",
                "def downgrade() -> None:\n    ...\n    "
                + advice.execute(f"DROP TYPE {advice.sql(fact.name)}"),
            )
