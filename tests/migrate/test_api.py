"""The verbs for scripts: the same results as the commands, and nothing imported before its time."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from dbctl import Settings, migrate
from dbctl.errors import ConfigurationError, MigrationFailedError
from tests.migrate.conftest import Run
from tests.projects import envs
from tests.projects.make import Project, driven, make
from tests.runner import environment


@pytest.fixture
def here(chain: Project, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a project with the revisions r1 to r3, read in its folder."""
    monkeypatch.chdir(chain.root)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("models", "where"):
        sys.modules.pop(name, None)
    return Settings.load()


def plain(value: object) -> object:
    """A result as its command prints it."""
    found = json.loads(json.dumps(asdict(value), default=str))  # type: ignore[call-overload]
    return {key.removesuffix("_"): item for key, item in found.items()}


def test_a_script_moves_a_database(here: Settings) -> None:
    done = migrate.upgrade(here, "head")
    assert (done.from_, done.to) == ((), ("r3",))
    assert [one.revision for one in done.applied] == ["r1", "r2", "r3"]
    assert migrate.upgrade(here).already_there
    assert migrate.downgrade(here, "-1").to == ("r2",)
    assert migrate.stamp(here, ["r1"]).to == ("r1",)


@pytest.mark.parametrize("verb", ["status", "current", "heads", "history", "branches", "plan"])
def test_what_a_verb_returns_is_what_its_command_prints(
    here: Settings, quick: Run, verb: str
) -> None:
    migrate.upgrade(here, "r2")
    said = plain(getattr(migrate, verb)(here))
    assert said == quick("--json", verb, cwd=here.project.root).json


def test_a_script_writes_a_revision(here: Settings) -> None:
    migrate.upgrade(here)
    made = migrate.revision(here, "authors")
    assert made.down == ("r3",)
    assert Path(made.file).is_file()
    assert [one.object for one in made.changes if one.kind == "add_table"] == ["authors"]


def test_a_failure_is_raised(here: Settings, chain: Project) -> None:
    chain.revision("r3", "r2", up="1 / 0")
    with pytest.raises(MigrationFailedError, match=r"ZeroDivisionError|division by zero"):
        migrate.upgrade(here)


def test_the_projects_own_url_has_to_be_asked_for(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make(tmp_path / "mine", env=envs.own_engine(driven(database_url)))
    text = (project.migrations / "env.py").read_text()
    own = text.replace('config.get_main_option("sqlalchemy.url")', repr(driven(database_url)))
    project.write("migrations/env.py", own)
    project.chain(1)
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(sys, "path", [*sys.path])
    sys.modules.pop("models", None)
    with pytest.raises(ConfigurationError, match="no database URL"):
        migrate.upgrade(Settings.load())
    assert migrate.upgrade(migrate.known(Settings.load())).to == ("r1",)


def test_every_name_is_there_and_no_other() -> None:
    assert all(callable(getattr(migrate, name)) for name in migrate.__all__)
    with pytest.raises(AttributeError):
        _ = migrate.nothing


QUIET = ["import dbctl.migrate", "import dbctl.migrate.model", "from dbctl import migrate"]


@pytest.mark.parametrize("line", QUIET)
def test_alembic_comes_with_the_first_verb(line: str) -> None:
    code = f"{line}\nimport sys\nassert not {{'alembic', 'sqlalchemy'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())


PAGE = (Path(__file__).parents[2] / "docs/python-api.md").read_text(encoding="utf-8")


# What follows is for applications, and asynchronous: tests/docs runs it.
VERBS = PAGE.partition("\n## Engines and sessions\n")[0]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", VERBS, re.DOTALL))
def test_the_python_of_the_page_runs(
    here: Settings, block: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(block, "python-api.md", "exec"), {})
    assert migrate.status(here).up_to_date


def test_every_verb_is_on_the_page() -> None:
    for name in migrate.__all__:
        assert re.search(rf"`(migrate\.)?{name}\b", PAGE), name
