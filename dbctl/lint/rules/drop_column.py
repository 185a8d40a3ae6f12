"""A column is dropped: its values are gone, and code that is still running fails.

Deployed models name every column of a table in each SELECT and INSERT, so all of them fail, not
only those that use the column. Take it out of the models and deploy that first; where the models
that lint finds do not have it any more, this is a warning about the values.

Once that is so, say it, and the rule is silent:

    op.drop_column("users", "fax")  # dbctl: ignore drop-column -- out of the models since 4.2

Source: https://www.postgresql.org/docs/current/ddl-alter.html
"""

from collections.abc import Iterator

from dbctl.lint.facts import AddColumn, DropColumn
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Columns with values that go; one that this revision itself added had none."""
    mapped = seen.world.mapped or {}
    added = {(fact.table, fact.column.name) for fact, _ in seen.each(AddColumn)}
    for fact, before in seen.existing(DropColumn):
        table = before.table(fact.table)
        maker = table.made_columns.get(fact.name) if table else None
        if maker in seen.world.together or (fact.table, fact.name) in added:
            continue
        yield seen.problem(
            fact,
            f"the values of {fact.table}.{fact.name} are lost,"
            " and code whose models still have it fails",
            f"take {fact.name} out of the models and deploy that first,"
            " then answer for it: # dbctl: ignore drop-column -- REASON",
            level="warning" if fact.name not in mapped.get(fact.table, {fact.name}) else None,
        )
