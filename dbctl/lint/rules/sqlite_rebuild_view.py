"""A batch makes a table anew that a view reads: this fails.

SQLite looks at every view when a table is renamed, and the view has no table at that moment. Drop
the view before the batch and make it again after it.

    op.execute("DROP VIEW totals")
    with op.batch_alter_table("orders") as batch:
        batch.alter_column("total", nullable=False)
    op.execute("CREATE VIEW totals AS SELECT ...")

Source: https://www.sqlite.org/lang_altertable.html (ALTER TABLE RENAME)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import Rebuild
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("sqlite",)


def check(seen: Seen) -> Iterator[Problem]:
    """Tables with a view on them."""
    for fact, before in seen.each(Rebuild):
        names = sorted(name for name, tables in before.views.items() if fact.table in tables)
        if names:
            yield seen.problem(
                fact,
                f"the view {', '.join(names)} reads {fact.table}: making the table anew fails",
                advice.execute(*(f"DROP VIEW {advice.sql(name)}" for name in names))
                + "  # and make it again after the batch",
            )
