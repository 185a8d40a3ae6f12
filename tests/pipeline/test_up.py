"""`up` and `reset`: from nothing to a filled database, and again without a change."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BOTH
from tests.projects import envs
from tests.projects.make import AUTHORS, Project, driven, make
from tests.runner import Finished, in_process
from tests.schema import rows_of, schema_of

CHECKOUT = Path(__file__).parents[2]
SEEDED = {"users": 8, "items": 24, "posts": 10}
Run = Callable[..., Finished]


@pytest.fixture(params=BOTH)
def unmade_url(request: pytest.FixtureRequest) -> str:
    """A database that does not exist yet."""
    name = {"sqlite": "sqlite_url", "postgres": "missing_postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
def sample(unmade_url: str) -> Run:
    """`sample(*args)`: dbctl in the checkout on the unmade database."""

    def command(*args: str) -> Finished:
        return in_process("--url", unmade_url, "--json", *args, cwd=CHECKOUT)

    return command


@pytest.fixture
def filled(quick: Run, sample_url: str) -> Run:
    """`filled(*args)`: dbctl in the checkout on a database that `up` has filled."""

    def command(*args: str) -> Finished:
        return quick("--url", sample_url, "--json", *args, cwd=CHECKOUT)

    return command


@pytest.fixture
def project(tmp_path: Path, unmade_url: str) -> Project:
    """A project with one revision and a seed file."""
    made = make(tmp_path / "mine", url=driven(unmade_url))
    made.revision("r1", up=AUTHORS, undo='op.drop_table("authors")')
    made.write("seeds/1_authors.csv", "name\nann\nbob\n")
    return made


def test_up_makes_migrates_and_seeds(sample: Run, unmade_url: str) -> None:
    done = sample("up")
    assert done.code == 0, done
    assert set(done.json) >= {"created", "upgrade", "seeded", "status"}
    assert (done.json["created"], done.json["seeded"]) == (True, SEEDED)
    assert (done.json["upgrade"]["from"], len(done.json["upgrade"]["applied"])) == ([], 7)
    assert done.json["status"]["up_to_date"] is True
    found = rows_of(unmade_url)
    assert {name: found[name] for name in SEEDED} == SEEDED


def test_up_again_changes_nothing_and_says_so(filled: Run, sample_url: str) -> None:
    before = schema_of(sample_url), rows_of(sample_url)
    done = filled("up").json
    assert (done["created"], done["upgrade"]["applied"]) == (False, [])
    assert done["upgrade"]["already_there"] is True
    assert set(done["seeded"].values()) <= {0}
    assert (schema_of(sample_url), rows_of(sample_url)) == before


def test_both_dialects_get_the_same_rows(sample_sqlite_url: str, sample_postgres_url: str) -> None:
    assert rows_of(sample_sqlite_url) == rows_of(sample_postgres_url)


@pytest.fixture(params=BOTH)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A database that `up` has filled, and an empty one of the same kind."""
    names = (f"sample_{request.param}_url", f"{request.param}_url")
    filled, empty = map(request.getfixturevalue, names)
    return filled, empty


def test_up_leaves_the_schema_that_alembic_leaves(pair: tuple[str, str], alembic: Run) -> None:
    filled, empty = pair
    ini = CHECKOUT / "alembic.ini"
    assert alembic("-c", ini, "upgrade", "head", env={"DATABASE_URL": empty}).code == 0
    assert schema_of(empty) == schema_of(filled)


def test_status_after_up_is_up_to_date(filled: Run) -> None:
    assert (filled("status").code, filled("status").json["up_to_date"]) == (0, True)


def test_up_of_a_half_migrated_database_goes_on(sample: Run, unmade_url: str) -> None:
    assert sample("database", "create").code == 0
    assert sample("upgrade", "+3").code == 0
    done = sample("up").json
    assert (done["created"], len(done["upgrade"]["applied"])) == (False, 4)


def test_up_can_leave_the_seeds_out(sample: Run, unmade_url: str) -> None:
    assert sample("up", "--no-seed").json["seeded"] == {}
    assert rows_of(unmade_url)["users"] == 0


def test_up_works_in_a_project_of_ones_own(quick: Run, project: Project, unmade_url: str) -> None:
    done = quick("--json", "up", cwd=project.root).json
    assert (done["created"], done["seeded"]) == (True, {"authors": 2})
    assert quick("--json", "up", cwd=project.root).json["seeded"] == {"authors": 0}
    assert rows_of(unmade_url) == {"alembic_version": 1, "authors": 2}


def test_up_without_seed_files_seeds_nothing(quick: Run, project: Project) -> None:
    (project.root / "seeds" / "1_authors.csv").unlink()
    assert quick("--json", "up", cwd=project.root).json["seeded"] == {}


def test_a_broken_history_makes_no_database(
    quick: Run, project: Project, unmade_url: str, admin: Callable[..., list[Any]]
) -> None:
    project.revision("r3", "r2")
    assert quick("up", cwd=project.root).code == 3
    name = unmade_url.rsplit("/", 1)[1]
    assert not Path(unmade_url.removeprefix("sqlite:///")).exists()
    assert admin(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == []


def test_a_refused_seed_row_is_exit_1_and_the_schema_stays(
    quick: Run, project: Project, unmade_url: str
) -> None:
    project.write("seeds/2_authors.csv", "name\n" + "x" * 51 + "\n")
    done = quick("--json", "up", cwd=project.root)
    assert (done.code, done.json["error"]["kind"]) == (1, "seed_refused")
    assert "2_authors.csv:2:name 'xxx" in done.json["error"]["message"]
    assert rows_of(unmade_url) == {"alembic_version": 1, "authors": 0}


def test_seed_says_what_the_contract_names(quick: Run, project: Project) -> None:
    quick("up", "--no-seed", cwd=project.root)
    done = quick("--json", "seed", cwd=project.root).json
    assert set(done) == {"files", "rows", "seconds", "dry_run"}
    (file,) = done["files"]
    assert set(file) == {"file", "table", "inserted", "updated", "unchanged"}
    assert (done["rows"], file["inserted"], file["table"]) == (2, 2, "authors")
    assert isinstance(done["seconds"], float)


def test_seeding_waits_for_pending_revisions(quick: Run, project: Project, unmade_url: str) -> None:
    quick("up", "--no-seed", cwd=project.root)
    project.revision("r2", "r1")
    done = quick("--json", "seed", cwd=project.root)
    assert (done.code, rows_of(unmade_url)["authors"]) == (3, 0)


def test_reset_goes_the_whole_circle(filled: Run, sample_url: str, quick: Run) -> None:
    before = schema_of(sample_url), rows_of(sample_url)
    assert filled("--yes", "tables", "truncate", "items").code == 0
    done = filled("--yes", "reset")
    assert done.code == 0, done
    assert (done.json["dropped"], done.json["created"]) == (True, True)
    assert done.json["seeded"] == SEEDED
    assert (schema_of(sample_url), rows_of(sample_url)) == before


def test_reset_unasked_is_refused_and_says_what_would_be_lost(quick: Run, sample_url: str) -> None:
    before = rows_of(sample_url)
    done = quick("--url", sample_url, "reset", cwd=CHECKOUT)
    assert done.code == 5
    assert "items: 24 rows" in done.err
    assert "--yes" in done.err
    assert rows_of(sample_url) == before


def test_reset_of_nothing_is_up(sample: Run) -> None:
    done = sample("--yes", "reset").json
    assert (done["dropped"], done["created"], done["seeded"]) == (False, True, SEEDED)


def test_reset_with_a_broken_history_drops_nothing(
    quick: Run, project: Project, unmade_url: str
) -> None:
    quick("up", cwd=project.root)
    project.revision("r3", "r2")
    assert quick("--yes", "reset", cwd=project.root).code == 3
    assert rows_of(unmade_url)["authors"] == 2


def test_up_with_sessions_open_is_no_trouble(sample_postgres_url: str, quick: Run) -> None:
    import psycopg

    with closing(psycopg.connect(sample_postgres_url)) as other:
        other.execute("SELECT 1 FROM users")
        assert quick("--url", sample_postgres_url, "--json", "--yes", "up", cwd=CHECKOUT).code == 0


def test_an_env_py_that_prints_leaves_one_document(dbctl: Run, project: Project) -> None:
    project.write("migrations/env.py", envs.PRINTS)
    assert dbctl("--json", "up", cwd=project.root).json["created"] is True
