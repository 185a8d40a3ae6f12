"""One op.execute holds several statements: asyncpg does not take them.

asyncpg prepares each text, and a prepared text is one statement ("cannot insert multiple commands
into a prepared statement"). Other drivers take several; SQLite's takes one.

    op.execute("UPDATE ...")
    op.execute("ALTER TABLE ...")

Source: https://magicstack.github.io/asyncpg/current/api/index.html (Connection.execute)
"""

from collections.abc import Iterator

from dbctl.lint.facts import Several
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ()
_ONE = ("asyncpg", "aiosqlite", "pysqlite")


def check(seen: Seen) -> Iterator[Problem]:
    """Texts with several statements, where the driver takes one."""
    sqlite = seen.world.dialect == "sqlite"
    if not sqlite and seen.world.driver not in _ONE:
        return
    for one in (*seen.up, *seen.down):
        if isinstance(one.fact, Several):
            yield seen.problem(
                one.fact,
                f"{one.fact.count} statements in one text:"
                f" {'SQLite' if sqlite else 'asyncpg'} takes one at a time, this fails",
                "one op.execute for each statement",
            )
