"""What the ledger of seed files says, and that seeding goes on where there can be none."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import BOTH
from tests.projects.make import AUTHORS, Project, driven, make
from tests.runner import Finished
from tests.schema import rows_of

Run = Callable[..., Finished]


@pytest.fixture(params=BOTH)
def unmade_url(request: pytest.FixtureRequest) -> str:
    """A database that does not exist yet."""
    name = {"sqlite": "sqlite_url", "postgres": "missing_postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
def project(tmp_path: Path, unmade_url: str, quick: Run) -> Project:
    """A migrated project with a seed file."""
    made = make(tmp_path / "mine", url=driven(unmade_url))
    made.revision("r1", up=AUTHORS, undo='op.drop_table("authors")')
    made.write("seeds/1_authors.csv", "id,name\n1,ann\n2,bob\n")
    assert quick("up", "--no-seed", cwd=made.root).code == 0
    return made


def states(quick: Run, project: Project, *words: str) -> dict[str, tuple[str, int | None]]:
    done = quick("--json", *words, "seed", "status", cwd=project.root)
    assert done.code == 0, done
    return {one["file"]: (one["state"], one["rows"]) for one in done.json["files"]}


def test_a_file_is_new_then_loaded_then_changed(quick: Run, project: Project) -> None:
    assert states(quick, project) == {"1_authors.csv": ("new", None)}
    quick("seed", cwd=project.root)
    assert states(quick, project) == {"1_authors.csv": ("loaded", 2)}
    project.write("seeds/1_authors.csv", "id,name\n1,ann\n2,bo\n3,cid\n")
    assert states(quick, project) == {"1_authors.csv": ("changed", 2)}
    assert quick("--json", "seed", cwd=project.root).json["rows"] == 2
    assert states(quick, project) == {"1_authors.csv": ("loaded", 3)}


def test_status_says_when_and_to_a_person_too(quick: Run, project: Project) -> None:
    quick("seed", cwd=project.root)
    (file,) = quick("--json", "seed", "status", cwd=project.root).json["files"]
    assert file["loaded"].endswith("Z")
    assert (file["table"], len(file["loaded"])) == ("authors", len("2024-01-01T00:00:00Z"))
    drawn = quick("seed", "status", cwd=project.root)
    assert "loaded" in drawn.out
    assert all(len(line) <= 80 for line in drawn.lines)


def test_a_dry_run_and_a_refused_run_leave_no_trace(quick: Run, project: Project) -> None:
    assert quick("seed", "--dry-run", cwd=project.root).code == 0
    project.write("seeds/2_authors.csv", "id,name\nx,y\n")
    assert quick("seed", cwd=project.root).code == 1
    assert {state for state, _ in states(quick, project).values()} == {"new"}


def test_rows_that_somebody_deleted_come_back_though_the_file_is_known(
    quick: Run, project: Project, unmade_url: str
) -> None:
    quick("seed", cwd=project.root)
    assert quick("--yes", "tables", "truncate", "authors", cwd=project.root).code == 0
    assert quick("--json", "seed", cwd=project.root).json["rows"] == 2
    assert rows_of(unmade_url)["authors"] == 2


def test_up_leaves_what_somebody_changed_and_seed_brings_it_back(
    quick: Run, project: Project, unmade_url: str
) -> None:
    def rows(*words: str) -> int:
        return int(quick("--json", *words, "seed", cwd=project.root).json["rows"])

    assert quick("up", cwd=project.root).code == 0
    change = ("shell", "-c", "UPDATE authors SET name = 'else' WHERE id = 1")
    assert quick(*change, cwd=project.root).code == 0
    assert quick("up", cwd=project.root).code == 0
    assert rows() == 1
    project.write("seeds/1_authors.csv", "id,name\n1,anna\n2,bob\n")
    assert quick("up", cwd=project.root).code == 0
    assert rows() == 0


def test_a_script_runs_once_for_what_it_holds(
    quick: Run, project: Project, unmade_url: str
) -> None:
    project.write("seeds/2_more.sql", "INSERT INTO authors (id, name) VALUES (9, 'zoe');\n")
    assert quick("--json", "seed", cwd=project.root).json["rows"] == 3
    again = quick("--json", "seed", cwd=project.root)
    assert (again.code, again.json["rows"]) == (0, 0)
    project.write("seeds/2_more.sql", "INSERT INTO authors (id, name) VALUES (10, 'yan');\n")
    assert quick("--json", "seed", cwd=project.root).json["rows"] == 1
    assert rows_of(unmade_url)["authors"] == 4


def test_files_of_another_environment_are_not_looked_at(quick: Run, project: Project) -> None:
    project.write("seeds/local/2_authors.csv", "id,name\n3,dee\n")
    project.write("seeds/dev/2_authors.csv", "id,name\n4,eve\n")
    assert list(states(quick, project)) == ["1_authors.csv", "local/2_authors.csv"]
    assert quick("--json", "seed", cwd=project.root).json["rows"] == 3


@pytest.fixture
def modest_url(postgres_url: str, quick: Run, project: Project) -> Iterator[str]:
    """A database whose role may write into the tables and make nothing."""
    assert quick("--url", postgres_url, "up", "--no-seed", cwd=project.root).code == 0
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP SCHEMA IF EXISTS dbctl CASCADE")
        server.execute("DROP ROLE IF EXISTS modest")
        server.execute("CREATE ROLE modest LOGIN PASSWORD 'modest'")
        server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO modest")
        server.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO modest")
    yield f"postgresql://modest:modest@{postgres_url.split('@')[1]}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP OWNED BY modest")
        server.execute("DROP ROLE modest")


@pytest.mark.parametrize("unmade_url", ["sqlite"], indirect=True, ids=["server"])
def test_a_role_that_may_make_no_table_seeds_without_a_ledger(
    quick: Run, project: Project, modest_url: str
) -> None:
    done = quick("--url", modest_url, "seed", cwd=project.root)
    assert done.code == 0, done
    assert done.err.count("may not keep a ledger") == 1
    assert rows_of(modest_url)["authors"] == 2
    status = quick("--url", modest_url, "--json", "seed", "status", cwd=project.root).json
    assert (status["ledger"], status["files"][0]["state"]) == (False, "new")
