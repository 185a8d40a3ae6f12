"""A database's address: read from every spelling users have, printed without its secrets.

What a driver needs to reach it is in arguments.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlencode

from dbctl.errors import ConfigurationError

# postgres:// is what Heroku, Neon and others print; SQLAlchemy refuses it.
DIALECTS = {"postgres": "postgresql", "postgresql": "postgresql", "sqlite": "sqlite"}
SECRET_PARAMETERS = ("password", "sslpassword")
PORTS = range(1, 65536)
Pair: TypeAlias = tuple[str, str]
LOOPBACK = ("localhost", "127.0.0.1", "::1")

# Parts of the address that may stand in the query part instead, as libpq has it.
ADDRESS = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "name"}

_SCHEME = r"(?P<dialect>[A-Za-z][A-Za-z0-9]*)(?:\+(?P<driver>[A-Za-z0-9_]+))?://"
_HOST = r"(?P<host>\[[^\]]*\]|[^/:?@]*)"
_STRICT = re.compile(
    _SCHEME + r"(?:(?P<user>[^:/@]*)(?::(?P<password>[^?]*))?@)?" + _HOST + r"(?::(?P<port>\d*))?"
    r"(?:/(?P<name>[^?]*))?(?:\?(?P<query>(?:\w+=.*)?))?",
    re.DOTALL,
)
# For a password that nobody encoded: it reaches to the last @, which may stand in the query part,
# so this comes second.
_LENIENT = re.compile(
    _SCHEME + r"(?:(?P<user>[^:/@]*)(?::(?P<password>.*))?@)?" + _HOST + r"(?::(?P<port>[^/?@]*))?"
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
        match = _STRICT.fullmatch(text.strip()) or _LENIENT.fullmatch(text.strip())
        if match is None:
            raise ConfigurationError(
                "the database URL cannot be read",
                hint="write postgresql://user:password@host:5432/name or sqlite:///file.db; "
                "percent-encode / ? @ : in a password",
            )
        dialect = _dialect(match["dialect"])
        if dialect == "sqlite":
            return cls._sqlite(match, base)
        parts = {name: _unquoted(match[name]) for name in ("user", "password", "host", "name")}
        parts |= {"host": parts["host"].strip("[]"), "port": match["port"] or ""}
        query = _folded(parts, _query(match))
        port = _port(parts.pop("port"))
        return cls(dialect, match["driver"] or "", port=port, query=query, **parts)

    @classmethod
    def _sqlite(cls, match: re.Match[str], base: Path | None) -> Self:
        if match["host"]:
            raise ConfigurationError(
                "a SQLite URL has no host",
                hint="write three slashes: sqlite:///file.db, or four for an absolute path",
            )
        name, query = _unquoted(match["name"]), _query(match)
        if name == ":memory:":
            name = ""
        # SQLite reads file: as a URI only when it is told so.
        uri = "file:" if name.startswith("file:") and dict(query).get("uri") == "true" else ""
        if name and not _in_memory(name, query):
            name = uri + str((base or Path.cwd()) / name.removeprefix(uri))
        return cls("sqlite", match["driver"] or "", name=name, query=query)

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
        if self.dialect != "sqlite" or not self.name or _in_memory(self.name, self.query):
            return None
        return Path(self.name.removeprefix("file:"))

    @property
    def is_local(self) -> bool:
        """Whether it is a file, a socket or this machine's loopback."""
        host = self.host or self.parameters.get("host", "")
        return self.dialect == "sqlite" or host.startswith("/") or host.lower() in ("", *LOOPBACK)

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


def _folded(parts: dict[str, str], query: Iterable[tuple[str, str]]) -> tuple[Pair, ...]:
    """Move address parts from the query part into `parts`; return the rest of it.

    A socket's folder stays, with its port. Raises ConfigurationError for a part that is named
    twice: drivers disagree on which one counts, and one of them may be somebody's real server.
    """
    if parts["host"].startswith("/"):
        query = (*query, ("host", parts["host"]))
    kept: list[Pair] = []
    socket = dict(query).get("host", "").startswith("/")
    if socket:
        parts["host"] = ""
    for name, value in query:
        field = ADDRESS.get(name, "")
        if not field or (socket and name in ("host", "port")):
            kept.append((name, value))
        elif parts[field] not in ("", value):
            raise ConfigurationError(f"the database URL names {name} twice", hint="leave one out")
        else:
            parts[field] = value
    return tuple(kept)


def _in_memory(name: str, query: Iterable[Pair]) -> bool:
    return name.startswith("file::memory:") or ("mode", "memory") in query


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) not in PORTS:
        raise ConfigurationError(
            "the port of the database URL is not a number from 1 to 65535",
            hint="percent-encode / ? @ : in a password",
        )
    return int(text)


def _unquoted(text: str | None) -> str:
    """A part of the URL; bytes that are no text would make two names one."""
    try:
        return unquote(text or "", errors="strict")
    except UnicodeDecodeError:
        raise ConfigurationError(
            "the database URL holds bytes that are not UTF-8",
            hint="percent-encode the text's UTF-8",
        ) from None


def _query(match: re.Match[str]) -> tuple[Pair, ...]:
    return tuple(parse_qsl(match["query"] or "", keep_blank_values=True))
