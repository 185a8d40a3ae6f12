"""TLS against a server that insists on it: each mode, each way of connecting."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dbctl import Database, Settings, loop
from dbctl.database.server import server as server_of
from tests.servers.server import Server

# Each works (the mode, the host by which the server is called, whose authority), or does not.
CASES = {
    "require": ("require", "localhost", "", True),
    "verify-ca": ("verify-ca", "localhost", "right", True),
    "verify-ca, another host": ("verify-ca", "127.0.0.1", "right", True),
    "verify-ca, another authority": ("verify-ca", "localhost", "wrong", False),
    "verify-full": ("verify-full", "localhost", "right", True),
    "verify-full, another host": ("verify-full", "127.0.0.1", "right", False),
    "verify-full, another authority": ("verify-full", "localhost", "wrong", False),
    "require with an authority is verified": ("require", "localhost", "wrong", False),
    "disable": ("disable", "localhost", "", False),
}


async def _asyncpg(settings: Settings) -> None:
    async with Database(settings) as database, database.async_engine.connect():
        pass


async def _psycopg(settings: Settings) -> None:
    async with Database(settings) as database:
        database.sync_engine.connect().close()


async def _own(settings: Settings) -> None:
    async with server_of(settings).open() as session:
        await session.place()


WAYS = {"asyncpg engine": _asyncpg, "psycopg engine": _psycopg, "dbctl itself": _own}


@pytest.fixture(scope="module")
def wrong_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority that signed nothing here."""
    file = tmp_path_factory.mktemp("ca") / "wrong.pem"
    trustme = pytest.importorskip("trustme")
    trustme.CA().cert_pem.write_to_path(file)
    return file


@pytest.mark.parametrize("connect", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_tls_protects_as_far_as_its_mode_says(
    case: tuple[str, str, str, bool],
    connect: Callable[[Settings], Awaitable[None]],
    tls_server: Server,
    wrong_authority: Path,
) -> None:
    mode, host, authority, works = case
    files = {"right": tls_server.ca_file, "wrong": wrong_authority}
    query = {"sslmode": mode} | ({"sslrootcert": str(files[authority])} if authority else {})
    url = f"{replace(tls_server, host=host).url()}?{urlencode(query)}"
    assert connects(connect, Settings.load(url=url)) is works


def connects(connect: Callable[[Settings], Awaitable[None]], settings: Settings) -> bool:
    """Whether it does; a refusal of ours, of the driver or of TLS is a no."""

    async def attempt() -> None:
        await connect(settings)

    try:
        loop.run(attempt())
    except Exception as error:  # each way has errors of its own
        if "certificate" in str(error) or "encryption" in str(error):
            return False
        raise
    return True


def test_a_connection_that_asks_for_tls_has_it(tls_server: Server) -> None:
    settings = Settings.load(url=f"{tls_server.url()}?sslmode=require")

    async def encrypted() -> bool:
        query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        async with Database(settings) as database, database.async_engine.connect() as connection:
            return bool((await connection.exec_driver_sql(query)).scalar_one())

    assert loop.run(encrypted())
