"""A PostgreSQL server that tests talk to, whoever started it. How one is started is in wheel.py."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import psycopg


@dataclass(frozen=True)
class Server:
    """Where the server is and who may do everything on it.

    `bin` holds psql and pg_dump; `socket_dir` is None for a server that the suite did not start.
    """

    host: str
    port: int
    user: str
    password: str
    bin: Path | None = None
    socket_dir: Path | None = None
    ca_file: Path | None = None
    query: str = ""

    @classmethod
    def at(cls, url: str, *, bin: Path | None) -> Self:  # noqa: A002 - the field's name
        """The server of a postgresql:// URL; the database that it names is not used."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or 5432,
            user=unquote(parts.username or "postgres"),
            password=unquote(parts.password or ""),
            bin=bin,
            query=parts.query,
        )

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what `dumps` wrote."""
        values = json.loads(text)
        for name in ("bin", "socket_dir", "ca_file"):
            values[name] = values[name] and Path(values[name])
        return cls(**values)

    def dumps(self) -> str:
        """The server as text, for another process of the same test run."""
        return json.dumps(asdict(self), default=str)

    def url(self, name: str = "postgres") -> str:
        """The URL of the database `name` without a driver, over TCP."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?{self.query}" if self.query else ""
        return f"postgresql://{self._login}@{host}:{self.port}/{quote(name, safe='')}{query}"

    def socket_url(self, name: str = "postgres") -> str:
        """The URL of the database `name` over the socket."""
        where = f"host={self.socket_dir}&port={self.port}"
        return f"postgresql://{self._login}@/{quote(name, safe='')}?{where}"

    @property
    def _login(self) -> str:
        password = f":{quote(self.password, safe='')}" if self.password else ""
        return quote(self.user, safe="") + password

    def run(self, sql: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run `sql` in the database `name`, each statement for itself; the rows of the last one.

        It is synchronous on purpose: it serves async tests too, while their loop runs.
        """
        with psycopg.connect(self.url(name), autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []
