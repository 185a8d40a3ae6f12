"""`python -m tests.plugin`: the fixtures beside pytest-asyncio, which the tests are run without."""

import sys
import tempfile
from pathlib import Path

from tests import runner
from tests.projects.make import make, table
from tests.published.layer import layered
from tests.runner import Finished

REQUIREMENT = "pytest-asyncio==1.5.0"
TESTS = """\
import pytest
import sqlalchemy as sa

COUNT, INSERT = sa.text("SELECT count(*) FROM t1"), sa.text("INSERT INTO t1 VALUES (7)")


@pytest.mark.asyncio
@pytest.mark.parametrize("turn", [1, 2])
async def test_marked(dbctl_session, turn):
    await dbctl_session.execute(INSERT)
    await dbctl_session.commit()
    assert await dbctl_session.scalar(COUNT) == 2


async def test_unmarked(dbctl_database, dbctl_session):
    async with dbctl_database.session() as session:
        await session.execute(INSERT)
    assert await dbctl_session.scalar(COUNT) == 2
"""
INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\nasyncio_mode = {mode}\n"
MODES = ("strict", "auto")


def tried(python: Path, folder: Path, mode: str) -> Finished:
    """Pytest in a project of that mode."""
    project = make(folder / mode, url="sqlite:///never.db")
    project.revision("r1", up=table("t1"))
    project.write("test_mine.py", TESTS)
    project.write("pytest.ini", INI.format(mode=mode))
    words = [str(python), "-m", "pytest", "-q", "-W", "error"]
    return runner.run(words, cwd=project.root, env={"XDG_CACHE_HOME": str(folder / "cache")})


def main() -> int:
    """Try both modes; 1 when a test fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python, _ = layered(folder / "venv", [REQUIREMENT])
        ended = {mode: tried(python, folder, mode) for mode in MODES}
    for mode, done in ended.items():
        sys.stdout.write(f"{mode}: {done.lines[-1] if done.code == 0 else done}\n")
    failed = sum("3 passed" not in done.out for done in ended.values())
    sys.stdout.write(f"{len(MODES) - failed} passed, {failed} failed\n")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
