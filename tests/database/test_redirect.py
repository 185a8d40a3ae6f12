"""An engine that a project makes for itself is sent where the user meant, or is refused."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from dbctl import Settings, loop
from dbctl.database.redirect import redirected, require_identity
from dbctl.database.server import address, look
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, RefusedError
from tests.servers.server import Server

# Where each driver's engine would go by itself.
OWN = {
    "sqlite+pysqlite": "sqlite:///own.db",
    "sqlite+aiosqlite": "sqlite+aiosqlite:///own.db",
    "postgresql+psycopg": "postgresql+psycopg://own:s3cr3t@own.invalid:1/own?sslmode=require",
    "postgresql+psycopg async": "postgresql+psycopg://own:s3cr3t@own.invalid:1/own",
    "postgresql+asyncpg": "postgresql+asyncpg://own:s3cr3t@own.invalid:1/own?ssl=require",
}
WHERE = {
    "sqlite": "SELECT file FROM pragma_database_list WHERE name = 'main'",
    "postgresql": "SELECT current_database()",
}
Ask = Callable[[Connection], Any]


def ask(driver: str, question: Ask, **options: Any) -> Any:
    """The answer through an engine that knows only its own URL."""
    url = OWN[driver]
    if "async" not in driver and "aiosqlite" not in driver:
        engine = create_engine(url, **options)
        try:
            with engine.connect() as connection:
                return question(connection)
        finally:
            engine.dispose()
    return loop.run(_ask(url, question, options))


async def _ask(url: str, question: Ask, options: dict[str, Any]) -> Any:
    engine = create_async_engine(url, **options)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


def where(connection: Connection) -> str:
    """The file or the database that a connection reached."""
    return str(connection.execute(text(WHERE[connection.dialect.name])).scalar_one())


@pytest.fixture(params=OWN)
def driver(request: pytest.FixtureRequest) -> str:
    """Each driver that a project may use."""
    return str(request.param)


@pytest.fixture
def settings(driver: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of the database that the user means."""
    if driver.startswith("sqlite"):
        sqlite3.connect(tmp_path / "meant.db").close()
        return Settings.load(url=f"sqlite:///{tmp_path / 'meant.db'}")
    return Settings.load(url=request.getfixturevalue("postgres_url"))


def test_an_engine_of_another_url_goes_where_the_user_meant(
    driver: str, settings: Settings, tmp_path: Path
) -> None:
    url = address(settings)
    with redirected(url, settings):
        assert ask(driver, where) == url.name
    assert not (tmp_path / "own.db").exists()


def test_it_is_proven_by_the_identity_of_the_database(driver: str, settings: Settings) -> None:
    identity = loop.run(look(settings)).identity

    def proven(connection: Connection) -> bool:
        require_identity(connection, identity, address(settings))
        return connection.in_transaction()

    with redirected(address(settings), settings):
        assert ask(driver, proven) is False


def test_afterwards_engines_go_their_own_way(settings: Settings) -> None:
    with redirected(address(settings), settings):
        pass
    assert ask("sqlite+pysqlite", where).endswith("own.db")


ARGUMENTS: dict[str, dict[str, Any]] = {
    "postgresql+psycopg": {"options": "-c search_path=theirs"},
    "postgresql+psycopg async": {"options": "-c search_path=theirs"},
    "postgresql+asyncpg": {"server_settings": {"search_path": "theirs"}},
    "sqlite+pysqlite": {"cached_statements": 7},
    "sqlite+aiosqlite": {"cached_statements": 7},
}


def test_the_projects_other_arguments_stay(driver: str, settings: Settings) -> None:
    def path(connection: Connection) -> str:
        if connection.dialect.name == "sqlite":
            return "theirs"
        return str(connection.execute(text("SHOW search_path")).scalar_one())

    with redirected(address(settings), settings):
        assert ask(driver, path, connect_args=ARGUMENTS[driver]) == "theirs"


def test_an_engine_that_was_made_before_is_sent_too(settings: Settings, driver: str) -> None:
    if driver != "sqlite+pysqlite":
        pytest.skip("the event is on the class: one driver shows it")
    engine = create_engine(OWN[driver])
    with redirected(address(settings), settings), engine.connect() as connection:
        assert where(connection) == address(settings).name
    engine.dispose()


@pytest.fixture
def meant(tmp_path: Path) -> tuple[Settings, str]:
    """A SQLite database that the user means, and its identity."""
    for name in ("meant.db", "own.db"):
        sqlite3.connect(tmp_path / name).close()
    settings = Settings.load(url="sqlite:///meant.db")
    return settings, loop.run(look(settings)).identity


def _refused(engine: Engine, settings: Settings, identity: str) -> None:
    refused = pytest.raises(RefusedError, match=r"another database than .*meant\.db")
    with redirected(address(settings), settings), engine.connect() as connection, refused:
        require_identity(connection, identity, address(settings))
    engine.dispose()


def test_an_engine_with_its_own_creator_is_refused(meant: tuple[Settings, str]) -> None:
    _refused(create_engine("sqlite://", creator=lambda: sqlite3.connect("own.db")), *meant)


def test_a_connection_from_before_is_refused(meant: tuple[Settings, str]) -> None:
    engine = create_engine("sqlite:///own.db")
    engine.connect().close()  # it waits in the pool
    _refused(engine, *meant)


def test_an_engine_with_its_own_creator_is_refused_on_a_server(
    postgres_url: str, server: Server
) -> None:
    import psycopg

    settings = Settings.load(url=postgres_url)
    identity, url = loop.run(look(settings)).identity, address(settings)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(server.url("postgres"))
    )
    refused = pytest.raises(RefusedError, match="another database than")
    with redirected(url, settings), engine.connect() as connection, refused:
        require_identity(connection, identity, url)
    engine.dispose()


def test_a_file_is_the_same_through_a_link(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "real.db").close()
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    settings = Settings.load(url="sqlite:///link.db")
    identity = loop.run(look(settings)).identity
    engine = create_engine("sqlite:///real.db")
    with engine.connect() as connection:
        require_identity(connection, identity, address(settings))
    engine.dispose()


OTHER = [
    ("sqlite+pysqlite", "postgresql://me:s3cr3t@h/x"),
    ("postgresql+asyncpg", "sqlite:///x.db"),
]


@pytest.mark.parametrize(("driver", "url"), OTHER)
def test_an_engine_of_another_dialect_is_refused(driver: str, url: str) -> None:
    settings, made = Settings.load(url=url), driver.split("+", maxsplit=1)[0]
    refused = pytest.raises(ConfigurationError, match=f"makes a {made} engine")
    with redirected(Url.parse(url), settings), refused as caught:
        ask(driver, where)
    assert "s3cr3t" not in caught.value.message
