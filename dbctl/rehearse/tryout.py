"""A program: try the models of the folder it runs in on a database; everything is rolled back.

It reads one JSON document (`url`, `root`, `metadata`) and prints one (`tables`, `breaks`). Started
by deployed.py in a process of its own.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dbctl import loop
from dbctl.database import own
from dbctl.database.engine import Database
from dbctl.pipeline import models
from dbctl.settings import Settings

_TAKEN = (
    "23505",
    "23503",
    "23P01",
)  # unique, foreign key, exclusion: NOT NULL was looked at before
_WIDTH = 160


def main() -> None:
    """Read what is asked, and print what was found."""
    order = json.loads(sys.stdin.read())
    with redirect_stdout(sys.stderr):  # what the project prints is not ours
        found = tried(order)
    print(json.dumps(found))  # noqa: T201 - the answer of this process


def tried(order: dict[str, Any]) -> dict[str, Any]:
    """Every mapped table, and what failed."""
    settings = Settings.load(url=order["url"], cwd=Path(order["root"]))
    if order["metadata"] and settings.metadata is None:
        settings = settings.model_copy(update={"metadata": order["metadata"]})
    metadata = models.metadata(settings)
    tables = [one for one in metadata.sorted_tables if not own.is_own(one.name, one.schema)]

    async def work() -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        async with Database(settings, metadata=metadata) as database:
            for table in tables:
                async with database.async_engine.connect() as connection:
                    found.extend(await connection.run_sync(_breaks, table))
                    await connection.rollback()
        return found

    return {"tables": len(tables), "breaks": loop.run(work())}


def _breaks(connection: Connection, table: Table) -> list[dict[str, str]]:
    """What the models can no longer do with one table."""
    found = list(_steps(connection, table))
    return [{"table": table.fullname, "model": table.name, **one} for one in found]


def _steps(connection: Connection, table: Table) -> Iterator[dict[str, str]]:
    row: dict[str, Any] = {}

    def read() -> None:
        first = connection.execute(select(table).limit(1)).mappings().first()
        row.update(first or {})

    if error := _error(connection, read):
        yield {"action": "select", "error": error}
        return
    if not row:
        yield from _unfilled(connection, table)
        return
    values = {column.name: row[column.name] for column in _written(table)}
    if error := _error(connection, lambda: connection.execute(insert(table).values(values))):
        yield {"action": "insert", "error": error}
    keys = [column == row[column.name] for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in table.primary_key}
    if changed and keys:
        statement = update(table).where(*keys).values(changed)
        if error := _error(connection, lambda: connection.execute(statement)):
            yield {"action": "update", "error": error}


def _written(table: Table) -> list[Column[Any]]:
    """The columns that the models write themselves."""
    return [
        column
        for column in table.columns
        if column.computed is None and not (column.identity and column.identity.always)
    ]


def _unfilled(connection: Connection, table: Table) -> Iterator[dict[str, str]]:
    """A table without rows: a column that must be given, and that the models do not know."""
    names = {column.name for column in table.columns}
    for column in inspect(connection).get_columns(table.name, schema=table.schema):
        given = column["nullable"] or column.get("default") is not None or column.get("identity")
        if column["name"] not in names and not given and not column.get("computed"):
            text = f"{column['name']} may not be null, and these models do not know it"
            yield {"action": "insert", "error": text}


def _error(connection: Connection, work: Callable[[], object]) -> str:
    """What is wrong, in a line; "" for nothing, or for a row that is there already."""
    try:
        with connection.begin_nested():
            work()
    except DBAPIError as error:
        original = error.orig
        state = str(getattr(original, "sqlstate", "") or getattr(original, "pgcode", ""))
        text = " ".join(str(original).split())
        taken = state in _TAKEN or "UNIQUE constraint failed" in text
        return "" if taken else _short(text)
    except (SQLAlchemyError, LookupError, ValueError, TypeError) as error:
        return _short(f"{type(error).__name__}: {error}")
    return ""


def _short(text: str) -> str:
    """Without the driver's own prefix, and not too long."""
    text = text.rpartition(">: ")[2]
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


if __name__ == "__main__":
    main()
