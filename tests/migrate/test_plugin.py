"""Plain `alembic` sees nothing of what dbctl keeps for itself; nor does dbctl's autogenerate."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from dbctl.migrate import plugin
from tests.migrate.bad_days import ledger
from tests.migrate.conftest import Make, Run
from tests.migrate.test_upgrade import asked
from tests.projects import envs
from tests.projects.make import AUTHORS, Project, driven, make
from tests.runner import Finished

needs_plugins = pytest.mark.skipif(
    find_spec("alembic.runtime.plugins") is None, reason="this Alembic has no plug-ins"
)


@pytest.fixture
def upgraded(project: Project, quick: Run) -> Project:
    """A project whose models and database agree, brought there by dbctl."""
    return brought_up(project, quick)


def brought_up(project: Project, quick: Run) -> Project:
    project.revision("r1", up=AUTHORS, undo='op.drop_table("authors")')
    assert quick("upgrade", cwd=project.root).code == 0
    return project


def written(project: Project, done: Finished) -> str:
    """What the newest revision file does."""
    assert done.code == 0, str(done)
    (path,) = project.versions.glob("*_auto.py")
    return path.read_text(encoding="utf-8")


@needs_plugins
def test_plain_alembic_finds_nothing_to_do(upgraded: Project, alembic: Run) -> None:
    done = alembic("check", cwd=upgraded.root)
    assert (done.code, "No new upgrade operations" in done.out) == (0, True), str(done)


@needs_plugins
def test_plain_autogenerate_drops_none_of_dbctls_tables(upgraded: Project, alembic: Run) -> None:
    text = written(upgraded, alembic("revision", "--autogenerate", "-m", "auto", cwd=upgraded.root))
    assert "dbctl" not in text
    assert "drop" not in text


@needs_plugins
@pytest.mark.parametrize("command", [("check",), ("revision", "--autogenerate", "-m", "auto")])
def test_a_project_that_looks_at_every_schema_sees_none_either(
    quick: Run, alembic: Run, tmp_path: Path, postgres_url: str, command: tuple[str, ...]
) -> None:
    env = envs.sync(options="include_schemas=True")
    project = brought_up(make(tmp_path / "mine", env=env, url=driven(postgres_url)), quick)
    assert len(ledger(postgres_url)) == 1
    done = alembic(*command, cwd=project.root)
    assert done.code == 0, str(done)
    assert not any("dbctl" in path.read_text() for path in project.versions.glob("*_auto.py"))


@needs_plugins
def test_a_filter_of_the_project_still_filters(made: Make, quick: Run, alembic: Run) -> None:
    head = "def named(name, kind, parents):\n    return name != 'other'\n"
    project = made(env=envs.sync(head=head, options="include_name=named"))
    project.revision("r1", up=f'{AUTHORS}op.create_table("other", sa.Column("id", sa.Integer()))')
    assert quick("upgrade", cwd=project.root).code == 0
    assert alembic("check", cwd=project.root).code == 0


@needs_plugins
def test_what_is_not_dbctls_is_still_found(
    upgraded: Project, alembic: Run, database_url: str
) -> None:
    asked(database_url, "CREATE TABLE dbctl_notes (id INTEGER)")
    done = alembic("check", cwd=upgraded.root)
    assert (done.code == 0, "dbctl_notes" in done.err + done.out) == (False, True), str(done)
    assert "ledger" not in done.err + done.out


def test_dbctls_own_autogenerate_drops_none_of_them(upgraded: Project, run: Run) -> None:
    assert run("check").json["differences"] == []
    done = run("migrate", "-m", "auto")
    assert (done.code, done.json["error"]["kind"]) == (1, "nothing_to_do"), str(done)


@pytest.mark.parametrize(
    ("name", "kind", "schema", "stays"),
    [
        ("dbctl", "schema", None, False),
        ("public", "schema", None, True),
        (None, "schema", None, True),
        ("dbctl_ledger", "table", None, False),
        ("ledger", "table", "dbctl", False),
        ("ledger", "table", None, True),
        ("dbctl_ledger", "table", "app", True),
        ("dbctl_ledger", "column", None, True),
    ],
)
def test_by_name_only_dbctls_own_are_left_out(
    name: str | None, kind: str, schema: str | None, *, stays: bool
) -> None:
    assert plugin.is_not_own(name, kind, {"schema_name": schema}) is stays


def test_without_plugins_the_doctor_says_so_for_sqlite(
    monkeypatch: pytest.MonkeyPatch, upgraded: Project, run: Run, database_url: str
) -> None:
    monkeypatch.setattr("dbctl.pipeline.vitals._has_plugins", lambda: False)
    said = [one for one in run("doctor").json["findings"] if one["check"] == "autogenerate"]
    assert [one["level"] for one in said] == (
        ["warning"] if database_url.startswith("sqlite") else []
    )
