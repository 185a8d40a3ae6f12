"""SQLite: the file's one lock, tables that are built anew, and what is lost on the way.

A statement names every table that it changes, except where a foreign key cascades; so what it
names is counted before it runs, and looked for again before the commit.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from dbctl.database.sqlite import REBUILT, quoted
from dbctl.rehearse.model import Blocked, Lost, Scan, Written
from dbctl.rehearse.probe import Effect, ask

WHOLE = "the whole file"
MODE = "write lock"
_NAME = r'["`\[]?(?P<{}>\w+)["`\]]?'
_REBUILDS = re.compile(
    rf"\s*INSERT\s+INTO\s+[\"`]?{REBUILT}(?P<table>\w+)[\"`]?\s*\(.*?\)\s*SELECT\s+(?P<taken>.*)"
    r"\bFROM\b",
    re.I | re.S,
)
_CREATES = re.compile(rf"\s*CREATE\s+TABLE\s+[\"`]?{REBUILT}(?P<table>\w+)", re.I)
_COLUMN = re.compile(
    rf"\s*ALTER\s+TABLE\s+{_NAME.format('table')}\s+DROP\s+(?:COLUMN\s+)?{_NAME.format('column')}",
    re.I,
)
_RENAMES = re.compile(
    rf"\s*ALTER\s+TABLE\s+{_NAME.format('table')}\s+RENAME\s+TO\s+{_NAME.format('new')}", re.I
)
_DELETES = re.compile(rf"\s*DELETE\s+FROM\s+{_NAME.format('table')}", re.I)
_WRITES = re.compile(
    rf"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?)\s+"
    rf"{_NAME.format('table')}",
    re.I,
)
_DROPS = re.compile(rf"\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_NAME.format('table')}", re.I)
_INDEXES = re.compile(
    rf"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME.format('index')}\s+ON\s+"
    rf"{_NAME.format('table')}",
    re.I,
)
_CAST = re.compile(r"CAST\(\s*(?P<value>[^()]+?)\s+AS\s+(?P<type>[^()]+(?:\([\d, ]+\))?)\)", re.I)
_READS = re.compile(r"\s*(?:SELECT|PRAGMA|WITH|BEGIN|COMMIT|END|ROLLBACK|EXPLAIN)\b", re.I)
_POINTING = """
WITH RECURSIVE pointing(name) AS (
    VALUES ('{}') UNION
    SELECT m.name FROM pointing p, sqlite_master m, pragma_foreign_key_list(m.name) k
     WHERE m.type = 'table' AND k."table" = p.name COLLATE NOCASE AND k.on_delete = 'CASCADE')
SELECT name FROM pointing WHERE name <> '{}' COLLATE NOCASE
"""
_UNCHECKED = re.compile(r"\s*PRAGMA\s+foreign_keys\s*=\s*(?:OFF|0|FALSE|NO)\b", re.I)
CASCADED = "deleted by the cascade under plain `alembic upgrade`; `dbctl upgrade` keeps them"


@dataclass
class _Doing:
    """What one transaction has done so far."""

    dropped: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    wrote: bool = False


class SqliteProbe:
    """Looks at one migrating connection.

    `counts` are the tables before the first revision, `there` what the schema held then, named as
    `database.schema.described` does.
    """

    def __init__(self, counts: Mapping[str, int], there: Collection[str]) -> None:
        self.counts = dict(counts)
        self._there = there
        self.invalid: set[str] = set()
        self._doing = _Doing()
        self._lost: list[Lost] = []
        self._enforced = False
        self._unchecked = False  # the revision itself takes care of it

    def joined(self, connection: Connection) -> None:
        """See whether the project's own connections enforce foreign keys: rebuilds empty tables."""
        raw = connection.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA foreign_keys")
            self._enforced = bool(cursor.fetchall()[0][0])
            cursor.close()
        finally:
            raw.close()

    def before(self, connection: Connection, statement: str, *, bare: bool) -> None:  # noqa: ARG002 - the seam's
        """Count what the statement is about to destroy."""
        self._lost = []
        self._unchecked |= bool(_UNCHECKED.match(statement))
        if match := _COLUMN.match(statement):
            self._lost = [_column(connection, match["table"], match["column"])]
        elif match := _DROPS.match(statement):
            self._doing.dropped[match["table"]] = _count(connection, match["table"])
        elif match := _REBUILDS.match(statement):
            self._lost = [
                *_left_out(connection, match["table"], match["taken"]),
                *_cast(connection, match["table"], match["taken"]),
                *self._cascaded(connection, match["table"]),
            ]

    def _cascaded(self, connection: Connection, table: str) -> Iterator[Lost]:
        """What plain Alembic would lose, where the project's connections enforce foreign keys."""
        if not self._enforced or self._unchecked:
            return
        for (name,) in ask(connection, _POINTING.format(table, table)):
            yield Lost(str(name), None, _count(connection, str(name)), CASCADED)

    def after(self, connection: Connection, statement: str, rows: int) -> Effect:  # noqa: ARG002
        """What the statement did."""
        if not _READS.match(statement):
            self._doing.wrote = True
        lost = [one for one in self._lost if one.values and self._was(one)]
        self._lost = []
        if match := _DELETES.match(statement):
            lost += [Lost(match["table"], None, rows, "deleted")] if rows else []
        if match := _RENAMES.match(statement):
            self._doing.renamed[match["new"]] = match["table"]
            self._doing.dropped.pop(match["new"], None)
        rewrites, built = tuple(self._rebuilt(statement)), tuple(self._built(statement))
        scans = tuple(Scan(one, self.counts[one]) for one in rewrites if self.counts.get(one))
        return Effect(
            held=self._held,
            rewrites=rewrites,
            scans=scans,
            built=tuple(name for name, _ in built),
            written=tuple(_written(statement, rows)),
            lost=tuple(one for one in lost if self._known(one.relation)),
            work=(
                *(f"{one.relation} is built anew ({one.rows:,} rows)" for one in scans),
                *(f"{name} is built ({count:,} rows)" for name, count in built if count),
            ),
            tables=tuple(_named(statement, self.counts)),
        )

    @property
    def _held(self) -> dict[str, str]:
        return {WHOLE: MODE} if self._doing.wrote else {}

    def _was(self, one: Lost) -> bool:
        """Whether the column was there before, or the whole table."""
        table = self._doing.renamed.get(one.relation, one.relation)
        return one.column is None or f"column {table}.{one.column}" in self._there

    def _known(self, table: str) -> bool:
        return self._doing.renamed.get(table, table) in self.counts

    def _rebuilt(self, statement: str) -> Iterator[str]:
        if (match := _REBUILDS.match(statement)) and match["table"] in self.counts:
            yield match["table"]

    def _built(self, statement: str) -> Iterator[tuple[str, int]]:
        if (match := _INDEXES.match(statement)) and match["table"] in self.counts:
            yield f"{match['index']} on {match['table']}", self.counts[match["table"]]

    def failed(self, connection: Connection) -> None:  # noqa: ARG002 - the seam's
        """Nothing was done."""
        self._lost = []

    def ending(self, connection: Connection) -> Effect:  # noqa: ARG002 - the seam's
        """Tables that were dropped and that no other took the name of."""
        dropped, self._doing.dropped = self._doing.dropped, {}
        lost = (
            Lost(name, None, rows, "dropped with the table")
            for name, rows in dropped.items()
            if rows and name in self.counts
        )
        return Effect(held=self._held, lost=tuple(lost))

    def ended(self, *, committed: bool) -> None:  # noqa: ARG002 - the seam's
        """The next transaction begins with nothing."""
        self._doing = _Doing()

    def blocks(self, mode: str) -> tuple[Blocked, ...]:
        """The one lock keeps out whoever writes, whatever table it is."""
        return ("writes",) if mode == MODE else ()


def _count(connection: Connection, table: str) -> int:
    there = ask(connection, f"SELECT 1 FROM sqlite_master WHERE name = '{table}'")
    query = f"SELECT count(*) FROM {quoted(table)}"
    return int(ask(connection, query)[0][0]) if there else 0


def _columns(connection: Connection, table: str) -> list[str]:
    return [str(row[1]) for row in ask(connection, f"PRAGMA table_info({quoted(table)})")]


def _column(connection: Connection, table: str, column: str) -> Lost:
    """Values of a column that goes; those do not count that a later column of the row holds."""
    names = _columns(connection, table)
    if column not in names:
        return Lost(table, column, 0, "")
    later = names[names.index(column) + 1 :]
    kept = "".join(f" AND {quoted(one)} IS NOT {quoted(column)}" for one in later)
    query = f"SELECT count(*) FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL{kept}"
    return Lost(table, column, int(ask(connection, query)[0][0]), "dropped with the column")


def _left_out(connection: Connection, table: str, taken: str) -> Iterator[Lost]:
    """Columns that the copy of a rebuilt table does not take over."""
    for name in _columns(connection, table):
        if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", taken):
            yield _column(connection, table, name)


def _cast(connection: Connection, table: str, taken: str) -> Iterator[Lost]:
    """Values that are not the same any more when another type has held them."""
    for match in _CAST.finditer(taken):
        value, kind = match["value"].strip(), match["type"].strip()
        query = (
            f"SELECT count(*) FROM {quoted(table)} WHERE {value} IS NOT NULL"
            f" AND CAST(CAST({value} AS {kind}) AS TEXT) <> CAST({value} AS TEXT)"
        )
        name = value.split(".")[-1].strip('"`[]')
        yield Lost(table, name, int(ask(connection, query)[0][0]), "changed by the type")


def _written(statement: str, rows: int) -> Iterator[Written]:
    if match := _WRITES.match(statement):
        updated = statement.lstrip()[:6].upper() == "UPDATE"
        name = match["table"]
        if not name.startswith(REBUILT) and rows:
            yield Written(name, 0 if updated else rows, rows if updated else 0)
    elif (match := _DELETES.match(statement)) and rows:
        yield Written(match["table"], deleted=rows)


def _named(statement: str, counts: Mapping[str, int]) -> Iterator[str]:
    words = set(re.findall(r"\w+", statement.replace(REBUILT, "")))
    return (name for name in counts if name in words)
