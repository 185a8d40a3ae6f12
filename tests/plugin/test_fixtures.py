"""What pytest's plug-in gives to a project's own tests, in a pytest of its own."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import runner
from tests.plugin.conftest import PASSED, Suite
from tests.projects.make import AUTHORS
from tests.servers.server import Server

Admin = Callable[..., list[tuple[Any, ...]]]

SLOW = """
import time
def test_slow(dbctl_database):
    print("ready", dbctl_database.url.name, dbctl_database.url.port, flush=True)
    time.sleep(60)
"""
SEEDED = """
import sqlalchemy as sa
def test_rows(dbctl_sync_session):
    assert dbctl_sync_session.scalar(sa.text("SELECT count(*) FROM authors")) == {rows}
"""
SETTING = """\
name = op.get_bind().exec_driver_sql("SELECT current_database()").scalar()
op.execute(f'ALTER DATABASE "{name}" SET search_path = elsewhere')
"""
SET = """
import sqlalchemy as sa
def test_path(dbctl_database):
    with dbctl_database.sync_session() as session:
        assert session.scalar(sa.text("SHOW search_path")) == "elsewhere"
"""
LOADED = """
import sys
import pytest
before = set(sys.modules)
import dbctl.testing.plugin
print(*sorted(name for name in set(sys.modules) - before))
"""


def left(admin: Admin) -> list[str]:
    """Copies of templates that are still on the server."""
    rows = admin("SELECT datname FROM pg_database WHERE datname ~ '^dbctl_test_[0-9a-f]+_c_'")
    return [name for (name,) in rows]


def test_every_test_has_a_migrated_database_that_no_other_test_sees(any_suite: Suite) -> None:
    done = any_suite.pytest("-n", "2")
    assert f"{PASSED} passed" in done.out, done
    assert any_suite.built == 1  # by whichever worker was first
    again = any_suite.pytest("-p", "no:xdist")
    assert f"{PASSED} passed" in again.out, again
    assert any_suite.built == 1
    assert not (any_suite.project.root / "never.db").exists()


def test_changed_migrations_make_a_new_template_and_so_does_asking(files: Suite) -> None:
    assert files.pytest().code == 0
    file = files.project.versions / "r1_.py"
    file.write_text(file.read_text() + "# changed\n")
    assert files.pytest().code == 0
    assert files.built == 2
    assert files.pytest("--dbctl-fresh", "-n", "2").code == 0
    assert files.built == 3


def test_nothing_is_left_on_a_server_even_by_a_killed_run(given: Suite, admin: Admin) -> None:
    given.project.write("test_mine.py", SLOW)
    with started(given) as process:
        name = said(process)[1]
        process.send_signal(signal.SIGKILL)
    assert name in left(admin)
    given.project.write("test_mine.py", "def test_quick(dbctl_url): pass\n")
    assert given.pytest().code == 0
    assert left(admin) == []


def test_nothing_is_left_of_a_server_from_the_wheel_by_a_killed_run(embedded: Suite) -> None:
    embedded.project.write("test_mine.py", SLOW)
    with started(embedded) as process:
        _, _, port = said(process)
        (note,) = (Path(embedded.env["XDG_CACHE_HOME"])).rglob("running-*")
        folder = Path(note.read_text())
        assert folder.exists()
        process.send_signal(signal.SIGKILL)
    end = time.monotonic() + 20
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not folder.exists()
    assert int(port) > 0


def started(suite: Suite) -> "subprocess.Popen[str]":
    """Pytest in the project, still running."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-s"],
        cwd=suite.project.root,
        env=runner.environment(suite.env),
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> list[str]:
    """The words of the line that a running test printed."""
    assert process.stdout is not None
    return next(line.split() for line in process.stdout if line.startswith("ready"))


def test_what_migrations_set_for_the_database_its_copies_have(given: Suite) -> None:
    given.project.revision("r2", "r1", up=SETTING)
    given.project.write("test_mine.py", SET)
    done = given.pytest()
    assert done.code == 0, done


@pytest.mark.parametrize("name", ["DATABASE_URL", "DBCTL_URL"])
def test_the_server_that_is_worked_with_is_never_the_tests_server(
    suite: Callable[..., Suite], server: Server, admin: Admin, name: str
) -> None:
    mine = suite(server.url("ini"), {name: server.url("mine")})
    mine.project.write("test_mine.py", "def test_it(dbctl_database): print(dbctl_database.url)")
    done = mine.pytest("-s")
    assert done.code == 0, done
    assert str(server.port) not in done.out
    assert admin("SELECT datname FROM pg_database WHERE datname IN ('ini', 'mine')") == []


@pytest.mark.parametrize("seed", ["true", "false"])
def test_the_template_is_seeded_when_that_is_asked(files: Suite, seed: str) -> None:
    files.project.write("seeds/authors.csv", "id,name\n1,Ada\n")
    files.project.revision("r2", "r1", up=AUTHORS)
    files.project.write("pytest.ini", f"[pytest]\ndbctl_seed = {seed}\n")
    files.project.write("test_mine.py", SEEDED.format(rows=int(seed == "true")))
    done = files.pytest()
    assert done.code == 0, done


def test_a_migration_that_fails_is_told_without_a_traceback(files: Suite) -> None:
    files.project.revision("r2", "r1", up='op.execute("CREATE nonsense")')
    done = files.pytest("-k", "test_own")
    assert done.code == 1
    assert "the template database cannot be made" in done.out
    assert "r2" in done.out
    assert "Traceback" not in done.out
    assert "hint: " in done.out


def test_a_test_without_async_is_told_which_session_it_can_have(files: Suite) -> None:
    files.project.write("test_mine.py", "def test_it(dbctl_session): pass\n")
    assert "use dbctl_sync_session" in files.pytest().out


def test_the_plugin_imports_pytest_and_nothing_that_costs() -> None:
    done = runner.run([sys.executable, "-c", LOADED])
    assert done.code == 0, done
    assert done.out.split() == ["dbctl", "dbctl.testing", "dbctl.testing.plugin"]


def test_a_run_that_uses_no_fixture_leaves_no_trace(files: Suite) -> None:
    files.project.write("test_mine.py", "def test_it(): pass\n")
    assert files.pytest().code == 0
    assert files.built == 0
    assert not Path(files.env["XDG_CACHE_HOME"]).exists()
