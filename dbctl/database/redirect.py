"""Send every connection that SQLAlchemy opens in this process to one database, and prove it.

A project's env.py makes its own engine from its own URL: setting an option moves about half of
them. The `do_connect` event of the Engine class sees them all, whatever the driver, except an
engine with a `creator`; so what was connected to is compared with what was meant.
"""

from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event, text

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
_ADDRESS = ("host", "port", "user", "password", "database", "dbname")


@contextmanager
def redirected(url: Url, settings: Settings) -> Iterator[None]:
    """While the block runs, every new SQLAlchemy connection goes to `url`."""

    def do_connect(
        dialect: Dialect, _record: object, cargs: MutableSequence[Any], cparams: dict[str, Any]
    ) -> None:
        _require_same_dialect(dialect, url)
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
