"""COMMIT was sent and its answer lost: dbctl looks what became of it, and says so."""

import pytest

from tests import runner
from tests.migrate.safety.conftest import psql
from tests.projects import envs
from tests.projects.make import Project
from tests.servers.proxy import Cut, cutting
from tests.servers.server import Server

ENVS = [pytest.param(False, id="psycopg"), pytest.param(True, id="asyncpg")]


def cut_off(project: Project, server: Server, url: str, cut: Cut, at: int) -> runner.Finished:
    """Upgrade through a proxy that cuts the connection at a COMMIT."""
    with cutting(server.host, server.port, cut, at) as proxy:
        through = url.replace(f":{server.port}/", f":{proxy.port}/")
        done = runner.dbctl("--url", through, "upgrade", cwd=project.root)
        assert proxy.cuts == 1, "the proxy saw no COMMIT"
    return done


@pytest.fixture(params=ENVS)
def three(served: Project, request: pytest.FixtureRequest) -> Project:
    """Three revisions, with a synchronous and an asynchronous env.py."""
    if request.param:
        served.write("migrations/env.py", envs.ASYNC)
    served.chain(3)
    return served


# What env.py itself commits before the first revision is number 1 where the driver says COMMIT.
@pytest.mark.parametrize("at", [2, 3])
def test_a_commit_whose_answer_is_lost_is_found_to_have_happened(
    three: Project, server: Server, postgres_url: str, at: int
) -> None:
    done = cut_off(three, server, postgres_url, "after", at)
    assert done.code == 0, str(done)
    assert "it is committed" in done.err
    assert psql(postgres_url, "SELECT version_num FROM alembic_version") == "r3"


@pytest.mark.parametrize("at", [2, 3])
def test_a_commit_that_never_arrived_is_found_not_to_have_happened(
    three: Project, server: Server, postgres_url: str, at: int
) -> None:
    done = cut_off(three, server, postgres_url, "before", at)
    assert done.code == 6, str(done)
    assert "it is not applied" in done.err
    assert f"rolled back; the database is at r{at - 2}".replace("r0", "base") in done.err
    assert runner.dbctl("upgrade", cwd=three.root).code == 0
