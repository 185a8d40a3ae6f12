"""What a PostgreSQL connection sees of tables, of leftovers and of who else is there."""

from typing import TYPE_CHECKING, Any

from dbctl.database import catalog
from dbctl.database.condition import Client, Health, Leftover, Use
from dbctl.database.shape import Column, Index, Rule, TableDetail, TableSize
from dbctl.errors import NotFoundError

if TYPE_CHECKING:
    from dbctl.database.postgres import Connection


async def sizes(connection: "Connection") -> tuple[TableSize, ...]:
    """Every table with its rows counted in one snapshot."""
    tables = await connection.fetch(catalog.TABLES)
    if not tables:
        return ()
    counts = " UNION ALL ".join(
        f"SELECT {at} AS at, count(*) FROM {table['relation']}"  # noqa: S608 - quoted by the server
        for at, table in enumerate(tables)
    )
    rows = {row[0]: row[1] for row in await connection.fetch(counts)}
    return tuple(
        TableSize(table["name"], rows[at], table["bytes"]) for at, table in enumerate(tables)
    )


async def detail(connection: "Connection", name: str) -> TableDetail:
    """One table. Raises NotFoundError when there is none of that name."""
    sendable = name.encode("utf-8", "replace").decode()  # an argument may hold any bytes
    found = await connection.fetchrow(catalog.DETAIL, sendable)
    if found is None:
        raise NotFoundError(f"there is no table {name!r}", hint="see `dbctl tables list`")
    relation, size = found
    columns = await connection.fetch(catalog.COLUMNS, relation)
    indexes = await connection.fetch(catalog.INDEXES, relation)
    checks = await connection.fetch(catalog.CHECKS, relation)
    rows = await connection.fetchval(f"SELECT count(*) FROM {relation}")  # noqa: S608 - quoted by the server
    return TableDetail(
        name=relation,
        rows=rows,
        bytes=size,
        columns=tuple(_column(row) for row in columns),
        indexes=tuple(_index(*row) for row in indexes),
        checks=tuple(Rule(*row) for row in checks),
    )


async def health(connection: "Connection") -> Health:
    """How the connection is protected, and what an interrupted migration left behind."""
    leftovers = await connection.fetch(catalog.LEFTOVERS)
    invalid = await connection.fetch(catalog.INVALID_INDEXES)
    return Health(
        tls=await connection.fetchval(catalog.TLS),
        leftovers=tuple(Leftover(*row) for row in leftovers),
        invalid_indexes=tuple(row[0] for row in invalid),
    )


async def use(connection: "Connection") -> Use:
    """How large the database is, and who else is connected."""
    rows = await connection.fetch(catalog.USE)
    return Use(rows[0]["bytes"], tuple(Client(*row[1:]) for row in rows if row["sessions"]))


def _column(row: Any) -> Column:  # noqa: ANN401 - a record
    """One row of `catalog.COLUMNS`."""
    found = dict(row)
    kind = {name: found.pop(name) for name in ("identity", "generated")}
    return Column(
        **found,
        short_type=catalog.short_type(found["type"]),
        short_default=catalog.short_default(found["default"], **kind),
    )


def _index(*row: Any) -> Index:  # noqa: ANN401 - one row of `catalog.INDEXES`
    name, columns, unique, definition, condition, valid = row
    terms = tuple(columns)
    return Index(name, terms, unique, definition, terms, condition, valid)
