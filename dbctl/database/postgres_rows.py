"""Which rows of a PostgreSQL table differ from those of its twin in another database.

Two databases cannot be joined: both add up hashes of their rows by bucket, and only the buckets
that differ are read row by row.
"""

from collections.abc import Sequence

from dbctl.database.comparing import SHOWN
from dbctl.database.postgres import quoted
from dbctl.database.server import Session

BUCKETS = 4096  # a power of two
_ROWS = "SELECT {key} AS k, ROW({columns})::text AS r FROM {table}"
_SUMS = """
SELECT (hashtextextended(k, 0) & {mask})::int, count(*),
       sum(hashtextextended(k || r, 0)::numeric)::text
  FROM ({rows}) t GROUP BY 1
"""
_BUCKET = """
SELECT k, md5(r) FROM ({rows}) t WHERE (hashtextextended(k, 0) & {mask})::int = ANY ($1::int[])
"""


async def compared(
    sessions: tuple[Session, Session], table: str, keys: Sequence[str], columns: Sequence[str]
) -> tuple[int, int, int, tuple[str, ...]]:
    """How many rows were added, removed, changed, and some of their keys."""
    rows = _ROWS.format(key=_key(keys), columns=_listed(columns), table=table)
    sums = _SUMS.format(rows=rows, mask=BUCKETS - 1)
    one, other = [{tuple(row) for row in await each.fetch(sums)} for each in sessions]
    buckets = sorted({row[0] for row in one ^ other})
    if not buckets:
        return 0, 0, 0, ()
    query = _BUCKET.format(rows=rows, mask=BUCKETS - 1)
    was, becomes = [dict(await each.fetch(query, buckets)) for each in sessions]
    added, removed = sorted(becomes.keys() - was), sorted(was.keys() - becomes)
    changed = sorted(key for key in was.keys() & becomes if was[key] != becomes[key])
    shown = (*changed, *added, *removed)[:SHOWN]
    return len(added), len(removed), len(changed), shown


def _key(keys: Sequence[str]) -> str:
    """One column as it is written; several as a row, which has commas and brackets."""
    if len(keys) == 1:
        return f"{quoted(keys[0])}::text"
    return f"ROW({_listed(keys)})::text"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))
