"""Killed before any of its statements a migration is all old or all new, and can be run again."""

import json
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import runner
from tests.migrate.safety.crash import looked
from tests.projects.make import Project
from tests.servers.server import Server

pytestmark = pytest.mark.soak

TABLES = """\
op.create_table(
    "parent", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Text())
)
op.create_table(
    "child",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("of", sa.Integer(), sa.ForeignKey("parent.id", ondelete="CASCADE", name="fk")),
)
op.execute("INSERT INTO parent VALUES (1, 'x')")
op.execute("INSERT INTO child VALUES (1, 1), (2, 1), (3, 1)")
"""
REBUILT = """\
with op.batch_alter_table("parent", recreate="auto") as batch:
    batch.alter_column("a", new_column_name="b", existing_type=sa.Text())
    batch.add_column(sa.Column("c", sa.Integer(), server_default="7"))
op.execute("UPDATE parent SET c = 8")
"""
LAST = (
    'op.create_index("ix_child_of", "child", ["of"])\nop.execute("DELETE FROM child WHERE id = 3")'
)


def written(project: Project) -> Project:
    """Three revisions: tables with rows, a rebuild of the parent, an index and a data step."""
    project.revision("r1", up=TABLES)
    project.revision("r2", "r1", up=REBUILT)
    project.revision("r3", "r2", up=LAST)
    return project


def crashes(project: Project, prepare: str, url: str) -> Iterator[list[object]]:
    """One line for each statement before which the upgrade was killed."""
    env = {"URL": url, "OUT": str(project.root.parent / "out")}
    command = [sys.executable, "-m", "tests.migrate.safety.crash", prepare, "upgrade"]
    done = runner.run(command, cwd=project.root, env=env, timeout=500)
    assert done.code == 0, str(done)
    yield from (json.loads(line) for line in done.lines)


def judged(project: Project, prepare: str, url: str, whole: set[str]) -> None:
    """Every crash leaves one of the states `whole`, and the next run ends well in the last one."""
    lines = list(crashes(project, prepare, url))
    assert len(lines) > 12, "hardly a statement was seen"
    for number, killed, between, again, after in lines[:-1]:
        assert killed == -signal.SIGKILL
        assert between in whole, f"half a revision after statement {number}: {between}"
        assert (again, after) == (0, lines[-1][4]), f"stuck after statement {number}"
    assert lines[-1][1] == 0


def states(project: Project, prepare: str, url: str) -> set[str]:
    """What the database is like before each revision and after the last."""
    found = set()
    for target in ("base", "r1", "r2", "r3"):
        assert runner.run(["sh", "-c", prepare]).code == 0
        if target != "base":
            assert runner.dbctl("upgrade", target, cwd=project.root).code == 0
        found.add(looked(url))
    return found


def test_on_sqlite(filed: Project, sqlite_url: str) -> None:
    file = Path(sqlite_url.split(":///")[1])
    prepare = f"rm -f {file}*; touch {file}"
    written(filed)
    judged(filed, prepare, sqlite_url, states(filed, prepare, sqlite_url))


def test_on_postgresql(served: Project, server: Server, postgres_url: str) -> None:
    name = postgres_url.rsplit("/", 1)[1]
    assert server.bin is not None
    statements = (f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    words = [str(server.bin / "psql"), "-Xq", "-d", server.url("postgres")]
    prepare = shlex.join([*words, *(word for one in statements for word in ("-c", one))])
    written(served)
    judged(served, prepare, postgres_url, states(served, prepare, postgres_url))
