"""A command on a branch: where it acts, how it ends, what is left of the branch."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.branch.place import Place
from tests.runner import environment

SAY = "import os; print('\\n'.join(f'{k}={v}' for k, v in os.environ.items()))"
WAIT = "import sys,time; print('ready', flush=True); time.sleep(60)"


def started(place: Place, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "dbctl", "branch", "run", *words]
    return subprocess.Popen(
        [*command, "--", sys.executable, "-c", WAIT],
        cwd=place.folder,
        env=environment(place.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_reaches_the_command_and_the_branch_goes(
    sqlite_place: Place, number: signal.Signals
) -> None:
    with started(sqlite_place, "task", "--rm") as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        said, problem = running.communicate(timeout=30)
    assert running.returncode in (1, 128 + number), (said, problem)
    assert sqlite_place.names() == []


def test_a_command_finds_the_branch_under_every_name(
    postgresql_place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    postgresql_place("branch", "run", "task", "--", sys.executable, "-c", SAY)
    said = dict(line.split("=", 1) for line in capfd.readouterr().out.splitlines() if "=" in line)
    made = postgresql_place.json("branch", "show", "task")["id"]
    assert said["DATABASE_URL"] == said["DBCTL_URL"] == postgresql_place.url("task")
    assert said["PGDATABASE"] == said["POSTGRES_DB"] == made
    assert "PGPASSWORD" in said


def test_dbctl_itself_acts_there(sqlite_place: Place) -> None:
    sqlite_place("branch", "create", "other")
    sqlite_place("branch", "use", "other")
    dbctl = [sys.executable, "-m", "dbctl", "downgrade", "-1", "--yes"]
    assert sqlite_place.tried("branch", "run", "task", "--", *dbctl).code == 0
    shown = {
        one["name"]: one["revision"] for one in sqlite_place.json("branch", "list")["branches"]
    }
    assert shown["other"] == shown["sample.db"] != shown["task"]


def test_a_program_that_is_not_there_makes_no_branch(sqlite_place: Place) -> None:
    done = sqlite_place.tried("branch", "run", "task", "--rm", "--", "no-such-program")
    assert (done.code, sqlite_place.names()) == (2, [])


@pytest.mark.soak
@pytest.mark.parametrize("how", ["template", "dump", "sqlite"])
def test_a_kill_leaves_what_is_listed_or_nothing(
    request: pytest.FixtureRequest, how: str, tmp_path: Path
) -> None:
    name = "sqlite" if how == "sqlite" else "postgresql"
    place: Place = request.getfixturevalue(f"{name}_place")
    users = place.users(place.main)
    for after_ms in range(150, 700, 50):
        _killed(place, after_ms / 1000, how)
        listed = place.json("branch", "list")["branches"]
        assert all(
            one["main"] or one["state"] == "unfinished" or _whole(place, users) for one in listed
        )
        assert place.users(place.main) == users
        assert place.tried("branch", "create", "task", "--if-exists", "reuse").code == 0
        assert place.users("task") == users
        place("branch", "delete", "task", "--yes")
        place("branch", "prune", "--yes")
        assert place.names() == []
        assert _leftovers(place) == []


def _whole(place: Place, users: int) -> bool:
    return place.users("task") == users


def _killed(place: Place, seconds: float, how: str) -> None:
    words = ["create", "task", *(["--copy", how] if how != "sqlite" else [])]
    child = subprocess.Popen(
        [sys.executable, "-m", "dbctl", "branch", *words],
        cwd=place.folder,
        env=environment(place.env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
    child.wait()


def _leftovers(place: Place) -> list[str]:
    folder = place.folder / ".dbctl" / "branches"
    files = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    return [one for one in files if one != "claims.lock"]
