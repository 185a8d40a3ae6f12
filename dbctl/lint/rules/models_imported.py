"""The revision imports the application's models: it does what they say later, not what they said.

Models change and this file stays. A column that is added next month is in this revision's SELECT
then, and a new database cannot be made any more. Describe the columns that are needed here.

    users = sa.table("users", sa.column("id", sa.Integer), sa.column("email", sa.Text))

Source: https://alembic.sqlalchemy.org/en/latest/ops.html (execute: table and column constructs)
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()
_PARTS = ("models", "model", "entities", "orm", "tables")


def check(seen: Seen) -> Iterator[Problem]:
    """Imports of modules in which models are."""
    for name, line in seen.source.imports:
        if name.startswith(("sqlalchemy.", "alembic.", "sqlmodel.")):
            continue
        parts = name.split(".")
        last = parts[-1]
        module = any(part in _PARTS for part in parts[:-1]) and last[:1].isupper()
        whole = last in _PARTS
        own = parts[0] in seen.world.packages and last in ("Base", "db")
        if module or whole or own:
            yield Problem(
                f"{name} is what the models are today, not when this was written",
                'sa.table("NAME", sa.column("id"), ...) with the columns that are needed here',
                line=line,
            )
