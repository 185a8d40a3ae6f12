"""What there is on the copy before the first revision: relations, rows, columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dbctl.database import own
from dbctl.database.server import Session

_RELATIONS = """
SELECT c.oid::bigint, c.relkind::text, c.relfilenode::bigint,
       CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       coalesce(i.indrelid::bigint, 0), coalesce(i.indisvalid, true),
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END,
       greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint,
       c.relnatts::int, c.relname::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'dbctl')
   AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I', 'S')
"""
# Above this size of a table (bytes) the statistics are asked, and its rows are not counted.
COUNTED = 256 * 1024 * 1024
_AT_ONCE = 100
TABLES = ("r", "p", "m", "f")


@dataclass(frozen=True)
class Relation:
    """A relation of PostgreSQL as it was; `table` is the oid of an index's table, 0 for others.

    `columns` is the highest number that a column of it had.
    """

    oid: int
    kind: str
    filenode: int
    name: str
    sql: str
    table: int
    valid: bool
    bytes: int
    rows: int
    columns: int
    short: str

    @property
    def is_table(self) -> bool:
        """Whether it holds rows."""
        return self.kind in TABLES


@dataclass
class Census:
    """The relations by oid."""

    relations: dict[int, Relation] = field(default_factory=dict)

    def rows(self, oid: int) -> int:
        """The rows of a table, or of an index's table; 0 where it is not known."""
        found = self.relations.get(oid)
        if found is None:
            return 0
        return found.rows if not found.table else self.rows(found.table)

    @property
    def counts(self) -> dict[str, int]:
        """The rows of every table, by name."""
        return {one.name: one.rows for one in self.relations.values() if one.is_table}


async def postgres(session: Session, version_table: str) -> Census:
    """Every relation but the version table and dbctl's own."""
    rows = await session.fetch(_RELATIONS)
    found = [Relation(*row) for row in rows if row[3] != version_table]
    counts = {one.oid: one.rows for one in found}
    for few in _parts([one for one in found if one.is_table and one.kind != "f"]):
        counts |= await _counted(session, few)
    return Census({one.oid: replace(one, rows=counts[one.oid]) for one in found})


def _parts(tables: list[Relation]) -> Iterator[list[Relation]]:
    small = [one for one in tables if one.bytes <= COUNTED]
    for start in range(0, len(small), _AT_ONCE):
        yield small[start : start + _AT_ONCE]


async def _counted(session: Session, tables: Sequence[Relation]) -> dict[int, int]:
    parts = (f"SELECT {one.oid}::bigint, count(*) FROM {one.sql}" for one in tables)
    return {int(oid): int(rows) for oid, rows in await session.fetch(" UNION ALL ".join(parts))}


async def sqlite(session: Session, version_table: str) -> Mapping[str, int]:
    """Every table of a SQLite file with its rows."""
    return {
        one.name: one.rows
        for one in await session.sizes()
        if one.name != version_table and not own.is_own(one.name)
    }


async def estimates(session: Session) -> dict[str, int]:
    """The rows of every table as the server's statistics have them; nothing is read for it."""
    rows = await session.fetch(_RELATIONS)
    found = [Relation(*row) for row in rows]
    return {one.name: one.rows for one in found if one.is_table and one.kind != "p"}
