"""From a `Url` and `Settings` to what each driver's connect function takes.

libpq's parameters mean the same whatever the driver. asyncpg does not know most of them, so they
are translated for it; psycopg takes them as they are.
"""

import difflib
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar, get_args
from uuid import uuid4

from dbctl.database.url import Url
from dbctl.errors import ConfigurationError
from dbctl.settings import Settings, SslMode

# Understood by libpq or by other tools that share the URL; asyncpg has no counterpart.
DROPPED = (
    "channel_binding", "gssencmode", "pgbouncer", "pool_timeout", "connection_limit", "schema",
    "client_encoding", "sslsni", "sslcompression", "keepalives", "keepalives_idle",
    "keepalives_interval", "keepalives_count", "fallback_application_name", "tcp_user_timeout",
)  # fmt: skip
# Spoken by asyncpg's users in SQLAlchemy URLs.
ASYNCPG_NUMBERS = {
    "command_timeout": float, "statement_cache_size": int, "max_cacheable_statement_size": int,
    "max_cached_statement_lifetime": int, "prepared_statement_cache_size": int,
}  # fmt: skip
TRANSLATED = (
    "sslmode", "ssl", "sslrootcert", "sslcert", "sslkey", "sslpassword", "connect_timeout",
    "application_name", "options", "host", "port", "user", "password", "dbname",
    "target_session_attrs",
)  # fmt: skip
# What libpq's parameters are called in the environment.
VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "database": "PGDATABASE", "options": "PGOPTIONS", "application_name": "PGAPPNAME",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "sslsni": "PGSSLSNI", "sslcompression": "PGSSLCOMPRESSION",
    "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE",
    "connect_timeout": "PGCONNECT_TIMEOUT", "client_encoding": "PGCLIENTENCODING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}  # fmt: skip
# For a running application; dbctl's own connections say "dbctl <command>".
APPLICATION = "dbctl"

LONGEST = 600.0  # seconds; the limit of the setting too
T = TypeVar("T", int, float)


def asyncpg_arguments(url: Url, settings: Settings) -> dict[str, Any]:
    """Keyword arguments for `asyncpg.connect` beside the address: TLS, time-outs, caches.

    Raises ConfigurationError for a parameter that nobody knows.
    """
    parameters = url.parameters
    _require_known(parameters)
    arguments: dict[str, Any] = {
        "timeout": _connect_timeout(url, settings),
        "server_settings": _server_settings(url, settings),
    }
    for name, kind in ASYNCPG_NUMBERS.items():
        if name in parameters and name != "prepared_statement_cache_size":
            arguments[name] = _number(parameters, name, kind)
    if "target_session_attrs" in parameters:
        arguments["target_session_attrs"] = parameters["target_session_attrs"]
    if (tls := _tls(parameters, settings)) is not None:
        arguments["ssl"] = tls
    if url.is_pooled:
        # Another client may sit on the server connection that remembers our statement.
        arguments["statement_cache_size"] = 0
    return arguments


def sqlalchemy_asyncpg_arguments(url: Url, settings: Settings) -> dict[str, Any]:
    """The same as `connect_args` for SQLAlchemy's asyncpg dialect, which has caches of its own."""
    arguments = asyncpg_arguments(url, settings)
    parameters = url.parameters
    arguments.update(_address(url))
    if "prepared_statement_cache_size" in parameters:
        arguments["prepared_statement_cache_size"] = _number(
            parameters, "prepared_statement_cache_size", int
        )
    if url.is_pooled:
        arguments["prepared_statement_cache_size"] = 0
        arguments["prepared_statement_name_func"] = lambda: f"__dbctl_{uuid4()}__"
    return arguments


def psycopg_arguments(url: Url, settings: Settings) -> dict[str, Any]:
    """Keyword arguments for psycopg 3: libpq's own words, with a time-out always there."""
    arguments = psycopg2_arguments(url, settings)
    if url.is_pooled:
        arguments["prepare_threshold"] = None
    return arguments


def psycopg2_arguments(url: Url, settings: Settings) -> dict[str, Any]:
    """Keyword arguments for psycopg2: as for psycopg 3, without its statement cache."""
    dropped = {"pgbouncer", "pool_timeout", "connection_limit", "schema", "ssl", *ASYNCPG_NUMBERS}
    given = {k: v for k, v in url.query if k not in dropped}
    mode = _mode(url.parameters, settings)
    options = "" if url.is_pooled else _limits(url.parameters.get("options", ""), settings)
    return {
        "application_name": APPLICATION,
        **given,
        # libpq counts whole seconds, 2 at least.
        "connect_timeout": max(2, round(_connect_timeout(url, settings))),
        **({"sslmode": mode} if mode else {}),
        **({"options": options} if options else {}),
    }


def _limits(options: str, settings: Settings) -> str:
    """libpq's `options` with the settings' time-outs before what the URL says."""
    limits = [f"-c {name}={value}" for name, value in _timeouts(settings).items()]
    return " ".join([*limits, options]).strip()


def sqlite_arguments(url: Url, settings: Settings) -> dict[str, Any]:
    """Keyword arguments for sqlite3 and aiosqlite: how long to wait for a lock."""
    return {"timeout": _number(url.parameters, "timeout", float) or settings.connect_timeout}


ARGUMENTS = {
    "asyncpg": sqlalchemy_asyncpg_arguments,
    "psycopg": psycopg_arguments,
    "psycopg_async": psycopg_arguments,
    "psycopg2": psycopg2_arguments,
    "pysqlite": sqlite_arguments,
    "aiosqlite": sqlite_arguments,
}


def libpq_url(url: Url) -> Url:
    """The URL without a driver and without what libpq does not know: for psql and pg_dump."""
    unknown = ("pgbouncer", "pool_timeout", "connection_limit", "schema", *ASYNCPG_NUMBERS)
    query = tuple(
        ("sslmode" if name == "ssl" else name, value)
        for name, value in url.query
        if name not in unknown
    )
    return replace(url, driver="", query=query)


def libpq_variables(url: Url, settings: Settings) -> dict[str, str]:
    """libpq's environment variables for `url`: a secret has no place on a command line.

    What libpq has no variable for (keepalives, sslpassword) stays out.
    """
    said = {**psycopg2_arguments(url, settings), **address(url)}
    return {variable: str(said[name]) for name, variable in VARIABLES.items() if name in said}


def _address(url: Url) -> dict[str, Any]:
    """The socket's folder and its port, all that a `Url` leaves in the query part."""
    found: dict[str, Any] = {k: v for k, v in url.query if k == "host"}
    if (port := _number(url.parameters, "port", int)) is not None:
        found["port"] = port
    return found


def address(url: Url) -> dict[str, Any]:
    """Host, port, user, password and database for `asyncpg.connect`; what is absent stays out."""
    whole = {
        "host": url.host or None,
        "port": url.port,
        "user": url.user or None,
        "password": url.password or None,
        "database": url.name or None,
    }
    return {k: v for k, v in {**whole, **_address(url)}.items() if v is not None}


def _require_known(parameters: Mapping[str, str]) -> None:
    known = (*DROPPED, *ASYNCPG_NUMBERS, *TRANSLATED)
    for name in parameters:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigurationError(
            f"the database URL has an unknown parameter {name!r}",
            hint=f"did you mean {near[0]}?"
            if near
            else "parameters are libpq's, as sslmode=require",
        )


def _server_settings(url: Url, settings: Settings) -> dict[str, str]:
    parameters = url.parameters
    found = {"application_name": parameters.get("application_name", APPLICATION)}
    if url.is_pooled:
        return found  # a pooler refuses start-up parameters that it does not know
    found.update(_options(parameters.get("options", "")))
    return {**_timeouts(settings), **found}


def _timeouts(settings: Settings) -> dict[str, str]:
    """The settings' time-outs in the server's words, milliseconds."""
    limits = {
        "statement_timeout": settings.statement_timeout,
        "lock_timeout": settings.lock_timeout,
    }
    return {name: f"{seconds * 1000:.0f}" for name, seconds in limits.items() if seconds}


def _options(text: str) -> dict[str, str]:
    """`-c name=value --name=value` as a dict; libpq's `options`."""
    words = text.replace("-c ", "-c").split()
    pairs = [word.removeprefix("-c").removeprefix("--") for word in words]
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _tls(parameters: Mapping[str, str], settings: Settings) -> str | ssl.SSLContext | None:
    mode = _mode(parameters, settings)
    if mode == "require" and "sslrootcert" in parameters:
        mode = "verify-ca"  # libpq's rule: a root certificate that is given is used
    if mode in ("verify-ca", "verify-full"):
        return _verified(mode, parameters)
    return mode


def _mode(parameters: Mapping[str, str], settings: Settings) -> str | None:
    """libpq's sslmode: the setting, else what the URL says. Raises ConfigurationError."""
    said = settings.ssl or parameters.get("sslmode") or parameters.get("ssl")
    mode = {"true": "require", "false": "disable"}.get(said or "", said)
    if mode in (None, *get_args(SslMode)):
        return mode
    raise ConfigurationError(
        "the database URL has an sslmode that does not exist",
        hint=f"sslmode is one of {', '.join(get_args(SslMode))}",
    )


def _connect_timeout(url: Url, settings: Settings) -> float:
    """What the URL says, else the setting; libpq's 0 waits for ever, which nothing here does."""
    said = _number(url.parameters, "connect_timeout", float) or 0.0
    return said if 0 < said <= LONGEST else settings.connect_timeout


def _number(parameters: Mapping[str, str], name: str, kind: type[T]) -> T | None:
    """A parameter as a number, None when it is not given. Raises ConfigurationError."""
    try:
        return kind(parameters[name]) if parameters.get(name) else None
    except ValueError:
        raise ConfigurationError(
            f"{name} in the database URL is not a number", hint=f"write {name}=10"
        ) from None


def _verified(mode: str, parameters: Mapping[str, str]) -> ssl.SSLContext:
    root = parameters.get("sslrootcert")
    try:
        context = ssl.create_default_context(cafile=None if root in (None, "system") else root)
        if "sslcert" in parameters:
            context.load_cert_chain(
                parameters["sslcert"], parameters.get("sslkey"), parameters.get("sslpassword")
            )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"a certificate of the database URL cannot be used: {type(error).__name__}",
            hint="check sslrootcert, sslcert and sslkey",
        ) from None
    context.check_hostname = mode == "verify-full"
    return context
