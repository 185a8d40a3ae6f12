"""A copy of a PostgreSQL database that is in use: pg_dump writes, pg_restore reads, nothing lands
on the disk between them."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from dbctl.database import clients
from dbctl.database.cloning import Progress
from dbctl.database.postgres import Postgres
from dbctl.database.url import Url
from dbctl.errors import DbctlError
from dbctl.settings import Settings

SOON = 0.5  # seconds between two looks at how large the copy is
FACTS = """
SELECT current_setting('server_version_num')::int / 10000, pg_database_size(current_database()),
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""


async def pipe(
    source: Url, target: Url, settings: Settings, *, schema_only: bool, progress: Progress
) -> None:
    """Fill the empty database `target` with what `source` holds, in one transaction.

    Objects stay whose they are where this role is a superuser, else they become this role's.
    Raises ProviderError when there is no pg_dump as new as the server, or it fails.
    """
    async with Postgres(source, settings).open() as session:
        ((major, size, mighty),) = await session.fetch(FACTS)
    program = await clients.fitting("pg_dump", major)
    theirs = () if mighty else ("--no-owner", "--no-privileges")
    # Compressing for the other end of a pipe would only cost time.
    rows = ("--schema-only",) if schema_only else ("--compress=0",)
    dump = (str(program.path), "--no-password", "--format=custom", *rows, *theirs)
    load = (
        program.beside("pg_restore"),
        "--no-password",
        "--single-transaction",
        "--exit-on-error",
        *theirs,
        f"--dbname={clients.conninfo(target.name)}",
    )
    written, read = (clients.environment(url, settings) for url in (source, target))
    async with _followed(target, settings, size, progress):
        await _piped((dump, written), (load, read))


Command = tuple[Sequence[str], Mapping[str, str]]


async def _piped(writer: Command, reader: Command) -> None:
    """Run both at once. Raises ProviderError with what the one says that failed first."""
    out, into = _pipe()
    async with AsyncExitStack() as stack:
        try:
            first = await _started(stack, writer, stdout=into)
            second = await _started(stack, reader, stdin=out)
        finally:
            os.close(out)
            os.close(into)
        said = await asyncio.gather(first.communicate(), second.communicate())
    _require_done(("pg_restore", second, said[1][1]), ("pg_dump", first, said[0][1]))


def _pipe() -> tuple[int, int]:
    return os.pipe()


async def _started(
    stack: AsyncExitStack, command: Command, **ends: int
) -> asyncio.subprocess.Process:
    """One of the two; it is ended when we are cancelled."""
    words, environment = command
    given: dict[str, Any] = {"stdin": asyncio.subprocess.DEVNULL, **ends, **clients.apart()}
    child = await asyncio.create_subprocess_exec(
        words[0], *words[1:], stderr=asyncio.subprocess.PIPE, env=environment, **given
    )
    stack.push_async_callback(clients.ended, child)
    return child


def _require_done(*children: tuple[str, asyncio.subprocess.Process, bytes]) -> None:
    """Where the reader failed the writer only says that nobody reads."""
    for name, child, said in children:
        if child.returncode:
            raise clients.failure(name, said.decode(errors="replace"), child.returncode)


@asynccontextmanager
async def _followed(
    target: Url, settings: Settings, size: int, progress: Progress
) -> AsyncIterator[None]:
    """While the block runs, report how large the copy has become."""
    following = asyncio.create_task(_follow(target, settings, size, progress))
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, DbctlError):
            await following


async def _follow(target: Url, settings: Settings, size: int, progress: Progress) -> None:
    async with Postgres(target, settings).maintenance() as connection:
        while True:
            done = await connection.fetchval("SELECT pg_database_size($1::name)", target.name)
            progress(min(done, size), size)
            await asyncio.sleep(SOON)
