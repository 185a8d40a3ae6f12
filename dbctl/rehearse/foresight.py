"""What a PostgreSQL statement is about to destroy: tried inside a savepoint, then counted.

Only the server knows what CASCADE, a DO block or a procedure takes with it.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dbctl.rehearse.census import Census, Relation
from dbctl.rehearse.model import Lost
from dbctl.rehearse.probe import ask

_DESTROYS = re.compile(r"\b(?:DROP|TRUNCATE)\b|^\s*(?:DO|CALL)\b", re.IGNORECASE)
# It would end the transaction that the savepoint is in.
_ENDS = re.compile(r"\b(?:COMMIT|ROLLBACK|CONCURRENTLY)\b", re.IGNORECASE)
_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_TABLE = re.compile(
    rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<table>{_NAME}(?:\.{_NAME})?)", re.I
)
_TYPE = re.compile(
    rf"ALTER\s+(?:COLUMN\s+)?(?P<column>{_NAME})\s+(?:SET\s+DATA\s+)?TYPE\s+(?P<type>.+?)"
    r"(?:\s+COLLATE\s+\S+)?(?:\s+USING\s+(?P<using>.+?))?\s*"
    r"(?:,\s*(?=(?:ALTER|ADD|DROP)\b)|;|$)",
    re.IGNORECASE | re.DOTALL,
)
_COLUMNS = """
SELECT a.attrelid::bigint, a.attnum::int, a.attname::text FROM pg_attribute a
 WHERE a.attrelid IN ({}) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
"""
_FILES = "SELECT oid::bigint, relfilenode::bigint FROM pg_class WHERE oid IN ({})"
_SAVE = "dbctl_rehearsal"
Columns = dict[int, dict[int, str]]


def losses(connection: Connection, statement: str, census: Census) -> tuple[Lost, ...]:
    """The values of what was there before the rehearsal that `statement` is about to destroy."""
    found: list[Lost] = []
    if _DESTROYS.search(statement) and not _ENDS.search(statement):
        found.extend(_destroyed(connection, statement, census))
    if "TYPE" in statement.upper():
        found.extend(_converted(connection, statement))
    return tuple(one for one in found if one.values)


def _destroyed(connection: Connection, statement: str, census: Census) -> Iterator[Lost]:
    tables = [one for one in census.relations.values() if one.kind in ("r", "m")]
    if not tables:
        return
    before, files = _columns(connection, tables), _files(connection, tables)
    tried = _tried(connection, statement, tables)
    if tried is None:
        return
    after, changed = tried
    for table in tables:
        was, now = before.get(table.oid, {}), after.get(table.oid, {})
        if table.oid in files and table.oid not in changed:
            yield Lost(table.name, None, _count(connection, table), "dropped with the table")
        elif changed.get(table.oid) != files.get(table.oid) and _truncates(statement):
            yield Lost(table.name, None, _count(connection, table), "truncated")
        else:
            gone = sorted(one for one in was.keys() - now.keys() if one <= table.columns)
            yield from (_column(connection, table, was, number) for number in gone)


def _truncates(statement: str) -> bool:
    return "TRUNCATE" in statement.upper()


def _columns(connection: Connection, tables: list[Relation]) -> Columns:
    """The columns of each table, by number."""
    found: Columns = {}
    for oid, number, name in ask(connection, _COLUMNS.format(_oids(tables))):
        found.setdefault(int(oid), {})[int(number)] = str(name)
    return found


def _files(connection: Connection, tables: list[Relation]) -> dict[int, int]:
    return {int(oid): int(file) for oid, file in ask(connection, _FILES.format(_oids(tables)))}


def _oids(tables: list[Relation]) -> str:
    return ", ".join(str(one.oid) for one in tables)


def _tried(
    connection: Connection, statement: str, tables: list[Relation]
) -> tuple[Columns, dict[int, int]] | None:
    """Columns and files after the statement, which is taken back; None when it fails."""
    ask(connection, f"SAVEPOINT {_SAVE}")
    try:
        ask(connection, statement)
        return _columns(connection, tables), _files(connection, tables)
    except Exception:  # noqa: BLE001 - any driver's; it fails again when it runs for good
        return None
    finally:
        ask(connection, f"ROLLBACK TO SAVEPOINT {_SAVE}")
        ask(connection, f"RELEASE SAVEPOINT {_SAVE}")


def _count(connection: Connection, table: Relation) -> int:
    query = f"SELECT count(*) FROM {_current(connection, table)}"
    return int(ask(connection, query)[0][0])


def _current(connection: Connection, table: Relation) -> str:
    """The table's name as it is now: an earlier revision may have renamed it."""
    return str(ask(connection, f"SELECT {table.oid}::regclass::text")[0][0])


def _column(connection: Connection, table: Relation, columns: dict[int, str], number: int) -> Lost:
    """Values of a column that goes; those do not count that another column of the row holds."""
    name = columns[number]
    gone = quoted(name)
    others = [quoted(one) for other, one in columns.items() if other > number]
    kept = "".join(f" AND {one}::text IS DISTINCT FROM {gone}::text" for one in others)
    query = f"SELECT count(*) FROM {_current(connection, table)} WHERE {gone} IS NOT NULL{kept}"
    return Lost(table.name, name, int(ask(connection, query)[0][0]), "dropped with the column")


def _converted(connection: Connection, statement: str) -> Iterator[Lost]:
    """Values that another type cannot hold as they are: rounded, cut, put together."""
    if not (table := _TABLE.search(statement)):
        return
    for match in _TYPE.finditer(statement, table.end()):
        values = None
        with suppress(DBAPIError):
            values = _changed(connection, table["table"], match)
        if values:
            yield Lost(
                _plain(table["table"]), _plain(match["column"]), values, "changed by the type"
            )


def _changed(connection: Connection, table: str, match: re.Match[str]) -> int | None:
    column, using = match["column"], match["using"] or match["column"]
    old = _type(connection, table, column)
    new = match["type"].strip()
    if old is None or {old.split("(")[0], new.lower().split("(")[0]} == {"json", "jsonb"}:
        return None
    back = f"((({using})::{new})::{old})::text"
    query = (
        f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL"
        f" AND {back} IS DISTINCT FROM {column}::text"
    )
    return _guarded(connection, query)


def _type(connection: Connection, table: str, column: str) -> str | None:
    name, plain = table.replace("'", "''"), _plain(column).replace("'", "''")
    rows = ask(
        connection,
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
        f" WHERE attrelid = to_regclass('{name}') AND attname = '{plain}'",
    )
    return str(rows[0][0]) if rows else None


def _guarded(connection: Connection, query: str) -> int | None:
    """The number that a query gives; None when it fails, and the transaction goes on."""
    ask(connection, f"SAVEPOINT {_SAVE}")
    try:
        return int(ask(connection, query)[0][0])
    except Exception:  # noqa: BLE001 - any driver's: some types have no way back
        ask(connection, f"ROLLBACK TO SAVEPOINT {_SAVE}")
        return None
    finally:
        ask(connection, f"RELEASE SAVEPOINT {_SAVE}")


def _plain(name: str) -> str:
    """A name as the catalog has it, a schema `public` left out."""
    parts = [part.strip('"') for part in name.split(".")]
    return ".".join(parts[1:] if parts[0] == "public" and parts[1:] else parts)


def quoted(name: str) -> str:
    """An identifier in quotes."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
