"""Several histories in one project, and Alembic's configuration made in code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import envs
from tests.projects.make import Project, driven, make
from tests.runner import Finished
from tests.schema import rows_of

Run = Callable[..., Finished]

NAMED = envs.sync(
    head='table = config.get_main_option("version_table", "alembic_version")\n',
    options="version_table=table",
)
SECTION = """
[billing]
script_location = %(here)s/billing
version_table = billing_version
prepend_sys_path = .
path_separator = os
sqlalchemy.url = {url}
"""
CODE = """\
from alembic.config import Config


def made():
    config = Config()
    config.set_main_option("script_location", "migrations")
    config.set_main_option("sqlalchemy.url", {url!r})
    return config


fixed = made()
number = 3


def broken():
    raise LookupError("no tenant")
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A project with one history."""
    made = make(tmp_path / "mine", env=NAMED, url=driven(database_url))
    made.chain(1)
    return made


def billing(project: Project, url: str) -> None:
    """A second history of the same project, in the same database."""
    ini = project.root / "alembic.ini"
    ini.write_text(ini.read_text() + SECTION.format(url=driven(url).replace("%", "%%")))
    project.write("billing/env.py", NAMED)
    project.write("billing/script.py.mako", (project.migrations / "script.py.mako").read_text())
    up = 'op.create_table("bills", sa.Column("id", sa.Integer(), primary_key=True))'
    project.revision("b1", up=up, folder="billing/versions")


def test_histories_are_addressed_by_the_name_of_their_section(
    quick: Run, project: Project, database_url: str
) -> None:
    billing(project, database_url)
    assert quick("up", "--no-seed", cwd=project.root).code == 0
    done = quick("--json", "--name", "billing", "upgrade", cwd=project.root)
    assert done.code == 0, done
    assert done.json["to"] == ["b1"]
    assert quick("--json", "current", cwd=project.root).json["revision"] == ["r1"]
    assert quick("--json", "-n", "billing", "current", cwd=project.root).json["revision"] == ["b1"]
    rows = rows_of(database_url)
    assert (rows["alembic_version"], rows["billing_version"]) == (1, 1)


@pytest.fixture
def coded(project: Project, database_url: str) -> Project:
    """A project without an ini: its code makes the configuration."""
    (project.root / "alembic.ini").unlink()
    project.write("setup.cfg", "")
    project.write("conf.py", CODE.format(url=driven(database_url)))
    return project


def say(project: Project, name: str) -> None:
    """`[tool.dbctl] config`."""
    project.write("pyproject.toml", f'[tool.dbctl]\nconfig = "conf:{name}"\n')


@pytest.mark.parametrize("name", ["made", "fixed"])
def test_a_configuration_made_in_code_is_used(
    quick: Run, coded: Project, database_url: str, name: str
) -> None:
    say(coded, name)
    below = coded.root / "deep"
    below.mkdir()
    assert quick("up", "--no-seed", cwd=below).code == 0
    assert rows_of(database_url) == {"alembic_version": 1, "t1": 1}
    done = quick("doctor", cwd=coded.root)
    assert f"configured by conf:{name}" in " ".join(done.out.split())


WRONG = {
    "number": ("neither an alembic.config.Config", ""),
    "broken": ("LookupError: no tenant", "conf.py:"),
    "nothing": ("conf has no nothing", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_configuration_is_exit_3(quick: Run, coded: Project, name: str) -> None:
    say(coded, name)
    done = quick("--json", "upgrade", cwd=coded.root)
    assert done.code == 3, done
    message, hint = WRONG[name]
    assert message in done.json["error"]["message"]
    assert hint in done.json["error"]["hint"]


def test_an_env_py_that_migrates_two_databases_in_one_run_is_refused(
    quick: Run, tmp_path: Path, project: Project, database_url: str
) -> None:
    twice = envs.sync(head="from sqlalchemy import create_engine\n", engine="create_engine(url)")
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
    loop = f"for url in {urls!r}:\n    run_online()\n"
    text = twice.replace("def run_online():", "def run_online():\n    global url").split("\nif ")[0]
    project.write("migrations/env.py", text + "\n" + loop)
    if not database_url.startswith("sqlite"):
        pytest.skip("the engines of this env.py are SQLite's")
    Path(database_url.split(":///")[1]).touch()
    done = quick("--json", "--url", database_url, "upgrade", cwd=project.root)
    assert done.code == 3, done
    assert "several databases" in done.json["error"]["message"]
    assert "one.db" in done.json["error"]["message"]
