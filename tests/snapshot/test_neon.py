"""Snapshots at Neon, through the stand-in: its API keeps them, the same words bring them back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbctl.snapshot import store
from tests.neon.conftest import neon  # noqa: F401 - a fixture
from tests.neon.standin import StandIn
from tests.runner import Finished
from tests.snapshot.conftest import CHECKOUT, Run

Neon = Callable[..., Finished]
ROWS = "SELECT count(*) FROM users"


@pytest.fixture
def at(quick: Run, neon: StandIn, home: Path) -> Neon:  # noqa: F811
    """`at("snapshot", "list")` on the branch `main`, which the sample fills."""
    env = {**neon.env, "DBCTL_SNAPSHOTS": str(home)}

    def run(*words: str) -> Finished:
        said = ("--env", "dev", "--url", neon.uri("main"), "--json", "--yes", *words)
        return quick(*said, cwd=CHECKOUT, env=env)

    done = run("up")
    assert done.code == 0, done
    return run


def created(at: Neon) -> Any:
    done = at("snapshot", "create", "one")
    assert done.code == 0, done
    return done.json["snapshot"]


def test_a_branch_is_kept_and_brought_back(at: Neon, neon: StandIn, home: Path) -> None:  # noqa: F811
    assert created(at)["provider"] == "neon"
    (kept,) = neon.project.snapshots.values()
    assert kept.name == "one"
    assert store.read(home, "one").content.details["neon_snapshot"] == kept.id
    url = neon.uri("main")
    neon.run("main", "DELETE FROM posts")
    done = at("snapshot", "restore", "one")
    assert done.code == 0, done
    assert neon.run("main", "SELECT count(*) FROM posts") == [(10,)]
    assert neon.uri("main") == url  # hosts and passwords stay
    old = done.json["old"]
    assert neon.names == sorted(["main", old])
    assert neon.run(old, "SELECT count(*) FROM posts") == [(0,)]
    dropped(at, neon, old)


def dropped(at: Neon, neon: StandIn, old: str) -> None:  # noqa: F811
    """What was replaced is listed and goes, and so does the snapshot, at Neon too."""
    assert [one["name"] for one in at("snapshot", "list").json["kept"]] == [old]
    done = at("snapshot", "drop-old")
    assert done.json["databases"] == [old], done
    assert neon.names == ["main"]
    assert at("snapshot", "delete", "one").code == 0
    assert neon.project.snapshots == {}


def test_it_is_verified_on_a_branch_of_its_own(at: Neon, neon: StandIn) -> None:  # noqa: F811
    created(at)
    done = at("snapshot", "verify", "one")
    assert (done.code, done.json["differences"]) == (0, []), done
    assert neon.names == ["main"]


def test_a_schema_that_is_another_is_found_and_not_swapped_in(at: Neon, neon: StandIn) -> None:  # noqa: F811
    created(at)
    (kept,) = neon.project.snapshots.values()
    (physical,) = kept.copies.values()
    neon.world.server.run("ALTER TABLE items ADD COLUMN strange int", physical)
    done = at("snapshot", "verify", "one")
    assert (done.code, [one["kind"] for one in done.json["differences"]]) == (1, ["schema"])
    assert at("snapshot", "restore", "one").code == 9
    assert neon.names == ["main"]


def test_one_that_was_cut_short_is_listed(
    at: Neon,
    neon: StandIn,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(store, "publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert at("snapshot", "create", "one").code == 130
    (kept,) = neon.project.snapshots.values()
    (left,) = at("snapshot", "list").json["leftovers"]
    assert (left["name"], left["running"]) == (kept.id, True)  # its maker may be elsewhere
    monkeypatch.setattr("dbctl.snapshot.neon.WORKING", -1 * __import__("datetime").timedelta(1))
    assert at("snapshot", "prune").json["leftovers"] == [kept.id]
    assert neon.project.snapshots == {}
