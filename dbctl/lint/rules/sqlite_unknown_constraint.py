"""A batch drops a constraint by a name that the table does not have: this fails.

SQLite gives no names to constraints that were made without one, so nothing can be dropped by the
name that PostgreSQL would have given. Say a naming convention, which names them for the batch.

    names = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
    with op.batch_alter_table("users", naming_convention=names) as batch:
        batch.drop_constraint("uq_users_email")

Source: https://alembic.sqlalchemy.org/en/latest/batch.html (dropping unnamed constraints)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import DropConstraint, Rebuild
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("sqlite",)


def check(seen: Seen) -> Iterator[Problem]:
    """Names that no revision gave."""
    named = {(fact.table, fact.at.line) for fact, _ in seen.each(Rebuild) if fact.named}
    for fact, before in seen.each(DropConstraint):
        table = before.table(fact.table)
        unknown = table is not None and not table.vague and fact.name not in table.part_names
        if fact.batch and fact.name and unknown and (fact.table, fact.at.line) not in named:
            yield seen.problem(
                fact,
                f"{fact.table} has no constraint {fact.name}: this fails",
                f"op.batch_alter_table({advice.py(fact.table)}, naming_convention=...)",
            )
