"""One transaction for each revision, or for all: what env.py says is kept, and said."""

from typing import Any

import pytest

from tests.migrate.conftest import Make, Run
from tests.projects import envs
from tests.projects.make import Project
from tests.schema import rows_of

BEGINS = envs.SYNC.replace("engine.connect() as connection", "engine.begin() as connection")
FAILS = "raise KeyError('late')"
WHOLE = {
    "env.py says so": (envs.sync(options="transaction_per_migration=False"), "", "=False"),
    "env.py begins it": (BEGINS, "", "begins the transaction itself"),
    "the setting": (envs.SYNC, '[tool.dbctl]\ntransaction = "project"\n', '"project"'),
}


def doctor(quick: Run, project: Project) -> dict[str, Any]:
    """What the doctor found, by check."""
    findings = quick("--json", "doctor", cwd=project.root).json["findings"]
    return {one["check"]: one for one in findings}


@pytest.fixture(params=WHOLE)
def whole(request: pytest.FixtureRequest, made: Make) -> tuple[Project, str]:
    """A project whose revisions share a transaction, and how that is said."""
    env, toml, said = WHOLE[request.param]
    project = made(env=env)
    project.write("pyproject.toml", toml)
    project.chain(3)
    return project, said


def test_a_shared_transaction_is_said_before_it_runs(
    quick: Run, whole: tuple[Project, str], database_url: str
) -> None:
    project, said = whole
    assert said in quick("--json", "plan", cwd=project.root).json["one_transaction"]
    assert "all or nothing" in quick("plan", cwd=project.root).out
    assert said in doctor(quick, project)["transaction"]["detail"]
    assert rows_of(database_url) == {}


def test_a_shared_transaction_is_kept(
    quick: Run, whole: tuple[Project, str], database_url: str
) -> None:
    project, _ = whole
    project.revision("r3", "r2", up=FAILS)
    assert quick("upgrade", cwd=project.root).code == 6
    assert [name for name in rows_of(database_url) if name.startswith("t")] == []


def test_otherwise_each_revision_stands_for_itself(
    quick: Run, made: Make, database_url: str
) -> None:
    project = made()
    project.chain(3)
    assert quick("--json", "plan", cwd=project.root).json["one_transaction"] == ""
    assert "transaction" not in doctor(quick, project)
    project.revision("r3", "r2", up=FAILS)
    assert quick("upgrade", cwd=project.root).code == 6
    assert rows_of(database_url)["t2"] == 1


def test_env_py_may_ask_for_one_each_against_the_setting(
    quick: Run, made: Make, database_url: str
) -> None:
    project = made(env=envs.sync(options="transaction_per_migration=True"))
    project.write("pyproject.toml", '[tool.dbctl]\ntransaction = "project"\n')
    project.chain(3)
    assert quick("--json", "plan", cwd=project.root).json["one_transaction"] == ""
    project.revision("r3", "r2", up=FAILS)
    assert quick("upgrade", cwd=project.root).code == 6
    assert rows_of(database_url)["t2"] == 1
