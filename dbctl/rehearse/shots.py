"""The schema after each revision, as the migrating connection itself sees it."""

from typing import Any

from sqlalchemy import Connection

from dbctl.database import fingerprint
from dbctl.rehearse.probe import ask

Schema = dict[str, str]


class Shots:
    """The observer of a run that only looks at what each revision leaves behind."""

    def __init__(self, version_table: str) -> None:
        self.schemas: dict[str, Schema] = {}
        self.running: str | None = None
        self._version_table = version_table
        self._connection: Connection | None = None

    def joined(self, connection: Connection) -> None:
        """Remember whom to ask."""
        self._connection = connection

    def began(self, script: Any) -> None:  # noqa: ANN401 - Alembic's Script
        """A revision runs."""
        self.running = script.revision

    def ended(self) -> None:
        """It has ended well: look."""
        if self.running is not None and self._connection is not None:
            self.schemas[self.running] = self._described(self._connection)
        self.running = None

    def _described(self, connection: Connection) -> Schema:
        """As `database.schema.described`, in the open transaction or without leaving one."""
        dialect = connection.dialect.name
        rows: Any = ask(connection, fingerprint.QUERIES[dialect])
        if not connection.in_transaction():
            connection.connection.rollback()
        found = fingerprint.made(dialect, rows, self._version_table)
        return {f"{one.kind} {one.object}": one.detail for one in sorted(found)}
