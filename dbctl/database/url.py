"""A database's address: read from every spelling users have, printed without its secrets.

What a driver needs to reach it is in arguments.py.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, quote, unquote, urlencode

from dbctl.errors import ConfigurationError

# postgres:// is what Heroku, Neon and others print; SQLAlchemy refuses it.
DIALECTS = {"postgres": "postgresql", "postgresql": "postgresql", "sqlite": "sqlite"}
SECRET_PARAMETERS = ("password", "sslpassword")
PORTS = range(1, 65536)
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_SHAPE = re.compile(
    r"(?P<dialect>[A-Za-z][A-Za-z0-9]*)(?:\+(?P<driver>[A-Za-z0-9_]+))?://"
    r"(?:(?P<user>[^:/@]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[^\]]*\]|[^/:?@]*)(?::(?P<port>[^/?@]*))?"
    r"(?:/(?P<name>[^?]*))?(?:\?(?P<query>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Url:
    """One database. `name` is the database, for SQLite the file as written ("" is in memory)."""

    dialect: str
    driver: str = ""
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    name: str = ""
    query: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """The address without its secrets, so that no log or traceback can leak one."""
        return f"Url({self.masked!r})"

    @classmethod
    def parse(cls, text: str, *, base: Path | None = None) -> Self:
        """Read `text`; a relative SQLite path starts at `base`.

        Raises ConfigurationError, without the text (it may hold a password), when it is no URL
        or its scheme is not one of ours.
        """
        match = _SHAPE.fullmatch(text.strip())
        if match is None:
            raise ConfigurationError(
                "the database URL cannot be read",
                hint="write postgresql://user:password@host:5432/name or sqlite:///file.db; "
                "percent-encode / ? @ : in a password",
            )
        dialect = _dialect(match["dialect"])
        if dialect == "sqlite":
            return cls._sqlite(match, base)
        return cls(
            dialect=dialect,
            driver=match["driver"] or "",
            user=unquote(match["user"] or ""),
            password=unquote(match["password"] or ""),
            host=_host(match),
            port=_port(match["port"]),
            name=unquote(match["name"] or ""),
            query=_query(match),
        )

    @classmethod
    def _sqlite(cls, match: re.Match[str], base: Path | None) -> Self:
        if match["host"]:
            raise ConfigurationError(
                "a SQLite URL has no host",
                hint="write three slashes: sqlite:///file.db, or four for an absolute path",
            )
        name = unquote(match["name"] or "")
        if name == ":memory:":
            name = ""
        if name and not name.startswith("file:"):
            name = str((base or Path.cwd()) / name)
        return cls("sqlite", match["driver"] or "", name=name, query=_query(match))

    @property
    def masked(self) -> str:
        """The URL with `***` for every secret in it."""
        hidden = tuple((k, "***" if k in SECRET_PARAMETERS else v) for k, v in self.query)
        return replace(self, password="***" if self.password else "", query=hidden).text

    @property
    def text(self) -> str:
        """The URL as it is written, secrets included."""
        scheme = self.dialect + (f"+{self.driver}" if self.driver else "")
        query = f"?{urlencode(self.query, safe='/:*')}" if self.query else ""
        if self.dialect == "sqlite":
            return f"{scheme}:///{quote(self.name, safe='/:')}{query}"
        return f"{scheme}://{self._login}{self._address}/{quote(self.name, safe='')}{query}"

    @property
    def _login(self) -> str:
        password = f":{quote(self.password, safe='*')}" if self.password else ""
        return f"{quote(self.user, safe='')}{password}@" if self.user or password else ""

    @property
    def _address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host + (f":{self.port}" if self.port else "")

    @property
    def parameters(self) -> dict[str, str]:
        """The query part; of a name given twice the last."""
        return dict(self.query)

    @property
    def server(self) -> str:
        """Host and port, or the socket's folder, for a person to read."""
        host = self.host or self.parameters.get("host", "") or "localhost"
        return f"{host}:{self.port or self.parameters.get('port', 5432)}"

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for memory and for servers."""
        if self.dialect != "sqlite" or not self.name:
            return None
        return Path(self.name.removeprefix("file:"))

    @property
    def is_local(self) -> bool:
        """Whether it is a file, a socket or this machine's loopback."""
        host = self.host or self.parameters.get("host", "")
        return self.dialect == "sqlite" or not host or host.startswith("/") or host in LOOPBACK

    @property
    def is_pooled(self) -> bool:
        """Whether it names a Neon pooler, behind which a session is not one's own."""
        return self.host.split(".")[0].endswith("-pooler")

    @property
    def direct(self) -> Self:
        """The same database without the pooler in front of it."""
        first, dot, rest = self.host.partition(".")
        return replace(self, host=first.removesuffix("-pooler") + dot + rest)

    def driven(self, driver: str) -> Self:
        """The same database for another driver."""
        return replace(self, driver=driver)

    def named(self, name: str) -> Self:
        """The database `name` on the same server."""
        return replace(self, name=name)


def _dialect(word: str) -> str:
    if word.lower() in DIALECTS:
        return DIALECTS[word.lower()]
    raise ConfigurationError(
        f"dbctl does not know the database {word!r}",
        hint="it works with postgresql:// and sqlite:// URLs",
    )


def _host(match: re.Match[str]) -> str:
    return unquote((match["host"] or "").strip("[]"))


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) not in PORTS:
        raise ConfigurationError(
            "the port of the database URL is not a number from 1 to 65535",
            hint="percent-encode / ? @ : in a password",
        )
    return int(text)


def _query(match: re.Match[str]) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(match["query"] or "", keep_blank_values=True))
