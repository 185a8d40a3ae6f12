"""SQLite cannot change this in place: outside of a batch it fails.

SQLite's ALTER TABLE adds, renames and drops columns, and renames tables; nothing else. Alembic's
batch makes the table anew with the change and copies the rows.

    with op.batch_alter_table("users") as batch:
        batch.alter_column("email", nullable=False)

Source: https://alembic.sqlalchemy.org/en/latest/batch.html
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint import facts as f
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("sqlite",)
_ALTERS = (
    f.AlterType,
    f.SetNotNull,
    f.DropNotNull,
    f.SetDefault,
    f.AddConstraint,
    f.DropConstraint,
)


def check(seen: Seen) -> Iterator[Problem]:
    """What ALTER TABLE of SQLite does not have."""
    done: set[tuple[int, int]] = set()
    for one in (*seen.up, *seen.down):
        fact = one.fact
        place = fact.at.line, fact.at.column
        if isinstance(fact, _ALTERS) and not fact.batch and place not in done:
            done.add(place)
            yield seen.problem(
                fact,
                f"SQLite cannot change {fact.table} in this way: this fails",
                f"with op.batch_alter_table({advice.py(fact.table)}) as batch:\n    batch. ...",
            )
