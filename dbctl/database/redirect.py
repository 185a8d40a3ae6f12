"""Send every connection that SQLAlchemy opens in this process to one database, and prove it.

A project's env.py makes its own engine from its own URL: setting an option moves about half of
them. The `do_connect` event of the Engine class sees them all, whatever the driver, except an
engine with a `creator`; so what was connected to is compared with what was meant.
"""

from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

from dbctl.database.arguments import ARGUMENTS
from dbctl.database.engine import sqlalchemy_url
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, RefusedError
from dbctl.settings import Settings

# The same on every connection to one database of one running server, for every user.
IDENTITY = {
    "postgresql": "SELECT current_database() || ' ' || oid || ' '"
    " || extract(epoch FROM pg_postmaster_start_time())"
    " FROM pg_database WHERE datname = current_database()",
    "sqlite": "SELECT file FROM pragma_database_list WHERE name = 'main'",
}
WANTED = "dbctl_wanted"
Address = tuple[str, str, str]  # host, port, name; of a SQLite file its path alone
_HERE = ("", "localhost", "127.0.0.1", "::1")
_ADDRESS = ("host", "port", "user", "password", "database", "dbname")


@contextmanager
def redirected(url: Url, settings: Settings) -> Iterator[None]:
    """While the block runs, every new SQLAlchemy connection goes to `url`."""

    def do_connect(
        dialect: Dialect,
        record: ConnectionPoolEntry,
        cargs: MutableSequence[Any],
        cparams: dict[str, Any],
    ) -> None:
        _require_same_dialect(dialect, url)
        record.info[WANTED] = _place(dialect, cargs, cparams)
        args, parameters = _target(dialect, url, settings)
        if _goes_there(cargs, cparams, args, parameters):
            cparams.setdefault(*_limit(parameters))
            return
        kept = {k: v for k, v in cparams.items() if k not in (*_ADDRESS, "ssl", "sslmode")}
        cargs[:] = args
        cparams.clear()
        cparams.update({**kept, **parameters, **_merged(kept, parameters)})

    event.listen(Engine, "do_connect", do_connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", do_connect)


def require_identity(connection: Connection, wanted: str, url: Url) -> None:
    """Raises RefusedError when `connection` is not to the database with the identity `wanted`.

    The connection is left as it was found: outside a transaction when it was outside.
    """
    outside = not connection.in_transaction()
    found = connection.execute(text(IDENTITY[url.dialect])).scalar_one()
    if outside:
        connection.rollback()
    if normal(str(found), url) != wanted:
        raise RefusedError(
            f"the project's env.py connected to another database than {url.masked}",
            hint="it makes its connection itself; run with the URL that env.py uses",
        )


def require_meant(connection: Connection, url: Url, settings: Settings, seen: set[Address]) -> None:
    """Raises RefusedError when env.py wanted elsewhere and nobody told dbctl where to go.

    `seen` is where it wanted to go before in this run. Raises ConfigurationError when that is
    another database: one of them would be migrated with what the other one needs.
    """
    wanted: Address | None = connection.info.get(WANTED)
    if wanted is None:
        return
    seen.add(wanted)
    if len(seen) > 1:
        names = ", ".join(sorted(_shown(one) for one in seen))
        raise ConfigurationError(
            f"env.py migrates several databases in one run ({names})",
            hint="let -x or --name choose one of them, as env.py reads it, and say its --url",
        )
    if settings.url_meant or wanted == place_of(url):
        return
    source = settings.sources.get("url", "default")
    raise RefusedError(
        f"env.py connects to {_shown(wanted)}, and the URL for dbctl is {url.masked}"
        f" (from {source})",
        hint="say which one is meant: --url, DATABASE_URL, or url in [tool.dbctl]",
    )


def _place(dialect: Dialect, cargs: Sequence[Any], cparams: Mapping[str, Any]) -> Address | None:
    """The database that env.py's own arguments name; None where they cannot be read."""
    if dialect.name == "sqlite":
        name = str(cargs[0]) if cargs else str(cparams.get("database", ""))
        return None if name.startswith("file:") else ("", "", _file(name))
    if cargs or not isinstance(cparams.get("host", ""), str):
        return None
    name = cparams.get("dbname") or cparams.get("database") or cparams.get("user") or ""
    return _host(cparams.get("host", "")), str(cparams.get("port") or 5432), str(name)


def place_of(url: Url) -> Address:
    """Where a URL leads, in the form in which two of them can be compared."""
    if url.dialect == "sqlite":
        return "", "", _file(str(url.file or ":memory:"))
    return _host(url.host or ""), str(url.port or 5432), url.name or url.user or ""


def _host(name: str) -> str:
    """A host, where every name of this machine is one; a folder of sockets is this machine."""
    return "localhost" if name in _HERE or name.startswith("/") else name.lower()


def _file(name: str) -> str:
    return name if name in ("", ":memory:") else str(Path(name).resolve())


def _shown(place: Address) -> str:
    host, port, name = place
    return f"{host}:{port}/{name}" if host else name


def normal(identity: str, url: Url) -> str:
    """An identity in the form in which two of them can be compared."""
    return str(Path(identity).resolve()) if url.dialect == "sqlite" else identity


def _require_same_dialect(dialect: Dialect, url: Url) -> None:
    if dialect.name != url.dialect:
        raise ConfigurationError(
            f"the project's env.py makes a {dialect.name} engine; the URL is {url.masked}",
            hint="let env.py take its URL from the option sqlalchemy.url",
        )


def _target(dialect: Dialect, url: Url, settings: Settings) -> tuple[list[Any], dict[str, Any]]:
    """What the dialect's connect function takes for `url`."""
    args, parameters = dialect.create_connect_args(sqlalchemy_url(url, dialect.driver))
    translate = ARGUMENTS.get(dialect.driver)
    return list(args), {**parameters, **(translate(url, settings) if translate else {})}


def _goes_there(
    cargs: MutableSequence[Any],
    cparams: dict[str, Any],
    args: list[Any],
    parameters: dict[str, Any],
) -> bool:
    """Whether the project's own arguments already name this database."""
    same = all(str(cparams.get(k, "")) == str(parameters.get(k, "")) for k in _ADDRESS)
    return same and list(cargs) == args


def _merged(kept: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """asyncpg's server settings of both: a project's search_path says where its tables are."""
    name = "server_settings"
    if name not in kept:
        return {}
    return {name: {**parameters.get(name, {}), **kept[name]}}


def _limit(parameters: dict[str, Any]) -> tuple[str, Any]:
    """The connect time-out under the driver's own name."""
    name = "connect_timeout" if "connect_timeout" in parameters else "timeout"
    return name, parameters.get(name)
