"""SIGKILL at any moment: the database is whole, and `list` shows all that is left behind."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dbctl.database.url import Url
from dbctl.snapshot import store
from tests import runner
from tests.runner import Finished
from tests.schema import rows_of, schema_of
from tests.snapshot.conftest import CHECKOUT, Run, beside, damage

CREATE = {
    "before it is counted": "dbctl.snapshot.provider:full_name",
    "before it is summed": "dbctl.snapshot.store:measured",
    "before the manifest": "dbctl.snapshot.store:_write",
    "before the name": "dbctl.snapshot.store:_sync",
}
RESTORE = {
    "postgresql": {
        "before the new one": "dbctl.snapshot.likeness:creation",
        "before it is filled": "dbctl.snapshot.postgres:PostgresSnapshots._restored",
        "before it is compared": "dbctl.pipeline.snapshots:differing",
        "before the swap": "dbctl.snapshot.postgres:PostgresSnapshots.swap",
        "between the renames": "dbctl.snapshot.postgres:_renaming@2",
    },
    "sqlite": {
        "before it is copied": "dbctl.snapshot.sqlite:_copied",
        "before it is whole": "dbctl.snapshot.sqlite:_require_whole",
        "before it is compared": "dbctl.pipeline.snapshots:differing",
        "before the swap": "dbctl.snapshot.sqlite:_as_it_was",
        "before the second name": "dbctl.snapshot.sqlite:_kept",
        "before the new name": "pathlib:Path.replace",
        "after the swap": "dbctl.snapshot.sqlite:SqliteSnapshots._released",
    },
}
FIXTURES = {"postgresql": "sample_postgres_url", "sqlite": "sample_sqlite_url"}
POINTS = [
    pytest.param((FIXTURES[dialect], point), id=f"{dialect}-{name}".replace(" ", "_"))
    for dialect, points in RESTORE.items()
    for name, point in points.items()
]
Killed = Callable[..., int]


@pytest.fixture
def killed(home: Path) -> Killed:
    """`killed(point, url, "create", "one")`: ended before that function is called."""

    def command(point: str, url: str, *words: str) -> int:
        line = [sys.executable, "-m", "tests.snapshot.crash", point, "--url", url, "--yes"]
        env = {"DBCTL_SNAPSHOTS": str(home)}
        return runner.run([*line, "snapshot", *words], cwd=CHECKOUT, env=env).code

    return command


def state(url: str) -> Any:
    return schema_of(url), rows_of(url)


def left(snap: Run, url: str) -> set[str]:
    """What `list` shows beside the snapshots."""
    found = snap(url, "list").json
    return {one["name"] for one in (*found["kept"], *found["leftovers"])}


def quiet(url: str) -> None:
    """Wait until no orphan of a killed command is connected to anything."""
    name, end = Url.parse(url).name, time.monotonic() + 20
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE %s AND application_name <> ''"
    while url.startswith("postgres") and time.monotonic() < end:
        with psycopg.connect(Url.parse(url).named("postgres").text) as connection:
            if connection.execute(query, [f"{name[:20]}%"]).fetchone() == (0,):
                return
        time.sleep(0.05)


def tidied(snap: Run, url: str, home: Path) -> None:
    """All that is there is shown, and pruned but for what is kept; then nothing is."""
    quiet(url)
    drafts = {one.name for one in home.glob("*.partial")}
    assert left(snap, url) == {*beside(url), *drafts}
    assert snap(url, "prune").code == 0
    assert snap(url, "drop-old").code == 0
    assert (beside(url), list(home.glob("*.partial"))) == ([], [])


@pytest.mark.parametrize("point", CREATE.values(), ids=CREATE)
def test_create_killed(snap: Run, sample_url: str, home: Path, killed: Killed, point: str) -> None:
    before = state(sample_url)
    assert killed(point, sample_url, "create", "one") == -signal.SIGKILL
    assert state(sample_url) == before
    assert store.names(home) == ()
    assert len(left(snap, sample_url)) == 1
    tidied(snap, sample_url, home)
    assert snap(sample_url, "create", "one").code == 0
    assert snap(sample_url, "verify", "one").code == 0


@pytest.fixture
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The sample's database, and a function of which a restore there is killed."""
    fixture, point = request.param
    return request.getfixturevalue(fixture), point


@pytest.mark.parametrize("place", POINTS, indirect=True)
def test_restore_killed(snap: Run, home: Path, killed: Killed, place: tuple[str, str]) -> None:
    url, point = place
    good = state(url)
    assert snap(url, "create", "one").code == 0
    damage(url)
    bad = state(url)
    assert killed(point, url, "restore", "one") == -signal.SIGKILL
    assert state(url) == (good if "_released" in point else bad)
    tidied(snap, url, home)
    assert snap(url, "restore", "one", "--drop-old").code == 0
    assert (state(url), beside(url)) == (good, [])


def test_delete_killed_leaves_no_half_snapshot(
    snap: Run, taken: str, home: Path, killed: Killed
) -> None:
    assert killed("shutil:rmtree", taken, "delete", "one") == -signal.SIGKILL
    assert store.names(home) == ()
    tidied(snap, taken, home)


def test_what_a_running_command_works_on_stays(
    snap: Run, sample_sqlite_url: str, home: Path
) -> None:
    with store.draft(home, "one") as draft:
        (found,) = snap(sample_sqlite_url, "list").json["leftovers"]
        assert (found["name"], found["running"]) == (draft.path.name, True)
        assert snap(sample_sqlite_url, "delete", draft.path.name).code == 8
        assert snap(sample_sqlite_url, "prune").json["leftovers"] == []
        assert draft.path.exists()


@pytest.mark.soak
@pytest.mark.parametrize("verb", ["create", "restore"])
def test_killed_at_any_moment(snap: Run, sample_url: str, home: Path, verb: str) -> None:
    rounds = random.Random(9)
    good = state(sample_url)
    assert snap(sample_url, "create", "zero").code == 0
    damage(sample_url)
    bad = state(sample_url)
    for number in range(30):
        words = ["restore", "zero"] if verb == "restore" else ["create", f"n{number}"]
        _killed_after(rounds.uniform(0.3, 2.0), sample_url, home, words)
        now = state(sample_url)
        assert now in (good, bad) if verb == "restore" else now == bad
        tidied(snap, sample_url, home)
    for name in store.names(home):
        assert snap(sample_url, "verify", name).code == 0


def _killed_after(seconds: float, url: str, home: Path, words: list[str]) -> None:
    env = runner.environment({"DBCTL_SNAPSHOTS": str(home)})
    line = [sys.executable, "-m", "dbctl", "--url", url, "--yes", "snapshot", *words]
    child = subprocess.Popen(line, cwd=CHECKOUT, env=env, stderr=subprocess.DEVNULL)
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    child.kill()
    child.wait()


def test_interrupted_nothing_is_left(snap: Run, taken: str, home: Path) -> None:
    line = [sys.executable, "-m", "dbctl", "--url", taken, "--yes", "snapshot", "restore", "one"]
    env = runner.environment({"DBCTL_SNAPSHOTS": str(home)})
    child = subprocess.Popen(line, cwd=CHECKOUT, env=env, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 20
    while not beside(taken) and child.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    os.kill(child.pid, signal.SIGTERM)
    said = child.communicate()[1]
    assert child.returncode in (143, 0), said
    assert len(beside(taken)) == (0 if child.returncode else 1)


def test_a_full_disk_is_one_line(snap: Run, sample_url: str, home: Path, disk: Path) -> None:
    (disk / "filler").write_bytes(b"x" * 4_180_000)
    home.symlink_to(disk)
    done: Finished = snap(sample_url, "create", "one")
    assert done.code == 9, done
    message = done.json["error"]["message"]
    assert "space" in message or "full" in message
    assert "\n" not in message
    assert list(home.glob("one*")) == []
