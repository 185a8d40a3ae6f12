"""A table is renamed: code that is still running does not find it.

Keep the old name for as long as old processes run: rename, and make a view with the old name in the
same transaction; drop the view in a later release.

    op.rename_table("users", "accounts")
    op.execute("CREATE VIEW users AS SELECT * FROM accounts")

Source: https://www.postgresql.org/docs/current/sql-createview.html (updatable views)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import RenameTable
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Tables that get another name while code knows the old one."""
    for fact, before in seen.existing(RenameTable):
        if before.table(fact.to) is not None or _has_view(seen, fact):
            continue
        view = f"CREATE VIEW {advice.sql(fact.table)} AS SELECT * FROM {advice.sql(fact.to)}"
        yield seen.problem(
            fact,
            f"code that is running asks for {fact.table}, which is {fact.to} now",
            advice.execute(view) + "  # until no old process runs",
        )


def _has_view(seen: Seen, fact: RenameTable) -> bool:
    """Whether the revision makes a view with the old name."""
    name = advice.bare(fact.table).lower()
    texts = (one.fact.sql.lower().replace('"', "") for one in seen.up)
    return any("create" in text and f"view {name} " in f"{text} " for text in texts)
