"""Histories in which a careless tool does harm, and many commands at once."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import runner
from tests.migrate.conftest import Make
from tests.projects.make import Project, driven, make, table

Swarm = Callable[..., list[int]]


@pytest.fixture
def swarm(tmp_path: Path) -> Swarm:
    """`swarm(project, count, *words, tool="dbctl")`: the exit codes of commands run at once."""

    def run(project: Project, count: int, *words: str, tool: str = "dbctl") -> list[int]:
        command = [sys.executable, "-m", "tests.migrate.safety.swarm", str(count), tool, *words]
        out = {"OUT": str(tmp_path / "out")}
        done = runner.run(command, cwd=project.root, env=out, timeout=120)
        assert done.code == 0, str(done)
        codes: list[int] = json.loads(done.out)
        return codes

    return run


@pytest.fixture
def served(tmp_path: Path, postgres_url: str) -> Project:
    """A project on PostgreSQL."""
    return make(tmp_path / "mine", url=driven(postgres_url))


@pytest.fixture
def filed(tmp_path: Path, sqlite_url: str) -> Project:
    """A project on SQLite."""
    Path(sqlite_url.split(":///")[1]).touch()
    return make(tmp_path / "mine", url=driven(sqlite_url))


@pytest.fixture
def slow(made: Make) -> Project:
    """Five revisions with a pause in each: between them others have time to do harm."""
    return pausing(made())


BEGIN = "    with context.begin_transaction():\n"
# Behind env.py's context.configure: nothing is locked while it sleeps.
PAUSE = """\
    begin = context.get_context().begin_transaction

    def slowly(_per_migration=False):
        if _per_migration:
            __import__("time").sleep(0.03)
        return begin(_per_migration)

    context.get_context().begin_transaction = slowly
"""


def pausing(project: Project) -> Project:
    """`project` with five revisions that take their time, and a pause before each."""
    env = project.migrations / "env.py"
    before, begin, after = env.read_text(encoding="utf-8").rpartition(BEGIN)
    env.write_text(f"{before}{PAUSE}{begin}{after}", encoding="utf-8")
    for number in range(1, 6):
        project.revision(
            f"r{number}",
            f"r{number - 1}" if number > 1 else None,
            up=f"{table(f't{number}')}\n__import__('time').sleep(0.03)",
            undo=f'op.drop_table("t{number}")',
        )
    return project


def psql(url: str, sql: str) -> str:
    """What psql prints for `sql`, unaligned and without headings."""
    from tests.servers import binaries

    folder = binaries.of_clients()
    assert folder is not None
    command = [str(folder / "psql"), "-XAtqc", sql, url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
