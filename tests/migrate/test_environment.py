"""A project's env.py as it is found: redirected, heard, kept, and never trusted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.migrate.conftest import Make, Run
from tests.projects import envs
from tests.projects.make import KNOWS_PYPROJECT, LOGGING, MAKO, Project, driven, make
from tests.runner import alembic
from tests.schema import rows_of

Admin = Callable[..., list[Any]]


@pytest.fixture
def other_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Another database of the same kind, which nobody may touch."""
    if database_url.startswith("sqlite"):
        (tmp_path / "other.db").touch()
        return f"sqlite:///{tmp_path / 'other.db'}"
    return str(request.getfixturevalue("missing_postgres_url"))


@pytest.fixture
def elsewhere(other_url: str, admin: Admin) -> str:
    """The other database, made."""
    if other_url.startswith("postgresql"):
        admin(f'CREATE DATABASE "{other_url.rsplit("/", 1)[1]}"')
    return other_url


def test_an_env_py_with_its_own_url_is_redirected(
    quick: Run, made: Make, database_url: str, elsewhere: str
) -> None:
    project = made(env=envs.own_engine(driven(elsewhere)))
    project.chain()
    done = quick("--json", "--url", database_url, "upgrade", cwd=project.root)
    assert done.json["to"] == ["r3"]
    assert rows_of(database_url) == {"alembic_version": 1, "t1": 1, "t2": 1, "t3": 1}
    assert rows_of(elsewhere) == {}


def test_the_same_env_py_goes_to_its_own_url_under_plain_alembic(
    made: Make, database_url: str, elsewhere: str
) -> None:
    project = made(env=envs.own_engine(driven(elsewhere)))
    project.chain()
    assert alembic("upgrade", "head", cwd=project.root).code == 0
    assert rows_of(elsewhere) == {"alembic_version": 1, "t1": 1, "t2": 1, "t3": 1}
    assert rows_of(database_url) == {}


def test_an_engine_of_another_kind_is_refused(
    quick: Run, tmp_path: Path, made: Make, database_url: str
) -> None:
    sqlite = database_url.startswith("sqlite")
    other = "postgresql+psycopg://u@127.0.0.1:1/x" if sqlite else "sqlite:///mine.db"
    project = made(env=envs.own_engine(other))
    project.chain()
    done = quick("--json", "upgrade", cwd=project.root)
    assert done.code == 3
    assert "engine" in done.json["error"]["message"]
    assert rows_of(database_url) == {}
    assert not (project.root / "mine.db").exists()


def test_an_env_py_that_connects_by_itself_is_refused(
    quick: Run, made: Make, database_url: str, elsewhere: str
) -> None:
    sqlite = database_url.startswith("sqlite")
    target = elsewhere.split(":///")[1] if sqlite else elsewhere
    project = made(env=envs.own_creator("sqlite3" if sqlite else "psycopg", target))
    project.chain()
    for command in (("upgrade",), ("check",), ("migrate", "-m", "x")):
        done = quick("--json", *command, cwd=project.root)
        assert done.code in ((5,) if command == ("upgrade",) else (1, 5)), done
    assert (rows_of(database_url), rows_of(elsewhere)) == ({}, {})
    assert len(project.files) == 3


def test_an_env_py_that_connects_by_itself_to_the_right_place_is_let_through(
    quick: Run, made: Make, database_url: str
) -> None:
    sqlite = database_url.startswith("sqlite")
    target = database_url.split(":///")[1] if sqlite else database_url
    project = made(env=envs.own_creator("sqlite3" if sqlite else "psycopg", target))
    project.chain()
    assert quick("upgrade", cwd=project.root).code == 0
    assert rows_of(database_url)["alembic_version"] == 1


def test_stdout_is_one_document_though_env_py_prints(
    dbctl: Run, made: Make, database_url: str
) -> None:
    project = made(env=envs.PRINTS)
    project.chain()
    shout = 'import os\nos.system("echo from a child")\nprint("from a revision")'
    project.revision("r3", "r2", up=shout)
    done = dbctl("--json", "upgrade", cwd=project.root)
    assert done.json["to"] == ["r3"]
    assert "env.py says hello" in done.err
    assert "from a child" in done.err
    assert "from a revision" in done.err


def test_stdout_is_one_document_though_a_hook_prints(dbctl: Run, made: Make) -> None:
    project = made(env=envs.PRINTS)
    ini = project.root / "alembic.ini"
    hooks = "\n[post_write_hooks]\nhooks = loud\nloud.type = exec\nloud.executable = echo\n"
    ini.write_text(ini.read_text() + hooks + "loud.options = formatted REVISION_SCRIPT_FILENAME\n")
    done = dbctl("--json", "migrate", "-m", "first", cwd=project.root)
    assert done.code == 0, done
    assert done.json["file"] == str(project.versions / project.files[0])
    assert "formatted" in done.err


@pytest.mark.parametrize("flags", [(), ("-v",)], ids=["plain", "verbose"])
def test_file_config_neither_silences_nor_doubles(
    dbctl: Run, made: Make, flags: tuple[str, ...]
) -> None:
    project = made(env=envs.LOGGING)
    ini = project.root / "alembic.ini"
    ini.write_text(ini.read_text() + LOGGING)
    project.chain(2)
    done = dbctl(*flags, "upgrade", cwd=project.root)
    assert done.code == 0, done
    assert done.err.count("upgrade r2  about r2") == 1
    assert done.err.count("Running upgrade r1 -> r2") == len(flags)
    assert "INI " not in done.err


def test_file_config_without_an_ini_is_no_error(quick: Run, made: Make, database_url: str) -> None:
    project = made(env=envs.LOGGING)
    (project.root / "alembic.ini").unlink()
    project.write("pyproject.toml", '[tool.alembic]\nscript_location = "migrations"\n')
    project.chain(1)
    done = quick("--json", "--url", database_url, "upgrade", cwd=project.root)
    assert done.code == 0, done


TABLES = {
    "named": (envs.OWN_VERSION_TABLE, "my_versions"),
    "mixed case": (envs.MIXED_CASE_VERSION_TABLE, "MyVersions"),
}


@pytest.mark.parametrize(("env", "table"), TABLES.values(), ids=TABLES)
def test_the_version_table_that_env_py_names_is_used(
    quick: Run, made: Make, database_url: str, env: str, table: str
) -> None:
    project = made(env=env)
    project.chain()
    assert alembic("upgrade", "r2", cwd=project.root).code == 0
    assert quick("--json", "current", cwd=project.root).json["revision"] == ["r2"]
    assert quick("--json", "upgrade", cwd=project.root).json["from"] == ["r2"]
    assert quick("--json", "status", cwd=project.root).json["up_to_date"] is True
    assert rows_of(database_url) == {table: 1, "t1": 1, "t2": 1, "t3": 1}


def test_a_version_table_in_another_schema_is_found(
    quick: Run, postgres_url: str, tmp_path: Path, admin: Admin
) -> None:
    project = make(tmp_path / "mine", env=envs.OWN_VERSION_SCHEMA, url=driven(postgres_url))
    project.chain()
    admin("CREATE SCHEMA ops", postgres_url.rsplit("/", 1)[1])
    assert quick("--json", "upgrade", "r2", cwd=project.root).json["to"] == ["r2"]
    assert quick("--json", "status", cwd=project.root).json["revision"] == ["r2"]
    assert alembic("upgrade", "head", cwd=project.root).code == 0
    assert quick("--json", "status", cwd=project.root).json["up_to_date"] is True
    assert rows_of(postgres_url)["ops.my_versions"] == 1


@pytest.mark.parametrize("named", [True, False])
def test_an_env_py_that_refuses_to_run_offline_is_read(made: Make, quick: Run, named: bool) -> None:
    refusing = "if context.is_offline_mode():\n    raise RuntimeError('not offline')\n"
    options = 'version_table="my_versions"' if named else ""
    note = "# version_table: the usual one\n"
    project = made(env=envs.sync(head=note + refusing, options=options))
    project.chain(2)
    assert quick("upgrade", cwd=project.root).code == 0
    assert quick("--json", "status", cwd=project.root).json["revision"] == ["r2"]


def test_a_version_table_named_in_a_helper_is_found(
    quick: Run, made: Make, database_url: str
) -> None:
    project = made(env=envs.sync(head="from naming import OPTIONS\n", options="**OPTIONS"))
    project.write("naming.py", 'OPTIONS = {"version_table": "my_versions"}\n')
    project.chain()
    assert quick("--json", "upgrade", cwd=project.root).json["to"] == ["r3"]
    assert quick("--json", "status", cwd=project.root).json["up_to_date"] is True


def test_what_env_py_says_itself_is_kept(quick: Run, made: Make, database_url: str) -> None:
    project = made(env=envs.KEEPS_OPTIONS)
    project.chain()
    project.revision("r3", "r2", up="raise KeyError")
    assert quick("upgrade", cwd=project.root).code == 6
    # It asked for one transaction around all revisions, so none of them stays.
    assert [table for table in rows_of(database_url) if table.startswith("t")] == []


@pytest.mark.skipif(not KNOWS_PYPROJECT, reason="this Alembic reads no pyproject.toml")
def test_the_options_of_a_pyproject_reach_alembic(
    quick: Run, made: Make, database_url: str
) -> None:
    project = made(env=envs.own_engine(driven(database_url)))
    (project.root / "alembic.ini").unlink()
    lines = '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["."]\n'
    project.write("pyproject.toml", lines + 'version_locations = ["%(here)s/one"]\n')
    project.revision("r1", folder="one")
    done = quick("--json", "--url", database_url, "upgrade", cwd=project.root)
    assert done.json["to"] == ["r1"]
    assert "r1 (head)" in alembic("current", cwd=project.root).out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_several_version_locations_are_run(quick: Run, made: Make) -> None:
    project = made()
    project.options(
        "version_path_separator = space", "version_locations = %(here)s/one %(here)s/two"
    )
    project.revision("r1", folder="one")
    project.revision("r2", "r1", folder="two")
    assert quick("--json", "upgrade", cwd=project.root).json["to"] == ["r2"]
    assert "r2 (head)" in alembic("current", cwd=project.root).out


BROKEN = {
    "import": ("import nowhere_to_be_found\n", "ModuleNotFoundError", 1),
    "syntax": ("x = = 1\n", "SyntaxError", 1),
    "raises": ("\nraise LookupError('no tenant')\n", "no tenant", 2),
    "exits": ("import sys\nsys.exit(3)\n", "ended the program", 0),
    "configures nothing": ("pass\n", "context.configure", 0),
}


@pytest.mark.parametrize(("env", "words", "line"), BROKEN.values(), ids=BROKEN)
def test_a_broken_env_py_is_exit_3_with_its_line(
    quick: Run, made: Make, env: str, words: str, line: int
) -> None:
    project = made(env=env)
    project.chain(1)
    done = quick("-q", "upgrade", cwd=project.root)
    assert done.code == 3, done
    assert words in done.err
    assert not line or f"env.py:{line}" in done.err
    assert len(done.error_lines) <= 6
    assert quick("--json", "current", cwd=project.root).json["revision"] == []


def test_models_that_do_not_import_name_their_line(quick: Run, made: Make) -> None:
    project = made()
    project.models("\n1 / 0\n")
    done = quick("--json", "migrate", "-m", "x", cwd=project.root)
    assert done.code == 3
    lines = (project.root / "models.py").read_text().count("\n")
    assert done.json["error"]["hint"] == f"see {project.root / 'models.py'}:{lines}"


def test_a_program_may_be_run_from_any_folder_of_the_project(quick: Run, made: Make) -> None:
    project = made()
    project.chain(1)
    below = project.root / "src" / "deep"
    below.mkdir(parents=True)
    assert quick("--json", "upgrade", cwd=below).json["to"] == ["r1"]


def test_a_template_without_a_docstring_is_no_obstacle(quick: Run, made: Make) -> None:
    project = made()
    project.write("migrations/script.py.mako", "# " + MAKO.replace('"""', "").strip() + "\n")
    text = (project.migrations / "script.py.mako").read_text().replace("\nRevision ID", "\n# ID", 1)
    project.write("migrations/script.py.mako", text)
    assert (done := quick("migrate", "-m", "first", cwd=project.root)).code == 0, done
    assert len(project.files) == 1


def test_programmatic_use_needs_no_url_in_the_ini(
    quick: Run, tmp_path: Path, database_url: str
) -> None:
    project: Project = make(tmp_path / "mine")
    project.chain(1)
    done = quick("--json", "--url", database_url, "upgrade", cwd=project.root)
    assert done.json["to"] == ["r1"]
    assert rows_of(database_url) == {"alembic_version": 1, "t1": 1}
