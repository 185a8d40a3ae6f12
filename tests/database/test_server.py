"""What dbctl asks a server for, on both kinds: databases, tables, sizes, and refusals."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dbctl import Settings, loop
from dbctl.database import server as servers
from dbctl.database.model import Look
from dbctl.database.server import Server as Protocol
from dbctl.database.server import Session
from dbctl.database.shape import TableDetail
from dbctl.errors import (
    ConfigurationError,
    MissingDatabaseError,
    NotFoundError,
    ProviderError,
    RefusedError,
    TimedOutError,
    UnreachableError,
    WrongPasswordError,
)
from tests.schema import rows_of
from tests.servers.server import Server

pytestmark = pytest.mark.anyio

TABLES = (
    "CREATE TABLE parent (id integer PRIMARY KEY, a varchar(5) NOT NULL DEFAULT 'x', b integer)",
    "CREATE UNIQUE INDEX parent_a ON parent (a)",
    "CREATE TABLE child (id integer PRIMARY KEY,"
    " parent_id integer NOT NULL REFERENCES parent (id) ON DELETE CASCADE)",
    "INSERT INTO parent VALUES (1, 'one', NULL), (2, 'two', 2)",
    "INSERT INTO child VALUES (1, 1)",
)
# Names as somebody might have them, or wish others to have them.
HOSTILE = (
    'a"b', "a'b", "a;DROP TABLE parent", "Select", "Mixed Case", "[/b]", "\x1b[31mred", "ünï",
    "a.b", "%s", "--x", "{x}", "a\\b", ":x",
)  # fmt: skip


def server(url: str) -> Protocol:
    """The server behind `url`."""
    return servers.server(Settings.load(url=url))


@pytest.fixture
def run(request: pytest.FixtureRequest, database_url: str) -> Callable[..., None]:
    """`run(*sql)` in the test's database, whatever it is."""
    if database_url.startswith("sqlite"):
        file = database_url.removeprefix("sqlite:///")
        return lambda *statements: _sqlite(file, statements)
    admin: Server = request.getfixturevalue("server")
    name = database_url.rsplit("/", 1)[-1]
    return lambda *statements: _postgres(admin, name, statements)


def _sqlite(file: str, statements: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _postgres(admin: Server, name: str, statements: tuple[str, ...]) -> None:
    for statement in statements:
        admin.run(statement, name)


async def _detail(session: Session, name: str) -> TableDetail:
    return await session.detail(name)


async def asked(url: str, question: Callable[[Session], Awaitable[Any]]) -> Any:
    """The answer to a question asked in a session of its own."""
    async with server(url).open() as session:
        return await question(session)


@pytest.fixture(params=["sqlite", "postgres"])
def missing_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that does not exist."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'missing.db'}"
    return str(request.getfixturevalue("missing_postgres_url"))


async def test_a_missing_database_is_created_once_and_dropped_once(missing_url: str) -> None:
    found = server(missing_url)
    assert await found.answers() is None
    assert [await found.create(), await found.create()] == [True, False]
    place = await found.answers()
    assert place is not None
    assert place.name in missing_url
    assert [await found.drop(), await found.drop()] == [True, False]
    assert await found.answers() is None


async def test_a_read_never_creates_a_database(missing_url: str) -> None:
    with pytest.raises(MissingDatabaseError) as caught:
        await asked(missing_url, lambda session: session.sizes())
    assert "dbctl up" in caught.value.hint
    assert await server(missing_url).answers() is None


async def test_the_databases_are_listed_and_ours_is_marked(missing_url: str) -> None:
    found = server(missing_url)
    assert not any(one.current for one in await found.databases())
    await found.create()
    (ours,) = [one for one in await found.databases() if one.current]
    assert missing_url.endswith(ours.name)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_database_of_any_name_is_created_and_dropped(name: str, server_url: str) -> None:
    found = server(f"{server_url}{quote('t_' + name, safe='')}")
    assert await found.create()
    try:
        async with found.open() as session:
            assert (await session.place()).name == f"t_{name}"
        assert [one.name for one in await found.databases() if one.current] == [f"t_{name}"]
    finally:
        assert await found.drop()


@pytest.fixture
def server_url(request: pytest.FixtureRequest) -> str:
    """The server's URL up to the name of a database."""
    found: Server = request.getfixturevalue("server")
    return found.url("")


async def test_a_name_that_the_server_would_cut_is_refused(
    server_url: str, admin: Callable[..., list[tuple[Any, ...]]]
) -> None:
    for name in ("x" * 64, "ü" * 32):
        found = server(f"{server_url}{quote(name)}")
        for act in (found.create, found.drop):
            with pytest.raises(ConfigurationError, match="has 64 bytes, PostgreSQL keeps 63"):
                await act()
    assert not admin("SELECT datname FROM pg_database WHERE datname LIKE 'xxxxx%'")


@pytest.mark.parametrize("name", ["postgres", "template0", "template1", ""])
async def test_the_servers_own_databases_are_refused(name: str, server_url: str) -> None:
    with pytest.raises(RefusedError, match="not a database to create or drop"):
        await server(f"{server_url}{name}").drop()


async def test_a_drop_ends_the_sessions_of_others(postgres_url: str) -> None:
    found = server(postgres_url)
    async with found.open():
        assert await found.drop()
    assert await found.answers() is None


async def test_a_look_at_an_empty_database(database_url: str) -> None:
    await server(database_url).create()
    look: Look = await asked(database_url, lambda session: session.look("alembic_version", None))
    assert (look.tables, look.versions) == (0, None)
    assert look.place.server_version


VERSIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "empty": ((), ()),
    "one": (("INSERT INTO alembic_version VALUES ('a')",), ("a",)),
    "two": (("INSERT INTO alembic_version VALUES ('b'), ('a')",), ("a", "b")),
}


@pytest.mark.parametrize(("rows", "versions"), VERSIONS.values(), ids=VERSIONS)
async def test_a_look_reads_the_version_table(
    rows: tuple[str, ...], versions: tuple[str, ...], database_url: str, run: Callable[..., None]
) -> None:
    run("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)", *rows, *TABLES)
    look: Look = await asked(database_url, lambda session: session.look("alembic_version", None))
    assert (look.tables, look.versions) == (2, versions)


async def test_a_version_table_in_a_schema_of_its_own_is_read(
    postgres_url: str, server: Server
) -> None:
    name = postgres_url.rsplit("/", 1)[-1]
    server.run('CREATE SCHEMA "my ""s"', name)
    server.run('CREATE TABLE "my ""s"."V x" (version_num text)', name)
    server.run("""INSERT INTO "my ""s"."V x" VALUES ('a')""", name)
    look: Look = await asked(postgres_url, lambda session: session.look("V x", 'my "s'))
    assert (look.tables, look.versions) == (0, ("a",))


async def test_two_databases_have_two_identities(
    database_url: str, missing_url: str, request: pytest.FixtureRequest
) -> None:
    seen = set()
    for url in (database_url, missing_url, database_url):
        await server(url).create()
        look: Look = await asked(url, lambda session: session.look("alembic_version", None))
        seen.add(look.identity)
    assert len(seen) == 2


async def test_rows_and_bytes_are_counted(database_url: str, run: Callable[..., None]) -> None:
    run(*TABLES)
    sizes = await asked(database_url, lambda session: session.sizes())
    assert [(one.name, one.rows) for one in sizes] == [("child", 1), ("parent", 2)]
    assert all(one.bytes is None or one.bytes > 0 for one in sizes)


async def test_a_table_is_described(database_url: str, run: Callable[..., None]) -> None:
    run(*TABLES)
    parent = await asked(database_url, lambda session: session.detail("parent"))
    assert [(one.name, one.nullable, one.key) for one in parent.columns] == [
        ("id", False, "primary"), ("a", False, ""), ("b", True, ""),
    ]  # fmt: skip
    assert parent.columns[1].default.startswith("'x'")
    assert ("parent_a", ("a",), True) in [(i.name, i.columns, i.unique) for i in parent.indexes]
    child = await asked(database_url, lambda session: session.detail("child"))
    assert child.columns[1].key == "parent"


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_table_of_any_name_is_found(
    name: str, database_url: str, run: Callable[..., None]
) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    run(f"CREATE TABLE {quoted} (id integer PRIMARY KEY, {quoted} integer)")
    run(f"INSERT INTO {quoted} VALUES (1, 1)")
    (size,) = await asked(database_url, lambda session: session.sizes())
    for spelling in {name, size.name}:
        detail = await asked(database_url, partial(_detail, name=spelling))
        assert (detail.rows, detail.columns[1].name) == (1, name)
    await asked(database_url, lambda session: session.truncate([size.name]))
    assert set(rows_of(database_url).values()) == {0}


@pytest.mark.parametrize("name", ["nobody", "", *HOSTILE, "a" * 64, "\udcff"])
async def test_a_table_that_is_not_there_is_not_found(
    name: str, database_url: str, run: Callable[..., None]
) -> None:
    run(*TABLES[:1])
    with pytest.raises(NotFoundError, match="there is no table"):
        await asked(database_url, lambda session: session.detail(name))
    assert rows_of(database_url) == {"parent": 0}


async def test_truncate_refuses_tables_that_others_point_at(
    database_url: str, run: Callable[..., None]
) -> None:
    run(*TABLES)
    with pytest.raises(RefusedError, match="point") as caught:
        await asked(database_url, lambda session: session.truncate(["parent"]))
    assert caught.value.exit_code == 5
    assert rows_of(database_url) == {"child": 1, "parent": 2}


async def test_truncate_empties_tables_together(
    database_url: str, run: Callable[..., None]
) -> None:
    run(*TABLES)
    await asked(database_url, lambda session: session.truncate(["parent", "child"]))
    assert rows_of(database_url) == {"child": 0, "parent": 0}


async def test_truncate_does_not_mind_orphans_that_were_there_before(sqlite_url: str) -> None:
    orphan = "INSERT INTO child VALUES (7, 99)"
    _sqlite(sqlite_url.removeprefix("sqlite:///"), (*TABLES, orphan, "CREATE TABLE other (id)"))
    await asked(sqlite_url, lambda session: session.truncate(["other"]))
    with pytest.raises(RefusedError):
        await asked(sqlite_url, lambda session: session.truncate(["parent"]))
    assert rows_of(sqlite_url) == {"child": 2, "other": 0, "parent": 2}


COUNTERS = {
    "sqlite": "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a text)",
    "postgresql": "CREATE TABLE t (id serial PRIMARY KEY, a text)",
}


async def test_truncate_starts_the_counters_again(
    database_url: str, run: Callable[..., None]
) -> None:
    run(COUNTERS[database_url.split(":", maxsplit=1)[0]], "INSERT INTO t (a) VALUES ('x'), ('y')")
    await asked(database_url, lambda session: session.truncate(["t"]))
    run("INSERT INTO t (a) VALUES ('z')", "CREATE TABLE one AS SELECT 1 FROM t WHERE id = 1")
    assert rows_of(database_url)["one"] == 1


async def test_a_partitioned_table_is_one_table(postgres_url: str, server: Server) -> None:
    name = postgres_url.rsplit("/", 1)[-1]
    server.run("CREATE TABLE p (id integer) PARTITION BY RANGE (id)", name)
    server.run("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)", name)
    server.run("INSERT INTO p VALUES (1)", name)
    sizes = await asked(postgres_url, lambda session: session.sizes())
    assert [(one.name, one.rows) for one in sizes] == [("p", 1)]


async def test_what_a_user_may_not_read_is_said(postgres_url: str, server: Server) -> None:
    name = postgres_url.rsplit("/", 1)[-1]
    role = f"r_{name}"
    server.run(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    try:
        server.run("CREATE TABLE private (id integer)", name)
        url = postgres_url.replace(f"{server.user}:{server.password}", f"{role}:x")
        with pytest.raises(ProviderError, match="permission denied for table private"):
            await asked(url, lambda session: session.sizes())
    finally:
        server.run(f"DROP ROLE {role}")


def wrong_password(found: Server) -> str:
    return found.url().replace(found.password, "s3cr3t-Zq9")


def wrong_user(found: Server) -> str:
    return found.url().replace(f"{found.user}:", "nobody_here:")


@pytest.mark.parametrize("url", [wrong_password, wrong_user])
async def test_a_wrong_login_is_said_without_the_password(
    url: Callable[[Server], str], server: Server
) -> None:
    with pytest.raises(WrongPasswordError) as caught:
        await asked(url(server), lambda session: session.place())
    assert server.password not in f"{caught.value.message}{caught.value.hint}"
    assert "s3cr3t" not in f"{caught.value.message}{caught.value.hint}"


async def test_a_port_that_refuses_is_said(closed_port: int) -> None:
    with pytest.raises(UnreachableError, match="connection refused"):
        await server(f"postgresql://me@127.0.0.1:{closed_port}/x").answers()


async def test_a_silent_server_is_given_up(silent_port: int) -> None:
    url = f"postgresql://me@127.0.0.1:{silent_port}/x?connect_timeout=0.3"
    with pytest.raises(TimedOutError, match=r"did not answer within 0\.3 s"):
        await server(url).answers()


HOSTS = ["no-such-host.invalid", "a" * 70 + ".test", "a..b", "ü" * 80, "%00"]


@pytest.mark.parametrize("host", HOSTS)
async def test_a_host_that_cannot_be_is_unreachable(host: str) -> None:
    with pytest.raises(UnreachableError, match="cannot connect"):
        await server(f"postgresql://me@{host}/x").answers()


FILES = {
    "text": (
        b"this is a text and no database, long enough to have a header\n" * 20,
        "not a SQLite",
    ),
    "folder": (None, "cannot open"),
}


@pytest.mark.parametrize(("content", "why"), FILES.values(), ids=FILES)
async def test_a_file_that_is_no_database_is_said(
    content: bytes | None, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.db"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(UnreachableError, match=why):
        await asked(f"sqlite:///{file}", lambda session: session.place())


async def test_a_locked_file_is_given_up(sqlite_url: str) -> None:
    file = sqlite_url.removeprefix("sqlite:///")
    _sqlite(file, TABLES)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TimedOutError, match="locked"):
            await asked(f"{sqlite_url}?timeout=0.1", lambda session: session.sizes())


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="No such file or directory"):
        await server(f"sqlite:///{tmp_path}/no/such/x.db").create()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///file::memory:?uri=true"])
async def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(RefusedError, match="in-memory"):
        await server(url).create()


def test_a_drop_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f"x.db{suffix}").touch()
    loop.run(server("sqlite:///x.db").drop())
    assert sorted(tmp_path.iterdir()) == []


async def test_behind_a_pooler_the_direct_host_creates(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    async def connect(**arguments: Any) -> None:
        tried.append(f"{arguments['host']}/{arguments['database']}")
        raise ConnectionRefusedError

    monkeypatch.setattr("asyncpg.connect", connect)
    with pytest.raises(UnreachableError):
        await server("postgresql://u@ep-1-pooler.eu.neon.tech/x?sslmode=require").create()
    assert tried == ["ep-1.eu.neon.tech/postgres"]


async def test_the_sockets_folder_is_a_host(server: Server) -> None:
    if server.socket_dir is None:
        pytest.skip("not a server of this suite")
    place = await asked(server.socket_url(), lambda session: session.place())
    assert place.host == f"{server.socket_dir}:{server.port}"
