"""What a PostgreSQL server says of its own work at debug1, heard through any driver."""

import re
from typing import Any

from sqlalchemy import Connection

from dbctl.rehearse.probe import ask

_SAY = "SELECT set_config('client_min_messages', 'debug1', false)"
_SCANNED = re.compile(r'(?:verifying|rewriting) table "(?P<table>.+?)"')
_CHECKED = re.compile(r'validating foreign key constraint "(?P<name>.+?)"')
_OF = """
SELECT c.relname::text FROM pg_constraint k
  JOIN pg_class c ON c.oid IN (k.conrelid, k.confrelid) WHERE k.contype = 'f' AND k.conname = '{}'
"""


class Notices:
    """The messages of the migrating sessions since they were last asked for."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._listened: set[int] = set()

    def listen(self, connection: Connection) -> None:
        """Let the server say it; the setting is the session's, and its transaction goes on."""
        outside = not connection.in_transaction()
        connection.exec_driver_sql(_SAY)
        if outside:
            connection.commit()
        driver: Any = connection.connection.driver_connection
        if id(driver) in self._listened:
            return
        self._listened.add(id(driver))
        if hasattr(driver, "add_notice_handler"):  # psycopg
            driver.add_notice_handler(lambda said: self._hear(said.message_primary))
        elif hasattr(driver, "add_log_listener"):  # asyncpg
            driver.add_log_listener(lambda _, said: self._hear(getattr(said, "message", "")))

    def _hear(self, message: str | None) -> None:
        self._heard.append(message or "")

    def clear(self, connection: Connection) -> None:
        """Forget what was said."""
        self._taken(connection)

    def _taken(self, connection: Connection) -> list[str]:
        driver: Any = connection.connection.driver_connection
        kept = getattr(driver, "notices", None)  # psycopg2 collects them
        if kept is not None:
            self._heard.extend(map(str, kept))
            kept.clear()
        heard, self._heard = self._heard[:], []
        return heard

    def scanned(self, connection: Connection) -> set[str]:
        """The tables that the server says it has read as a whole."""
        said = "\n".join(self._taken(connection))
        found = {match["table"] for match in _SCANNED.finditer(said)}
        for match in _CHECKED.finditer(said):
            name = match["name"].replace("'", "''")
            found |= {str(row[0]) for row in ask(connection, _OF.format(name))}
        return found
