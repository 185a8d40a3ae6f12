"""Counts what an application asks its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from dbctl import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Every statement of the block, on whatever connection, without BEGIN and COMMIT."""
    seen: list[str] = []

    def heard(*args: Any) -> None:
        seen.append(args[2])

    engine = database.async_engine.sync_engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", heard)
