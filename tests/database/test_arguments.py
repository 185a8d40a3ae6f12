"""What each driver is given for a URL, and that real servers agree."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dbctl import Database, Settings
from dbctl.database.arguments import (
    asyncpg_arguments,
    libpq_url,
    psycopg2_arguments,
    psycopg_arguments,
    sqlalchemy_asyncpg_arguments,
    sqlite_arguments,
)
from dbctl.database.engine import engine_options
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError
from tests.servers.server import Server

pytestmark = pytest.mark.anyio

NEON = "postgresql://app:npg_x@ep-a-1{}.eu-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require"
DIRECT, POOLED = Url.parse(NEON.format("")), Url.parse(NEON.format("-pooler"))


def asyncpg_of(query: str, settings: Settings | None = None) -> dict[str, Any]:
    """asyncpg's arguments for a URL with this query part."""
    return asyncpg_arguments(Url.parse(f"postgresql://h/x?{query}"), settings or Settings.load())


def psycopg_of(query: str, settings: Settings | None = None) -> dict[str, Any]:
    """psycopg's arguments for a URL with this query part."""
    return psycopg_arguments(Url.parse(f"postgresql://h/x?{query}"), settings or Settings.load())


NAME = {"application_name": "dbctl"}
ASYNCPG: dict[str, Mapping[str, Any]] = {
    "": {"timeout": 10.0, "server_settings": NAME},
    "sslmode=disable": {"ssl": "disable"},
    "sslmode=allow": {"ssl": "allow"},
    "sslmode=prefer": {"ssl": "prefer"},
    "sslmode=require&channel_binding=require": {"ssl": "require"},
    "ssl=require": {"ssl": "require"},
    "ssl=true": {"ssl": "require"},
    "ssl=false": {"ssl": "disable"},
    "gssencmode=disable&pgbouncer=true&pool_timeout=3&client_encoding=utf8": {"timeout": 10.0},
    "connect_timeout=3": {"timeout": 3.0},
    "connect_timeout=0": {"timeout": 10.0},
    "connect_timeout=-1": {"timeout": 10.0},
    "connect_timeout=inf": {"timeout": 10.0},
    "application_name=web": {"server_settings": {"application_name": "web"}},
    "options=-c%20search_path=a,b%20-cgeqo=off%20--jit=off": {
        "server_settings": {**NAME, "search_path": "a,b", "geqo": "off", "jit": "off"}
    },
    "command_timeout=5&statement_cache_size=7": {
        "command_timeout": 5.0,
        "statement_cache_size": 7,
    },
    "target_session_attrs=primary": {"target_session_attrs": "primary"},
}


@pytest.mark.parametrize(("query", "expected"), ASYNCPG.items(), ids=ASYNCPG)
def test_asyncpg_is_given_libpqs_parameters_in_its_own_words(
    query: str, expected: Mapping[str, Any]
) -> None:
    defaults = {"timeout": 10.0, "server_settings": NAME}
    assert asyncpg_of(query) == {**defaults, **expected}


PSYCOPG: dict[str, Mapping[str, Any]] = {
    "": {},
    "sslmode=require&channel_binding=require": {
        "sslmode": "require",
        "channel_binding": "require",
    },
    "ssl=true": {"sslmode": "require"},
    "sslmode=verify-full&sslrootcert=/ca.pem": {"sslmode": "verify-full", "sslrootcert": "/ca.pem"},
    "connect_timeout=3": {"connect_timeout": 3},
    "connect_timeout=0": {"connect_timeout": 10},
    "connect_timeout=1": {"connect_timeout": 2},
    "application_name=web": {"application_name": "web"},
    "options=-c%20geqo=off": {"options": "-c geqo=off"},
    "pgbouncer=true&statement_cache_size=0&schema=x": {},
}


@pytest.mark.parametrize(("query", "expected"), PSYCOPG.items(), ids=PSYCOPG)
def test_psycopg_is_given_libpqs_parameters_as_they_are(
    query: str, expected: Mapping[str, Any]
) -> None:
    made = {"connect_timeout": 10, **NAME, **expected}
    assert psycopg_of(query) == made
    assert psycopg2_arguments(Url.parse(f"postgresql://h/x?{query}"), Settings.load()) == made


BAD = {
    "sslmod=require": "did you mean sslmode?",
    "zzz=1": "libpq's",
    "sslmode=maybe": "verify-full",
    "connect_timeout=soon": "connect_timeout=10",
    "statement_cache_size=many": "statement_cache_size=10",
    "prepared_statement_cache_size=many": "prepared_statement_cache_size=10",
    "sslmode=verify-full&sslrootcert=/no/such.pem": "sslrootcert",
}


@pytest.mark.parametrize(("query", "hint"), BAD.items(), ids=BAD)
def test_a_parameter_that_cannot_be_used_is_refused(query: str, hint: str) -> None:
    url = Url.parse(f"postgresql://me:s3cr3t-Zq9@h/x?{query}")
    with pytest.raises(ConfigurationError) as caught:
        sqlalchemy_asyncpg_arguments(url, Settings.load())
    assert hint in caught.value.hint
    assert "s3cr3t" not in caught.value.message


LIMITS = {"DBCTL_STATEMENT_TIMEOUT": "1.5", "DBCTL_LOCK_TIMEOUT": "2", "DBCTL_SSL": "prefer"}


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with time-outs and a TLS mode of their own."""
    for name, value in LIMITS.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_asyncpg_obeys_the_settings(limited: Settings) -> None:
    made = asyncpg_of("sslmode=disable", limited)
    assert made["ssl"] == "prefer"
    limits = {"statement_timeout": "1500", "lock_timeout": "2000"}
    assert made["server_settings"] == {**NAME, **limits}


def test_psycopg_obeys_the_settings(limited: Settings) -> None:
    made = psycopg_of("sslmode=disable&options=-c%20geqo=off", limited)
    assert made["sslmode"] == "prefer"
    assert made["options"] == "-c statement_timeout=1500 -c lock_timeout=2000 -c geqo=off"


@pytest.mark.parametrize("face", ["async", "sync"])
async def test_a_server_has_the_limits_of_the_settings(
    face: str, postgres_url: str, limited: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.load(url=f"{postgres_url}?options=-c%20geqo=off&application_name=web")
    wanted = "SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout',"
    wanted += " 'lock_timeout', 'geqo', 'application_name') ORDER BY name"
    found = dict(await rows(settings, wanted, face))
    assert found["statement_timeout"] == "1500"
    assert found == {**found, "lock_timeout": "2000", "geqo": "off", "application_name": "web"}


async def rows(settings: Settings, query: str, face: str) -> list[tuple[Any, ...]]:
    """What the query gives through one of the two engines."""
    async with Database(settings) as database:
        if face == "sync":
            with database.sync_engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(query)]
        async with database.async_engine.connect() as link:
            return [tuple(row) for row in await link.exec_driver_sql(query)]


def test_neons_own_url_works_for_both_drivers() -> None:
    settings = Settings.load()
    assert asyncpg_arguments(DIRECT, settings)["ssl"] == "require"
    assert "channel_binding" not in asyncpg_arguments(DIRECT, settings)
    assert psycopg_arguments(DIRECT, settings)["channel_binding"] == "require"


def test_behind_a_pooler_no_statement_is_remembered() -> None:
    settings = Settings.load()
    made = sqlalchemy_asyncpg_arguments(POOLED, settings)
    names = {made["prepared_statement_name_func"]() for _ in range(3)}
    assert (made["statement_cache_size"], made["prepared_statement_cache_size"]) == (0, 0)
    assert len(names) == 3
    assert psycopg_arguments(POOLED, settings)["prepare_threshold"] is None
    assert "prepare_threshold" not in psycopg_arguments(DIRECT, settings)


def test_behind_a_pooler_nothing_but_the_name_is_set(limited: Settings) -> None:
    assert asyncpg_arguments(POOLED, limited)["server_settings"] == NAME
    assert "options" not in psycopg_arguments(POOLED, limited)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_behind_a_pooler_there_is_no_second_pool(driver: str) -> None:
    settings = Settings.load()
    assert engine_options(POOLED, settings, driver)["poolclass"].__name__ == "NullPool"
    assert engine_options(DIRECT, settings, driver)["pool_size"] == 5


@pytest.mark.parametrize(("query", "limit"), [("", 10.0), ("?timeout=3", 3.0)])
def test_sqlite_waits_for_a_lock_as_long_as_for_a_connection(query: str, limit: float) -> None:
    url = Url.parse(f"sqlite:///x.db{query}")
    assert sqlite_arguments(url, Settings.load()) == {"timeout": limit}


def test_psql_is_given_what_it_knows() -> None:
    url = Url.parse("postgresql+asyncpg://u:p@h/x?ssl=require&pgbouncer=true&command_timeout=1")
    assert libpq_url(url).text == "postgresql://u:p@h/x?sslmode=require"


def test_a_root_certificate_is_used_when_it_is_given(tls_server: Server) -> None:
    made = asyncpg_of(f"sslmode=require&sslrootcert={tls_server.ca_file}")
    assert isinstance(made["ssl"], ssl.SSLContext)
    assert made["ssl"].verify_mode is ssl.CERT_REQUIRED


def test_a_client_certificate_is_loaded(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    certificate = trustme.CA().issue_cert("me")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "me.pem")
    made = asyncpg_of(f"sslmode=verify-full&sslcert={tmp_path / 'me.pem'}")
    assert made["ssl"].check_hostname
    with pytest.raises(ConfigurationError, match="certificate"):
        asyncpg_of(f"sslmode=verify-full&sslcert={tmp_path / 'you.pem'}")
