"""PostgreSQL's own copy of a database: CREATE DATABASE ... TEMPLATE, and what it leaves out."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import asyncpg

from dbctl.database.cloning import BusyError, NoRightError, Progress
from dbctl.database.model import Backend
from dbctl.database.postgres import Postgres, asking, quoted, require_name
from dbctl.database.url import Url
from dbctl.errors import MissingDatabaseError, ProviderError, TakenError
from dbctl.settings import Settings

if TYPE_CHECKING:
    from typing import TypeAlias

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

# Below it writing every page to the log is quicker than the checkpoints of a file copy: 0.03
# against 0.2 s at 20 MB, 3.3 against 1.8 s at 1 GB.
FILE_COPY_BYTES = 200 * 2**20
STRATEGIES = 150_000  # server_version_num of the first version with a choice
TRIES = 3  # a pool may connect again while its sessions are ended
SHOWN = 3

log = logging.getLogger("dbctl.database")

SOURCE = """
SELECT CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END AS bytes,
       current_setting('server_version_num')::int AS version,
       current_setting('fsync') = 'off' AS lazy
  FROM pg_database WHERE datname = $1
"""
SESSIONS = """
SELECT pid, coalesce(application_name, '') AS application,
       coalesce(host(client_addr), 'local') AS host,
       coalesce(extract(epoch FROM now() - backend_start), 0)::float8 AS age
  FROM pg_stat_activity
 WHERE datname = $1 AND pid <> pg_backend_pid()
   AND coalesce(backend_type, 'client backend') = 'client backend'
 ORDER BY backend_start
"""
END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# A template's settings and rights are not part of it. Lists among the settings cannot be written
# as text again; FROM CURRENT needs no text.
SETTINGS = """
SELECT split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)
  FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) one
 WHERE d.datname = $1 AND s.setrole = 0
"""
RIGHTS = """
SELECT format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, $2::text,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_database d, aclexplode(d.datacl) a
 WHERE d.datname = $1 AND a.grantee <> d.datdba
"""


async def clone(
    source: Url, target: Url, settings: Settings, *, end_sessions: bool, progress: Progress
) -> None:
    """Have the server copy `source` to `target`, with its settings and rights."""
    server = Postgres(target, settings)
    async with server.maintenance() as connection:
        with asking(target):
            await cloned(connection, source, target, end_sessions=end_sessions, progress=progress)


async def cloned(
    connection: "Connection", source: Url, target: Url, *, end_sessions: bool, progress: Progress
) -> None:
    """The same over a connection that stands beside both."""
    require_name(target.name)
    # A limit for ordinary statements is none for the copy of a whole database.
    await connection.execute("SET statement_timeout = 0; SET lock_timeout = 0")
    size, chosen = await _source(connection, source)
    progress(0, size)
    await _copied(connection, source, target, chosen, end_sessions)
    await dress(connection, source.name, target.name)
    progress(size, size)


async def _source(connection: "Connection", source: Url) -> tuple[int, str]:
    """How large the database is, and how it is copied quickest."""
    found = await connection.fetchrow(SOURCE, source.name)
    if found is None:
        raise MissingDatabaseError(
            f"{source.server} has no database {source.name!r}",
            hint="`dbctl up` creates it, or `dbctl database create`",
        )
    size, version, lazy = found["bytes"] or 0, found["version"], found["lazy"]
    # A server that waits for no disk pays nothing for a checkpoint.
    return size, strategy(FILE_COPY_BYTES if lazy else size, version)


def strategy(size: int, version: int) -> str:
    """The quicker way to copy so many bytes; servers before 15 have only one."""
    if version < STRATEGIES:
        return ""
    return " STRATEGY file_copy" if size >= FILE_COPY_BYTES else " STRATEGY wal_log"


async def _copied(
    connection: "Connection", source: Url, target: Url, strategy: str, end_sessions: bool
) -> None:
    statement = f"CREATE DATABASE {quoted(target.name)} TEMPLATE {quoted(source.name)}{strategy}"
    for attempt in range(TRIES):
        # The server waits five seconds for them to go, and then does not say who they are.
        if found := await sessions(connection, source.name):
            if not end_sessions:
                raise busy(source, found)
            log.warning("ending %d sessions of %s", len(found), source.name)
            await connection.fetch(END, source.name)
        try:
            await connection.execute(statement)
        except asyncpg.ObjectInUseError as error:
            if not end_sessions or attempt == TRIES - 1:
                raise busy(source, await sessions(connection, source.name), str(error)) from error
        except asyncpg.PostgresError as error:
            raise _refused(source, target, error) from error
        else:
            return


async def sessions(connection: "Connection", database: str) -> tuple[Backend, ...]:
    """Who is connected to a database, the oldest first."""
    rows = await connection.fetch(SESSIONS, database)
    return tuple(Backend(*row) for row in rows)


def busy(source: Url, found: Iterable[Backend], why: str = "") -> BusyError:
    """The refusal that names the sessions."""
    several = tuple(found)
    named = "; ".join(str(one) for one in several[:SHOWN]) or why
    more = f"; and {len(several) - SHOWN} more" if len(several) > SHOWN else ""
    return BusyError(
        f"{source.name} is in use, and {source.server} copies only what nobody uses: {named}{more}",
        hint="end them, or let dbctl do it: --end-sessions",
    )


def _refused(source: Url, target: Url, error: asyncpg.PostgresError) -> Exception:
    if isinstance(error, asyncpg.DuplicateDatabaseError | asyncpg.UniqueViolationError):
        return TakenError(f"there is a database {target.name!r} already")
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return NoRightError(
            f"{source.user or 'this role'} may not copy {source.name}: {error}",
            hint="its owner may, with CREATEDB; or copy through pg_dump: --copy dump",
        )
    return ProviderError(f"cannot copy {source.name} to {target.name}: {error}")


async def dress(connection: "Connection", source: str, target: str) -> None:
    """Give the copy the settings and the rights of its source, which no template or dump has."""
    for name, value in await connection.fetch(SETTINGS, source):
        try:
            await connection.fetch("SELECT set_config($1, $2, false)", name, value)
            await connection.execute(
                f"ALTER DATABASE {quoted(target)} SET {_parameter(name)} FROM CURRENT"
            )
        except asyncpg.PostgresError as error:
            log.warning("%s of %s is not copied: %s", name, source, error)
    granted = await connection.fetch(RIGHTS, source, target)
    if not granted:
        return  # as a new database has them
    await connection.execute(f"REVOKE ALL ON DATABASE {quoted(target)} FROM PUBLIC")
    for (statement,) in granted:
        await connection.execute(statement)


def _parameter(name: str) -> str:
    """A setting's name as SQL; those of extensions have two parts."""
    return ".".join(quoted(part) for part in name.split("."))
