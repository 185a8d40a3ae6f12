"""Before something goes a snapshot is taken: by what destroys, and by an upgrade that is meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dbctl.database.url import Url
from dbctl.snapshot import store
from tests.marks import looked, marked
from tests.projects.make import Project, driven, make, table
from tests.runner import Finished
from tests.schema import rows_of
from tests.snapshot.conftest import CHECKOUT, Run, run

DESTROY = {
    "downgrade": ("downgrade", "base"),
    "reset": ("reset",),
    "drop tables": ("tables", "drop"),
    "truncate": ("tables", "truncate", "items"),
    "drop database": ("database", "drop"),
    "seed": ("seed", "--replace"),
}
On = Callable[..., Finished]


@pytest.fixture
def production(sample_sqlite_url: str) -> str:
    """The sample's database, marked as production."""
    return marked(sample_sqlite_url, "prd")


def destroyed(quick: Run, url: str, home: Path, *words: str) -> Finished:
    parsed = Url.parse(url)
    name = parsed.file.name if parsed.file else parsed.name
    env = {"DBCTL_ALLOW_DESTRUCTIVE": name, "DBCTL_SNAPSHOTS": str(home)}
    said = ("--env", "prd", "--url", url, *words, "--confirm-name", name)
    return quick(*said, cwd=CHECKOUT, env=env)


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_what_destroys_a_protected_database_takes_a_snapshot_first(
    quick: Run, snap: Run, production: str, home: Path, command: tuple[str, ...]
) -> None:
    done = destroyed(quick, production, home, *command)
    assert done.code == 0, done
    (name,) = store.names(home)
    assert f"snapshot {name}" in done.err
    assert store.read(home, name).rows == 43


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_none_is_taken_where_none_is_wanted(
    quick: Run, production: str, home: Path, command: tuple[str, ...]
) -> None:
    assert destroyed(quick, production, home, *command, "--no-snapshot").code == 0
    assert store.names(home) == ()


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_a_snapshot_that_cannot_be_taken_lets_nothing_go(
    quick: Run, production: str, home: Path, command: tuple[str, ...]
) -> None:
    home.write_text("a file where the folder should be")
    done = destroyed(quick, production, home, *command)
    assert done.code == 9, done
    assert rows_of(production)["items"] == 24


def test_what_was_dropped_by_mistake_comes_back(
    quick: Run, snap: Run, sample_postgres_url: str, home: Path
) -> None:
    marked(sample_postgres_url, "prd")
    assert destroyed(quick, sample_postgres_url, home, "database", "drop").code == 0
    (name,) = store.names(home)
    more = {"DBCTL_ALLOW_DESTRUCTIVE": Url.parse(sample_postgres_url).name}
    words = ("restore", name, "--confirm-name", Url.parse(sample_postgres_url).name)
    assert snap(sample_postgres_url, *words, env="prd", more=more).code == 0
    assert rows_of(sample_postgres_url)["items"] == 24


def test_a_database_that_is_not_protected_costs_no_snapshot(
    quick: Run, sample_sqlite_url: str, home: Path
) -> None:
    env = {"DBCTL_SNAPSHOTS": str(home)}
    assert quick("--url", sample_sqlite_url, "--yes", "reset", cwd=CHECKOUT, env=env).code == 0
    assert store.names(home) == ()


@pytest.fixture
def on(quick: Run, tmp_path: Path, home: Path) -> On:
    """`on("prd", "upgrade")` in a project at r1 with a row, of which r2 is pending."""
    url = f"sqlite:///{tmp_path / 'data.db'}"
    project: Project = make(tmp_path / "mine", url=driven(url))
    project.revision("r1", up=table("t1"))

    def command(env: str, *words: str) -> Finished:
        said = {"DBCTL_SNAPSHOTS": str(home), "DBCTL_URL": url}
        return quick("--env", env, *words, cwd=project.root, env=said)

    (tmp_path / "data.db").touch()
    assert command("prd", "upgrade").code == 0
    assert store.names(home) == ()  # there was nothing to keep
    project.revision("r2", "r1", up=table("t2"))
    return command


@pytest.mark.parametrize("word", ["upgrade", "up"])
def test_an_upgrade_in_production_takes_a_snapshot_first(on: On, home: Path, word: str) -> None:
    assert on("prd", word).code == 0
    (name,) = store.names(home)
    assert store.read(home, name).origin.revision == ("r1",)
    assert on("prd", word).code == 0  # nothing is pending
    assert store.names(home) == (name,)


@pytest.mark.parametrize("word", ["upgrade", "up"])
def test_an_upgrade_in_production_can_do_without(on: On, home: Path, word: str) -> None:
    assert on("prd", word, "--no-snapshot").code == 0
    assert store.names(home) == ()


def test_elsewhere_an_upgrade_takes_one_when_asked(on: On, tmp_path: Path, home: Path) -> None:
    marked(f"sqlite:///{tmp_path / 'data.db'}", "dev")
    assert on("dev", "upgrade", "--snapshot").code == 0
    assert len(store.names(home)) == 1


def test_elsewhere_an_upgrade_takes_none_by_itself(on: On, tmp_path: Path, home: Path) -> None:
    marked(f"sqlite:///{tmp_path / 'data.db'}", "dev")
    assert on("dev", "upgrade").code == 0
    assert store.names(home) == ()


def test_an_upgrade_whose_snapshot_fails_runs_nothing(on: On, tmp_path: Path, home: Path) -> None:
    home.write_text("a file where the folder should be")
    assert on("prd", "upgrade").code == 9
    assert looked(f"sqlite:///{tmp_path / 'data.db'}").at == ("r1",)


def test_what_an_upgrade_broke_is_brought_back(on: On, tmp_path: Path, home: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data.db'}"
    assert on("prd", "upgrade").code == 0
    run(url, "DROP TABLE t1")
    (name,) = store.names(home)
    refused = on("prd", "--yes", "snapshot", "restore", name)
    assert refused.code == 5
    assert looked(url).at == ("r2",)
