"""What a SQLite connection sees of tables."""

import sqlite3
from collections.abc import Iterable, Iterator

from dbctl.database import sqltext
from dbctl.database.shape import Column, Index, Rule, TableDetail, TableSize
from dbctl.database.sqlite import quoted


class Shape:
    """The tables of a file, by an open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def sizes(self, names: Iterable[str]) -> tuple[TableSize, ...]:
        """Tables with their rows counted; bytes where SQLite was built to know them."""
        sizes = self._bytes()
        return tuple(TableSize(name, self._count(name), sizes.get(name)) for name in names)

    def detail(self, name: str) -> TableDetail:
        """One table that is there."""
        return TableDetail(
            name=name,
            rows=self._count(name),
            bytes=self._bytes().get(name),
            columns=tuple(self._columns(name)),
            indexes=tuple(self._indexes(name)),
            checks=tuple(Rule(*one) for one in sqltext.checks(self._declared(name))),
        )

    def _count(self, name: str) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()  # noqa: S608 - quoted
        return int(row[0])

    def _bytes(self) -> dict[str, int]:
        """Bytes by table, indexes counted with it; {} when this SQLite has no dbstat."""
        query = (
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s"
            " JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
        )
        try:
            return dict(self._connection.execute(query))
        except sqlite3.OperationalError:
            return {}

    def _declared(self, name: str) -> str:
        """The statement that made a table or an index; "" for what SQLite made itself."""
        query = "SELECT sql FROM sqlite_master WHERE name = ?"
        row = self._connection.execute(query, (name,)).fetchone()
        return (row and row[0]) or ""

    def _columns(self, table: str) -> Iterator[Column]:
        keys = self._foreign_keys(table)
        found = self._connection.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()
        only = sum(1 for row in found if row[5]) == 1
        counted = only and not sqltext.is_without_rowid(self._declared(table))
        for _, name, kind, not_null, default, primary, hidden in found:
            key = keys.get(name)
            # The one INTEGER PRIMARY KEY is the row's number, which SQLite itself counts.
            auto = counted and primary and kind.upper() == "INTEGER"
            yield Column(
                name,
                kind,
                not (not_null or primary),
                default,
                "primary" if primary else key[0] if key else "",
                short_type=kind.lower() if kind.isupper() else kind,
                short_default="auto" if auto else "generated" if hidden else default or "",
                references=".".join(key[:2]) if key else "",
                on_delete=key[2] if key else "",
            )

    def _foreign_keys(self, table: str) -> dict[str, tuple[str, str, str]]:
        """For each column the table and column that it points at, and what a delete there does."""
        found = {}
        for row in self._connection.execute(f"PRAGMA foreign_key_list({quoted(table)})"):
            _, at, parent, column, target, _, on_delete, _ = row
            action = "" if on_delete == "NO ACTION" else on_delete.lower()
            found[column] = (parent, target or self._primary_key(parent)[at], action)
        return found

    def _primary_key(self, table: str) -> dict[int, str]:
        """The columns of a table's primary key by their place in it, from 0."""
        rows = self._connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
        return {row[5] - 1: row[1] for row in rows if row[5]}

    def _indexes(self, table: str) -> Iterator[Index]:
        for row in self._connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
            parts = self._connection.execute(f"PRAGMA index_info({quoted(row[1])})")
            columns = tuple(part[2] or "(expression)" for part in parts)
            definition = self._declared(row[1])
            terms, condition = sqltext.index_terms(definition) if definition else (columns, "")
            yield Index(row[1], columns, bool(row[2]), definition, terms, condition)
