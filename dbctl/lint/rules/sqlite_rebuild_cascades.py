"""A batch drops a table that others refer to with ON DELETE: their rows go with it.

A batch makes the table anew and drops the old one. With PRAGMA foreign_keys=ON the drop deletes its
rows first, and each ON DELETE CASCADE or SET NULL that leads there is carried out: the children are
empty, and nobody says a word. `dbctl upgrade` turns foreign keys off for the time of a rebuild;
plain `alembic upgrade` does not, where the application has turned them on.

Source: https://www.sqlite.org/lang_altertable.html (making other kinds of table schema changes)
"""

from collections.abc import Iterator

from dbctl.lint.facts import Rebuild, Setting
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("sqlite",)
_ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT")


def check(seen: Seen) -> Iterator[Problem]:
    """Rebuilt tables with children that do what the parent does."""
    off = [fact for fact, _ in seen.each(Setting) if _turns_off(fact)]
    for fact, before in seen.existing(Rebuild):
        # Inside a transaction the pragma does nothing.
        if any(one.autocommit for one in off):
            continue
        children = [name for name, key in before.referring(fact.table) if key.on_delete in _ACTIONS]
        if children:
            yield seen.problem(
                fact,
                f"the batch drops {fact.table} and makes it anew:"
                f" with foreign keys on, the rows of {', '.join(children)} go with it",
                "with op.get_context().autocommit_block():\n"
                '    op.execute("PRAGMA foreign_keys=OFF")  # or run it with dbctl upgrade',
            )


def _turns_off(fact: Setting) -> bool:
    return fact.name == "foreign_keys" and fact.value.lower() in ("off", "0", "false", "no")
