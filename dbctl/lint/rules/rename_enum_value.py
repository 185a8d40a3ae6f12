"""A label of an enum type is renamed: code that is still running writes and compares the old one.

The server refuses a label that the type does not have, and SQLAlchemy refuses to read one that its
Enum does not have. Add the new label, have the code know both, and move the rows in batches.

    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'great'")

Source: https://www.postgresql.org/docs/current/sql-altertype.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import RenameEnumValue
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Labels that running code knows under another name."""
    for fact, before in seen.each(RenameEnumValue):
        if before.type_makers.get(fact.name) in (seen.header.revision, *seen.world.together):
            continue
        text = f"ALTER TYPE {advice.sql(fact.name)} ADD VALUE IF NOT EXISTS '{fact.to}'"
        yield seen.problem(
            fact,
            f"code that is running writes {fact.label!r}, which {fact.name} does not have any more",
            advice.autocommit(advice.execute(text)) + "\n# and move the rows in batches",
        )
