"""Drawings of databases and tables."""

from collections.abc import Iterator

from rich.console import RenderableType

from dbctl.cli.text import count, size
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.database.model import (
    DatabaseChange,
    Databases,
    TableDetail,
    Tables,
    TablesChange,
    Waited,
)

PAST = {"create": "created", "drop": "dropped", "truncate": "emptied"}


def tables(value: Tables) -> Iterator[RenderableType]:
    """Every table with its rows and bytes."""
    if not value.tables:
        yield line(str(value.database), ": no tables")
        yield following("dbctl up")
        return
    made = table("table", "rows", "size", right=["rows", "size"])
    for one in value.tables:
        row(made, one.name, f"{one.rows:,}", size(one.bytes))
    yield made
    yield line((str(value.database), "dim"))


def detail(value: TableDetail) -> Iterator[RenderableType]:
    """One table like a page of a data dictionary."""
    bytes_ = f", {size(value.bytes)}" if value.bytes is not None else ""
    yield line((value.name, "bold"), f"  {count(value.rows, 'row')}{bytes_}")
    made = table("column", "type", "null", "default", "key")
    for one in value.columns:
        null = "" if one.nullable else "not null"
        row(made, one.name, one.type, null, one.default or "", _key(one.key))
    yield made
    if value.indexes:
        yield line("")
        found = table("index", "columns", "unique")
        for index in value.indexes:
            row(found, index.name, ", ".join(index.columns), "unique" if index.unique else "")
        yield found


def _key(key: str) -> str:
    return key if key in ("", "primary") else f"-> {key}"


def databases(value: Databases) -> Iterator[RenderableType]:
    """The databases of a server; the project's own is marked."""
    made = table("database", "size", right=["size"])
    for one in value.databases:
        mark = "* " if one.current else "  "
        row(made, mark + one.name, size(one.bytes), style="green" if one.current else "")
    yield made if value.databases else line("no database yet")


def change(value: DatabaseChange) -> Iterator[RenderableType]:
    """Created or dropped, or nothing to do."""
    where = f" on {value.host}" if value.host else ""
    if value.changed:
        yield line((PAST[value.action], "green"), f" {value.database}{where}")
    else:
        said = "is there already" if value.action == "create" else "is not there"
        yield line(f"{value.database} {said}{where}: nothing to do")
    if value.action == "create":
        yield following("dbctl up")


def tables_change(value: TablesChange) -> Iterator[RenderableType]:
    """Which tables, and how many rows went with them."""
    if not value.tables:
        yield line("nothing to do")
        return
    rows = f", {count(value.rows, 'row')}" if value.action != "create" else ""
    yield line((PAST[value.action], "green"), f" {count(len(value.tables), 'table')}{rows}")
    for name in value.tables:
        yield line("  ", name)


def waited(value: Waited) -> Iterator[RenderableType]:
    """The server answered."""
    yield line(("ready", "green"), f"  {value.database}  after {value.seconds:.1f} s")


VIEWS: dict[type, View] = {
    Tables: tables,
    TableDetail: detail,
    Databases: databases,
    DatabaseChange: change,
    TablesChange: tables_change,
    Waited: waited,
}
