"""PostgreSQL through bare asyncpg: everything that is true of it alone."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from errno import ECONNREFUSED
from typing import TYPE_CHECKING, Any

import asyncpg

from dbctl.database import arguments, catalog, own
from dbctl.database.model import Look, Mark, Place
from dbctl.database.url import Url
from dbctl.errors import (
    AnswerIsNo,
    ConfigurationError,
    MissingDatabaseError,
    ProviderError,
    RefusedError,
    TimedOutError,
    UnreachableError,
    WrongPasswordError,
)
from dbctl.settings import Settings

if TYPE_CHECKING:
    from typing import TypeAlias

    from dbctl.database.condition import Answer, DatabaseSize, Health, Use
    from dbctl.database.shape import TableDetail, TableSize

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

NAME_BYTES = 63
QUICKER = 3  # how often somebody else may be quicker: schema, table, and one to see it
# Where to stand while the database itself is created or dropped.
MAINTENANCE = ("postgres", "template1")


class Postgres:
    """A PostgreSQL server and the database that the settings name."""

    def __init__(self, url: Url, settings: Settings) -> None:
        self.url = url
        self._settings = settings

    @asynccontextmanager
    async def open(self) -> AsyncIterator["PostgresSession"]:
        """Connect to the database. Raises UnreachableError or a child of it."""
        connection = await self._connect(self.url)
        try:
            with asking(self.url):
                yield PostgresSession(connection, self.url)
        finally:
            await _close(connection)

    async def answers(self) -> Place | None:
        """Whether the server is up: its place, or None when only the database is missing."""
        try:
            async with self.open() as session:
                return await session.place()
        except MissingDatabaseError:
            return None

    async def create(self) -> bool:
        """Create the database from template0's encoding; False when it is there already."""
        require_name(self.url.name)
        async with self.maintenance() as connection:
            if await connection.fetchval(
                "SELECT true FROM pg_database WHERE datname = $1", self.url.name
            ):
                return False
            try:
                await connection.execute(f"CREATE DATABASE {quoted(self.url.name)}")
            except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                return False  # somebody else was quicker
            except asyncpg.PostgresError as error:
                raise ProviderError(f"cannot create {self.url.name}: {error}") from error
            return True

    async def drop(self) -> bool:
        """Drop the database, ending its sessions; False when it is gone already."""
        require_name(self.url.name)
        async with self.maintenance() as connection:
            try:
                await connection.execute(f"DROP DATABASE {quoted(self.url.name)} WITH (FORCE)")
            except asyncpg.InvalidCatalogNameError:
                return False
            except asyncpg.PostgresError as error:
                raise ProviderError(f"cannot drop {self.url.name}: {error}") from error
            return True

    async def databases(self) -> tuple["DatabaseSize", ...]:
        """The databases that this user may connect to."""
        from dbctl.database.condition import DatabaseSize

        async with self.maintenance() as connection:
            rows = await connection.fetch(
                "SELECT datname, pg_database_size(oid) AS bytes FROM pg_database"
                " WHERE NOT datistemplate AND has_database_privilege(oid, 'CONNECT') ORDER BY 1"
            )
        return tuple(
            DatabaseSize(row["datname"], row["bytes"], row["datname"] == self.url.name)
            for row in rows
        )

    @asynccontextmanager
    async def maintenance(self) -> AsyncIterator["Connection"]:
        """A connection that stands beside the database: to postgres, else to template1."""
        connection = await self._beside()
        try:
            yield connection
        finally:
            await _close(connection)

    async def _beside(self) -> "Connection":
        first, second = MAINTENANCE
        try:
            return await self._connect(self.url.direct.named(first))
        except MissingDatabaseError:
            return await self._connect(self.url.direct.named(second))

    async def _connect(self, url: Url) -> "Connection":
        given = arguments.asyncpg_arguments(url, self._settings)
        address = arguments.address(url)
        with connecting(url, given["timeout"]):
            return await asyncpg.connect(**address, **given)


class PostgresSession:
    """One open connection."""

    def __init__(self, connection: "Connection", url: Url) -> None:
        self._connection = connection
        self._url = url

    async def place(self) -> Place:
        """Where this is, as the server says it."""
        # asyncpg's own get_server_version says 18.0 of an 18.6.
        query = "SELECT current_database(), current_setting('server_version')"
        ((name, version),) = await self._connection.fetch(query)
        return Place("postgresql", self._url.server, name, version.split(" ")[0])

    async def look(self, version_table: str, schema: str | None) -> Look:
        """Place, tables, versions and mark: one question, two when one of the last is there."""
        relation = ".".join(quoted(part) for part in (schema, version_table) if part)
        rows = await self._connection.fetch(catalog.LOOK, relation)
        version, name, identity, there, tables, readable = rows[0]
        place = Place("postgresql", self._url.server, name, version.split(" ")[0])
        wanted = [catalog.VERSIONS.format(relation=relation)] if there else []
        wanted += [catalog.MARK] if readable else []
        rows = await self._connection.fetch(" UNION ALL ".join(wanted)) if wanted else []
        versions = tuple(sorted(row[0] for row in rows if row[0] is not None))
        found = Mark.of((row[1], row[2]) for row in rows if row[1] is not None)
        return Look(
            place, identity, tables, versions if there else None, found, hidden=readable is False
        )

    async def sizes(self) -> tuple["TableSize", ...]:
        """Every table with its rows counted in one snapshot."""
        from dbctl.database import postgres_shape

        return await postgres_shape.sizes(self._connection)

    async def names(self) -> tuple[str, ...]:
        """The names of the tables, without counting anything."""
        return tuple(row["name"] for row in await self._connection.fetch(catalog.TABLES))

    async def detail(self, name: str) -> "TableDetail":
        """One table. Raises NotFoundError when there is none of that name."""
        from dbctl.database import postgres_shape

        return await postgres_shape.detail(self._connection, name)

    async def health(self) -> "Health":
        """How the connection is protected, and what an interrupted migration left behind."""
        from dbctl.database import postgres_shape

        return await postgres_shape.health(self._connection)

    async def run(self, statement: str) -> "Answer":
        """Run one statement as it is. Raises AnswerIsNo when the server refuses it."""
        from dbctl.database.condition import Answer

        try:
            prepared = await self._connection.prepare(statement)
            rows = await prepared.fetch()
        except asyncpg.PostgresError as error:
            if self._connection.is_closed():
                raise
            raise AnswerIsNo(str(error), hint=getattr(error, "hint", None) or "") from error
        except (ValueError, OverflowError, asyncpg.UnsupportedClientFeatureError) as error:
            raise AnswerIsNo(f"cannot show this: {error}", hint="psql can") from error
        columns = tuple(attribute.name for attribute in prepared.get_attributes())
        return Answer(columns, tuple(tuple(row) for row in rows), prepared.get_statusmsg() or "")

    async def fetch(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement of dbctl's own; $1, $2 ... stand for the parameters."""
        return [tuple(row) for row in await self._connection.fetch(statement, *parameters)]

    async def use(self) -> "Use":
        """How large the database is, and who else is connected."""
        from dbctl.database import postgres_shape

        return await postgres_shape.use(self._connection)

    async def peek(self, statement: str, *parameters: object) -> list[tuple[Any, ...]] | None:
        """`fetch` from dbctl's own tables; None where they are not, or this role may not read."""
        try:
            return await self.fetch(statement, *parameters)
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            return None

    async def provide(self, *names: str) -> bool:
        """Make dbctl's own tables `names` if missing; False when this role may not."""
        script = "; ".join(own.creation("postgresql", *names))
        for _ in range(QUICKER):
            try:
                await self._connection.execute(script)
            except asyncpg.InsufficientPrivilegeError:
                return False
            except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
                continue  # somebody else makes them just now, which IF NOT EXISTS does not see
            return True
        return True

    async def truncate(self, names: Sequence[str]) -> None:
        """Empty the tables and restart their counters. Raises RefusedError when others point."""
        found = await self._connection.fetch(catalog.RELATIONS, list(names))
        tables = ", ".join(row[0] for row in found)
        try:
            await self._connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")
        except asyncpg.FeatureNotSupportedError as error:
            raise RefusedError(
                f"another table points at these: {error.detail or error}",
                hint="name that table too",
            ) from error


def require_name(name: str) -> None:
    """Refuse what the server would cut: two long names with one beginning are one database."""
    if not name or name in (*MAINTENANCE, "template0"):
        raise RefusedError(f"{name or 'the empty name'} is not a database to create or drop")
    if len(name.encode()) > NAME_BYTES:
        raise ConfigurationError(
            f"the database name has {len(name.encode())} bytes, PostgreSQL keeps {NAME_BYTES}",
            hint="choose a shorter name",
        )


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def connecting(url: Url, limit: float) -> Iterator[None]:
    """Turn every way of not connecting into one of our errors; no message holds the password."""
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise WrongPasswordError(
            f"{url.server} refuses the user {url.user!r}: {error}",
            hint="check user and password of the database URL (`dbctl config url`)",
        ) from None
    except asyncpg.InvalidCatalogNameError:
        raise MissingDatabaseError(
            f"{url.server} has no database {url.name!r}",
            hint="`dbctl up` creates it, or `dbctl database create`",
        ) from None
    except TimeoutError:
        raise TimedOutError(
            f"{url.server} did not answer within {limit:g} s",
            hint="is it the right host and port? DBCTL_CONNECT_TIMEOUT sets the limit",
        ) from None
    # ValueError: a host that no name server can be asked for.
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnreachableError(
            f"cannot connect to {url.server}: {_reason(error)}",
            hint="is the server running? `dbctl wait` waits for it",
        ) from None


@contextmanager
def asking(url: Url) -> Iterator[None]:
    """Turn what a server says to dbctl's own questions into one of our errors."""
    try:
        yield
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
        raise UnreachableError(
            f"lost the connection to {url.server}: {_reason(error)}", hint="run the command again"
        ) from error
    except asyncpg.PostgresError as error:
        raise ProviderError(f"{url.server} refuses: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """The shortest true sentence about `error`."""
    # Where a name has several addresses asyncio folds their errors into one text.
    if isinstance(error, ConnectionRefusedError) or f"[Errno {ECONNREFUSED}]" in str(error):
        return "connection refused"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0] if str(error) else type(error).__name__


async def _close(connection: Any) -> None:  # noqa: ANN401 - a Connection or its pool's proxy
    """Say goodbye, but never wait for a server that has stopped listening."""
    try:
        await connection.close(timeout=2)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncio.CancelledError):
        connection.terminate()
