"""The databases on a server that are test runs': what they are called, and which may go.

dbctl_test_<checkout>_t_<key> is a template, dbctl_test_<checkout>_c_<run>_<number> a copy of one.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dbctl.database.postgres import quoted
from dbctl.database.postgres_clone import FILE_COPY_BYTES, strategy
from dbctl.database.url import Url
from dbctl.errors import RefusedError
from dbctl.testing.store import KEPT
from dbctl.testing.wish import Wish

if TYPE_CHECKING:
    from typing import TypeAlias

    import asyncpg

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = Any

PREFIX = "dbctl_test_"
NAMES = """
SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database
 WHERE starts_with(datname, $1)
"""
FACTS = """
SELECT pg_database_size($1), current_setting('server_version_num')::int, current_setting('fsync')
"""

DRESSED = """
SELECT d.datacl IS NOT NULL OR EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)
  FROM pg_database d WHERE d.datname = $1
"""


def template(wish: Wish, url: Url, key: str) -> str:
    """The template's name; a role copies only what is its own, so each has its own."""
    place = hashlib.sha256(f"{wish.place} {url.user}".encode()).hexdigest()[:8]
    return f"{PREFIX}{place}_t_{key}"


def clones(template: str) -> str:
    """How the names of its checkout's copies begin."""
    return f"{_place(template)}c_"


def draft(template: str) -> str:
    """The name of a template that is being made."""
    return f"{template}_draft"


def _place(name: str) -> str:
    """How all names of the same checkout begin."""
    return "_".join(name.split("_")[:3]) + "_"


def number(text: str) -> int:
    """The advisory lock that `text` names."""
    digest = hashlib.sha256(f"dbctl pytest {text}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


async def quickest(connection: Connection, template: str) -> str:
    """How CREATE DATABASE copies the template quickest here."""
    ((size, version, fsync),) = await connection.fetch(FACTS, template)
    # The checkpoints of a file copy cost next to nothing where nothing waits for the disk.
    return strategy(size if fsync == "on" else FILE_COPY_BYTES, version)


async def is_dressed(connection: Connection, name: str) -> bool:
    """Whether the database has settings or rights of its own, which no copy has by itself."""
    return bool(await connection.fetchval(DRESSED, name))


async def exists(connection: Connection, name: str) -> bool:
    """Whether the server has the database."""
    query = "SELECT true FROM pg_database WHERE datname = $1"
    return bool(await connection.fetchval(query, name))


async def drop(connection: Connection, name: str) -> None:
    """Drop a database of test runs, ending its sessions. Raises RefusedError for any other."""
    if not name.startswith(PREFIX):
        raise RefusedError(f"{name} is no database of a test run: dbctl does not drop it")
    await connection.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


async def publish(connection: Connection, draft: str, template: str) -> None:
    """Let nobody connect to the draft any more, and give it its name."""
    await connection.execute(f"ALTER DATABASE {quoted(draft)} ALLOW_CONNECTIONS false")
    await connection.execute(f"ALTER DATABASE {quoted(draft)} RENAME TO {quoted(template)}")


async def used(connection: Connection, template: str, run: str) -> None:
    """Write down when a run last used the template, and which."""
    note = json.dumps({"dbctl": "pytest", "used": datetime.now(UTC).isoformat(), "run": run})
    # A comment takes no parameters; these texts have no quotes in them.
    await connection.execute(f"COMMENT ON DATABASE {quoted(template)} IS '{note}'")


async def last_run(connection: Connection, template: str) -> str:
    """The run that used it last, "" where there is no such template."""
    for name, note in await connection.fetch(NAMES, template):
        if name == template:
            return str(_read(note).get("run", ""))
    return ""


async def prune(connection: Connection, template: str) -> None:
    """Drop the copies of runs that were killed, and the templates nobody used for longest."""
    notes = {name: _read(note) for name, note in await connection.fetch(NAMES, _place(template))}
    for name in notes:
        if name.startswith(clones(template)):
            await _drop_orphan(connection, name, run=name.split("_")[4])
    others = [
        name
        for name in notes
        if name.startswith(f"{_place(template)}t_") and name not in (template, draft(template))
    ]
    others.sort(key=lambda name: str(notes[name].get("used", "")), reverse=True)
    for name in others[KEPT - 1 :]:
        await drop(connection, name)


async def _drop_orphan(connection: Connection, name: str, *, run: str) -> None:
    """Drop a copy unless its run lives: that holds a lock."""
    lock = number(run)
    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
        await drop(connection, name)
        await connection.execute("SELECT pg_advisory_unlock($1)", lock)


def _read(note: str | None) -> dict[str, Any]:
    try:
        found = json.loads(note or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
