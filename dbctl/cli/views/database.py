"""Drawings of databases and tables."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType

from dbctl.cli.text import count, size
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.database.condition import DatabaseChange, Databases, Waited
from dbctl.database.shape import Column, Index, TableDetail, Tables, TablesChange

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
        row(made, one.name, one.short_type, null, one.short_default, _key(one))
    yield made
    yield from _below("index", "on", ((i.name, _indexed(i)) for i in value.indexes))
    yield from _below("check", "condition", ((c.name, c.condition) for c in value.checks))
    yield from _below("column", "means", ((c.name, c.comment) for c in value.columns if c.comment))


def _key(column: Column) -> str:
    primary = ["primary"] if column.key == "primary" else []
    target = [f"-> {column.references}"] if column.references else []
    return " ".join([*primary, *target, column.on_delete]).strip()


def _indexed(index: Index) -> str:
    """What an index is on, and what sets it apart from a plain one."""
    where = f" where {index.condition}" if index.condition else ""
    notes = [*(["unique"] if index.unique else []), *([] if index.valid else ["INVALID"])]
    return f"({', '.join(index.terms)}){where}" + "".join(f", {note}" for note in notes)


def _below(name: str, says: str, rows: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    """A smaller table under the columns; nothing when it has no rows."""
    made = table(name, says)
    for cells in rows:
        row(made, *cells)
    if made.row_count:
        yield line("")
        yield made


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
