"""The disk is full in the middle of a migration: all old, and all new when there is room again."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.migrate.conftest import Run
from tests.migrate.safety.conftest import psql
from tests.projects.make import Project, driven, make, table
from tests.schema import rows_of, schema_of

SIZE = "4m"
FILL = """\
op.create_table("big", sa.Column("text", sa.Text()){where})
op.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
           " INSERT INTO big SELECT {value} FROM n")
"""


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 4 MB, half of it taken by the file `filler`."""
    folder = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0777", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        (folder / "filler").write_bytes(b"x" * 2_500_000)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder)


def test_a_sqlite_file_on_a_full_disk(disk: Path, tmp_path: Path, quick: Run) -> None:
    url = f"sqlite:///{disk / 'data.db'}"
    (disk / "data.db").touch()
    project = make(tmp_path / "mine", url=driven(url))
    project.revision("r1", up=table("t1"))
    project.revision("r2", "r1", up=FILL.format(where="", value="hex(zeroblob(400))"))
    done = quick("upgrade", cwd=project.root)
    assert (done.code, "full" in done.err) == (6, True), str(done)
    assert rows_of(url) == {"alembic_version": 1, "t1": 1}
    (disk / "filler").unlink()
    assert quick("upgrade", cwd=project.root).code == 0
    assert rows_of(url)["big"] == 3000


def test_a_tablespace_on_a_full_disk(
    disk: Path, served: Project, postgres_url: str, quick: Run
) -> None:
    space = f"small_{os.getpid()}"
    (disk / "space").mkdir()
    shutil.chown(disk / "space", "nobody")
    psql(postgres_url, f"CREATE TABLESPACE {space} LOCATION '{disk / 'space'}'")
    try:
        where = f', postgresql_tablespace="{space}"'
        served.revision("r1", up=table("t1"))
        served.revision("r2", "r1", up=FILL.format(where=where, value="repeat('x', 700)"))
        _fails_and_then_does_not(served, postgres_url, quick, disk / "filler")
    finally:
        psql(postgres_url, "DROP TABLE IF EXISTS big")
        psql(postgres_url, f"DROP TABLESPACE {space}")


def _fails_and_then_does_not(project: Project, url: str, quick: Run, filler: Path) -> None:
    assert quick("upgrade", "r1", cwd=project.root).code == 0
    before = schema_of(url)
    done = quick("upgrade", cwd=project.root)
    assert (done.code, "No space left" in done.err) == (6, True), str(done)
    assert schema_of(url) == before
    filler.unlink()
    assert quick("upgrade", cwd=project.root).code == 0
    assert rows_of(url)["big"] == 3000
