"""`dbctl up --from-models`: a new database where the history does not begin at nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.test_doctor import execute
from tests.projects.make import EMPTY_MODELS, Project, driven, make
from tests.runner import Finished
from tests.schema import rows_of

Run = Callable[..., Finished]
ADDS = 'op.add_column("authors", sa.Column("age", sa.Integer()))'


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A history that begins with a change to a table that only `create_all` makes; two heads."""
    made = make(tmp_path / "mine", url=driven(database_url))
    made.revision("r1", up=ADDS)
    made.revision("r2", "r1")
    made.revision("x2", "r1")
    return made


def test_a_history_that_fails_at_nothing_has_the_other_way_in_its_hint(
    quick: Run, project: Project, database_url: str
) -> None:
    done = quick("--json", "up", "--no-seed", cwd=project.root)
    assert done.code == 6, done
    assert "--from-models" in done.json["error"]["hint"]
    assert rows_of(database_url).get("authors") is None


def test_another_failure_has_not(quick: Run, project: Project) -> None:
    project.revision("r1", up="1 / 0")
    done = quick("--json", "up", "--no-seed", cwd=project.root)
    assert "--from-models" not in done.json["error"]["hint"]


def test_the_models_make_the_tables_and_the_heads_are_stamped(
    quick: Run, project: Project, database_url: str
) -> None:
    done = quick("--json", "up", "--no-seed", "--from-models", cwd=project.root)
    assert done.code == 0, done
    assert (done.json["upgrade"]["to"], done.json["upgrade"]["applied"]) == (["r2", "x2"], [])
    assert rows_of(database_url) == {"alembic_version": 2, "authors": 0}
    assert quick("--json", "check", cwd=project.root).json["in_sync"] is True


def test_a_second_time_it_upgrades(quick: Run, project: Project, database_url: str) -> None:
    up = ("--json", "up", "--no-seed", "--from-models")
    quick(*up, cwd=project.root)
    project.revision("r3", "r2", up=ADDS)
    done = quick(*up, cwd=project.root)
    assert [one["revision"] for one in done.json["upgrade"]["applied"]] == ["r3"]


def test_tables_without_a_version_are_left_alone(
    quick: Run, project: Project, database_url: str
) -> None:
    quick("database", "create", cwd=project.root)
    execute(database_url, "CREATE TABLE theirs (id INTEGER)")
    done = quick("--json", "up", "--from-models", cwd=project.root)
    assert done.code == 5, done
    assert "adopt" in done.json["error"]["hint"]
    assert set(rows_of(database_url)) <= {"theirs", "alembic_version"}


def test_tables_that_cannot_be_made_leave_nothing(
    quick: Run, project: Project, database_url: str
) -> None:
    wrong = 'sa.CheckConstraint("nothing > 0 and ")'
    project.models(
        f'\n\nclass Wrong(Base):\n    __tablename__ = "wrong"\n    __table_args__ = ({wrong},)\n'
        "    id = orm.mapped_column(sa.Integer, primary_key=True)\n"
    )
    done = quick("--json", "up", "--from-models", cwd=project.root)
    assert done.code == 6, done
    assert "cannot be made" in done.json["error"]["message"]
    assert set(rows_of(database_url)) <= {"alembic_version"}
    assert rows_of(database_url).get("alembic_version", 0) == 0


def test_without_models_nothing_is_stamped(quick: Run, project: Project, database_url: str) -> None:
    project.write("models.py", EMPTY_MODELS)
    done = quick("--json", "up", "--from-models", cwd=project.root)
    assert done.code == 3, done
    assert rows_of(database_url).get("alembic_version", 0) == 0


def test_without_a_revision_there_is_no_version_to_write(quick: Run, project: Project) -> None:
    for path in project.versions.glob("*.py"):
        path.unlink()
    done = quick("--json", "up", "--from-models", cwd=project.root)
    assert done.code == 1
    assert "migrate" in done.json["error"]["hint"]
