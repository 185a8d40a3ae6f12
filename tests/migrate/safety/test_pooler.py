"""Behind a pooler in transaction mode a lock excludes nobody: dbctl refuses to migrate there."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ON_CI
from tests.migrate.conftest import Run
from tests.migrate.safety import LOCKS
from tests.migrate.safety.conftest import psql
from tests.projects.make import Project
from tests.servers import pgbouncer
from tests.servers.server import Server


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user may read: pytest's own is closed to others."""
    if pgbouncer.installed() is None:
        (pytest.fail if ON_CI else pytest.skip)("no PgBouncer: apt install pgbouncer")
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize("size", [1, 5])
def test_transaction_mode_is_refused_and_no_lock_stays(  # noqa: PLR0917 - fixtures
    served: Project, quick: Run, server: Server, postgres_url: str, folder: Path, size: int
) -> None:
    served.chain(1)
    with pgbouncer.pooling(server, folder, "transaction", size) as port:
        url = postgres_url.replace(f":{server.port}/", f":{port}/")
        done = quick("--url", f"{url}?pgbouncer=true", "upgrade", cwd=served.root)
        assert (done.code, "pooler in transaction mode" in done.err) == (5, True), str(done)
        assert psql(postgres_url, LOCKS) == "0"
    assert psql(postgres_url, "SELECT to_regclass('t1')") == ""


def test_session_mode_is_as_good_as_the_server(
    served: Project, quick: Run, server: Server, postgres_url: str, folder: Path
) -> None:
    served.chain(1)
    with pgbouncer.pooling(server, folder, "session", 5) as port:
        url = postgres_url.replace(f":{server.port}/", f":{port}/")
        done = quick("--url", url, "upgrade", cwd=served.root)
    assert done.code == 0, str(done)
