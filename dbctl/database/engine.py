"""The library face: `Database(settings)` and what SQLAlchemy is given to make its engines.

Nothing connects, and no driver is imported, before it is used.
"""

import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import (
    AsyncAdaptedQueuePool,
    Engine,
    MetaData,
    NullPool,
    Pool,
    QueuePool,
    create_engine,
    event,
)
from sqlalchemy.engine import URL

from dbctl.database.arguments import ARGUMENTS
from dbctl.database.elastic import ElasticPool
from dbctl.database.importing import imported
from dbctl.database.pinging import ping_rested
from dbctl.database.server import address
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, MissingExtraError
from dbctl.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
    from sqlalchemy.orm import Session, sessionmaker

ASYNC_DRIVERS = {"postgresql": "asyncpg", "sqlite": "aiosqlite"}
SYNC_DRIVERS = {"postgresql": "psycopg", "sqlite": "pysqlite"}

P = ParamSpec("P")
T = TypeVar("T")

# libpq draws the statement and an arrow below it; on one line the arrow points nowhere.
_SKETCH = re.compile(r"^LINE \d+: .*\n? *\^?", re.MULTILINE)

log = logging.getLogger("dbctl.sql")


class Database:
    """One database of one project: engines, sessions and tables, each made when first used.

    `metadata` is what `create_tables` and `drop_tables` act on; without it the settings'
    `metadata = "package.module:Base"` is imported.
    """

    def __init__(
        self, settings: Settings | None = None, *, metadata: MetaData | None = None
    ) -> None:
        self.settings = settings or Settings.load()
        self._metadata = metadata

    @cached_property
    def url(self) -> Url:
        """The settings' URL, read; printing it shows no secret."""
        return address(self.settings)

    @cached_property
    def async_engine(self) -> "AsyncEngine":
        """The asynchronous engine (asyncpg, aiosqlite)."""
        from sqlalchemy.ext.asyncio import create_async_engine  # migrating needs none of it

        driver = ASYNC_DRIVERS[self.url.dialect]
        return self._made(create_async_engine(*self._place(driver), **self._options(driver)))

    @cached_property
    def sync_engine(self) -> Engine:
        """The synchronous engine (psycopg, sqlite3).

        Raises MissingExtraError on PostgreSQL when psycopg is not installed.
        """
        driver = SYNC_DRIVERS[self.url.dialect]
        if driver == "psycopg" and find_spec("psycopg") is None:
            raise MissingExtraError(
                "a synchronous PostgreSQL engine needs psycopg",
                hint="pip install 'dbctl-lifecycle[psycopg]'",
            )
        return self._listened(create_engine(*self._place(driver), **self._options(driver)))

    @cached_property
    def async_session_maker(self) -> "async_sessionmaker[AsyncSession]":
        """A maker of sessions whose objects stay readable after a commit."""
        from sqlalchemy.ext.asyncio import async_sessionmaker

        return async_sessionmaker(self.async_engine, expire_on_commit=False)

    @cached_property
    def reading_session_maker(self) -> "async_sessionmaker[AsyncSession]":
        """A maker of sessions that only read, each statement by itself.

        On PostgreSQL that is one round trip instead of three; SQLite's reads never begin anything.
        """
        from sqlalchemy.ext.asyncio import async_sessionmaker

        engine = self.async_engine
        if self.url.dialect != "sqlite":
            engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        return async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["AsyncSession"]:
        """A session that commits at the end of the block, rolls back when it raises, and closes."""
        async with self.async_session_maker.begin() as session:
            yield session

    @cached_property
    def sync_session_maker(self) -> "sessionmaker[Session]":
        """The synchronous twin of `async_session_maker`, for threads and task queues."""
        from sqlalchemy.orm import sessionmaker

        return sessionmaker(self.sync_engine, expire_on_commit=False)

    @contextmanager
    def sync_session(self) -> Iterator["Session"]:
        """A synchronous session with the rules of `session`.

        It blocks its thread: inside async code give the function that uses it to a thread pool.
        """
        with self.sync_session_maker.begin() as session:
            yield session

    async def run_sync(
        self, work: "Callable[Concatenate[Session, P], T]", *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function that takes a synchronous session, on the asynchronous engine.

        One session for the call, with the rules of `session`; no thread and no second driver.
        """
        async with self.session() as session:
            return await session.run_sync(work, *args, **kwargs)

    @cached_property
    def metadata(self) -> MetaData:
        """The tables of the project. Raises ConfigurationError when nobody said where they are."""
        if self._metadata is not None:
            return self._metadata
        if self.settings.metadata is None:
            raise ConfigurationError(
                "it is not known where this project's tables are declared",
                hint='set metadata = "package.module:Base" in [tool.dbctl]',
            )
        self.settings.project.on_path()
        return imported_metadata(self.settings.metadata)

    async def create_tables(self) -> None:
        """Create every table that is missing; what is there is left as it is."""
        async with self.async_engine.begin() as connection:
            await connection.run_sync(self.metadata.create_all)

    async def drop_tables(self) -> None:
        """Drop every table of the metadata."""
        async with self.async_engine.begin() as connection:
            await connection.run_sync(self.metadata.drop_all)

    async def dispose(self) -> None:
        """Close every pooled connection of the engines that were made."""
        if "async_engine" in self.__dict__:
            await self.async_engine.dispose()
        if "sync_engine" in self.__dict__:
            self.sync_engine.dispose()

    async def __aenter__(self) -> Self:
        """Nothing is opened yet; `dispose` follows at the end of the block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        await self.dispose()

    def _place(self, driver: str) -> tuple[URL]:
        return (sqlalchemy_url(self.url, driver),)

    def _options(self, driver: str) -> dict[str, Any]:
        return engine_options(self.url, self.settings, driver)

    def _made(self, engine: "AsyncEngine") -> "AsyncEngine":
        self._listened(engine.sync_engine)
        return engine

    def _listened(self, engine: Engine) -> Engine:
        if self.url.dialect == "sqlite":
            event.listen(engine, "connect", _enforce_foreign_keys)
        if self.settings.pool_pre_ping and not self.url.is_pooled:
            ping_rested(engine)
        if self.settings.slow_query_ms:
            log_slow(engine, self.settings.slow_query_ms)
        return engine


def sqlalchemy_url(url: Url, driver: str) -> URL:
    """The address for SQLAlchemy; the query part goes through `connect_args`, translated.

    A SQLite file name keeps its query: SQLAlchemy itself reads `uri=true` from it.
    """
    query = {k: v for k, v in url.query if k != "timeout"} if url.dialect == "sqlite" else {}
    return URL.create(
        drivername=f"{url.dialect}+{driver}",
        username=url.user or None,
        password=url.password or None,
        host=url.host or None,
        port=url.port,
        database=url.name or None,
        query=query,
    )


def engine_options(url: Url, settings: Settings, driver: str) -> dict[str, Any]:
    """Keyword arguments for `create_engine`: pool, echo, what the driver's connect takes.

    Behind a pooler there is no second pool, and no statement is remembered.
    """
    options: dict[str, Any] = {
        "connect_args": ARGUMENTS[driver](url, settings),
        "echo": settings.echo,
        "hide_parameters": True,
        "logging_name": "dbctl",  # what `echo` logs is told from that of a project's own engines
        "pool_logging_name": "dbctl",
    }
    if url.is_pooled:
        return {**options, "poolclass": NullPool}
    if url.dialect == "sqlite" and url.file is None:
        return {**options, "echo_pool": settings.echo_pool}  # memory: SQLAlchemy's own pool
    return {
        **options,
        "poolclass": _pool_class(settings, driver),
        "echo_pool": settings.echo_pool,
        "pool_size": settings.pool_size,
        "max_overflow": settings.max_overflow,
        "pool_timeout": settings.pool_timeout,
        "pool_recycle": settings.pool_recycle,
    }


def _pool_class(settings: Settings, driver: str) -> type[Pool]:
    if driver in SYNC_DRIVERS.values():
        return QueuePool
    # Without a limit there is nothing to keep connections up to.
    if settings.pool_size == 0 or settings.max_overflow < 0:
        return AsyncAdaptedQueuePool
    return ElasticPool


def imported_metadata(places: str) -> MetaData:
    """The MetaData behind "package.module:name", where name is a Base, a model or a MetaData.

    Several places, with commas between, are all imported; where they hold several, as one.
    Raises ConfigurationError with file and line when a module does not import.
    """
    found = [_metadata(place.strip()) for place in places.split(",") if place.strip()]
    if not found:
        raise ConfigurationError("metadata names no place", hint='write "package.module:Base"')
    several = list({id(one): one for one in found}.values())
    return several[0] if len(several) == 1 else merged(several)


def _metadata(place: str) -> MetaData:
    found = imported(place)
    metadata = getattr(found, "metadata", found)
    if not isinstance(metadata, MetaData):
        raise ConfigurationError(
            f"{place} is neither a declarative base nor a MetaData",
            hint='metadata names one of them: "package.module:Base"',
        )
    return metadata


def merged(several: list[MetaData]) -> MetaData:
    """One MetaData with the tables of all."""
    made = MetaData()
    for one in several:
        for table in one.tables.values():
            table.to_metadata(made)
    return made


def reason(error: BaseException) -> str:
    """What a driver complains of, on one line, without the class that SQLAlchemy puts before it."""
    said = _SKETCH.sub("", str(getattr(error, "orig", None) or error))
    text = " ".join(said.split())
    return re.sub(r"^<class '[\w.]+'>: ", "", text) or type(error).__name__


def log_slow(engine: Engine, limit_ms: float) -> None:
    """Log every statement that takes `limit_ms` or longer, without its parameters."""

    @event.listens_for(engine, "before_cursor_execute")
    def started(connection: Any, *_: object) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        connection.info["dbctl_started"] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def ended(connection: Any, _cursor: object, statement: str, *_: object) -> None:  # noqa: ANN401
        took_ms = (time.perf_counter() - connection.info["dbctl_started"]) * 1000
        if took_ms >= limit_ms:
            log.warning("slow query: %.0f ms: %s", took_ms, " ".join(statement.split()))


def _enforce_foreign_keys(connection: Any, _record: object) -> None:  # noqa: ANN401 - any DBAPI
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
