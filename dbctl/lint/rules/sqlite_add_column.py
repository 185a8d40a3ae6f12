"""SQLite does not add such a column to a table that is there: this fails.

ADD COLUMN takes no default that has to be computed (CURRENT_TIMESTAMP, an expression), no NOT NULL
without a default, no UNIQUE or PRIMARY KEY, no stored generated column. A batch that makes the
table anew does.

    with op.batch_alter_table("users", recreate="always") as batch:
        batch.add_column(sa.Column("seen", sa.DateTime(), server_default=sa.func.now()))

Source: https://www.sqlite.org/lang_altertable.html (ADD COLUMN)
"""

import re
from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import AddColumn, Rebuild
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("sqlite",)
_COMPUTED = re.compile(r"\(|^current_(time|date|timestamp)$", re.IGNORECASE)


def check(seen: Seen) -> Iterator[Problem]:
    """Columns that only a new table can have."""
    rebuilt = {(fact.table, fact.at.line) for fact, _ in seen.each(Rebuild)}
    for fact, _ in seen.existing(AddColumn):
        why = _why(fact)
        if why and (fact.table, fact.at.line) not in rebuilt:
            yield seen.problem(
                fact,
                f"SQLite adds no column {why} to a table with rows: this fails",
                f'with op.batch_alter_table({advice.py(fact.table)}, recreate="always")'
                " as batch:\n    batch.add_column(...)",
            )


def _why(fact: AddColumn) -> str:
    one = fact.column
    if one.default and _COMPUTED.search(one.default.strip().removeprefix("'")):
        return "" if one.default.startswith("'") else "with a computed default"
    if not one.nullable and not one.default and not one.generated:
        return "that is NOT NULL without a default"
    if one.generated == "stored":
        return "that is generated and stored"
    kinds = {part.kind for part in fact.constraints}
    return "that is UNIQUE or PRIMARY KEY" if kinds & {"unique", "primary"} else ""
