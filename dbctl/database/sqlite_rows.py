"""Which rows of a SQLite table differ from those of its twin in another file."""

from collections.abc import Sequence

from dbctl.database.comparing import SHOWN
from dbctl.database.server import Session
from dbctl.database.sqlite import quoted

# Both files in one connection: SQLite joins them through their keys.
_MISSING = (
    "SELECT {shown} FROM {one} AS a WHERE NOT EXISTS (SELECT 1 FROM {other} AS b WHERE {same})"
)
_CHANGED = (
    "SELECT {shown} FROM {one} AS a JOIN {other} AS b ON {same} WHERE ({left}) IS NOT ({right})"
)


async def compared(
    sessions: tuple[Session, Session], table: str, keys: Sequence[str], columns: Sequence[str]
) -> tuple[int, int, int, tuple[str, ...]]:
    """How many rows were added, removed, changed, and some of their keys."""
    session, beside = sessions
    file = (await beside.place()).name
    await session.fetch("ATTACH $1 AS other", file)
    try:
        here, there = f"main.{quoted(table)}", f"other.{quoted(table)}"
        parts = {
            "shown": " || ',' || ".join(f"a.{quoted(key)}" for key in keys),
            "same": " AND ".join(f"a.{quoted(key)} IS b.{quoted(key)}" for key in keys),
            "left": ", ".join(f"a.{quoted(one)}" for one in columns),
            "right": ", ".join(f"b.{quoted(one)}" for one in columns),
        }
        added = await _keys(session, _MISSING.format(one=there, other=here, **parts))
        removed = await _keys(session, _MISSING.format(one=here, other=there, **parts))
        changed = await _keys(session, _CHANGED.format(one=here, other=there, **parts))
    finally:
        await session.fetch("DETACH other")
    shown = (*changed[1], *added[1], *removed[1])[:SHOWN]
    return added[0], removed[0], changed[0], shown


async def _keys(session: Session, query: str) -> tuple[int, tuple[str, ...]]:
    """How many keys a query gives, and the first of them."""
    ((number,),) = await session.fetch(f"SELECT count(*) FROM ({query})")  # noqa: S608 - quoted above
    rows = await session.fetch(f"{query} LIMIT {SHOWN}") if number else []
    return number, tuple(str(row[0]) for row in rows)
