"""A table is dropped: its rows are gone, and code that is still running fails.

Between this revision and the moment at which the last old process ends, each query of the table is
an error. Deploy code that does not use the table first; keep a copy of what may be wanted. Where
the models that lint finds do not have it any more, this is a warning about the rows.

Once that is so, say it, and the rule is silent:

    op.drop_table("audit_2019")  # dbctl: ignore drop-table -- unused since 4.2, archived

Source: https://www.postgresql.org/docs/current/sql-droptable.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import DropTable
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Tables with rows that go."""
    mapped = seen.world.mapped
    for fact, _ in seen.existing(DropTable):
        more = ", and whatever refers to it" if fact.cascade else ""
        yield seen.problem(
            fact,
            f"the rows of {fact.table} are lost{more}, and code that still uses it fails",
            f"deploy code without {fact.table} first, keep a copy of its rows,"
            " then answer for it: # dbctl: ignore drop-table -- REASON",
            level="warning" if mapped and fact.table not in mapped else None,
        )
