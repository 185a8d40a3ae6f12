"""Revisions read from the headers of their files: the same that Alembic finds by running them."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings

from dbctl.errors import RevisionGraphError
from dbctl.migrate import files, graph
from dbctl.migrate.environment import imported_revisions
from dbctl.migrate.graph import Graph
from dbctl.project import find
from tests.migrate.histories import Node, histories, write
from tests.projects.make import KNOWS_PYPROJECT, Project, make
from tests.runner import Finished

# Alembic >= 1.16 complains of the older ways to separate paths, which projects still have.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:alembic")
CHECKOUT = Path(__file__).parents[2]
HEADER = "revision = {!r}\ndown_revision = {!r}\nbranch_labels = None\ndepends_on = None\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that no database is needed for."""
    return make(tmp_path / "mine")


def read(project: Project) -> Graph:
    return graph.read(find(project.root))


def alembics(root: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(root / "alembic.ini"))


def said(found: Graph) -> dict[str, Any]:
    return {
        one.revision: (set(one.down), set(one.depends_on), set(one.labels), one.message)
        for one in found.revisions.values()
    }


def said_by_alembic(script: ScriptDirectory) -> dict[str, Any]:
    return {
        one.revision: (
            set(files.as_tuple(one.down_revision)),
            set(files.as_tuple(one.dependencies)),
            set(one._orig_branch_labels),
            " ".join(one.doc.split()),
        )
        for one in script.walk_revisions("base", "heads")
    }


def refused(project: Project) -> RevisionGraphError:
    with pytest.raises(RevisionGraphError) as caught:
        read(project)
    error = caught.value
    assert error.exit_code == 3
    assert len(f"{error.message}\n{error.hint}".splitlines()) <= 3
    return error


def test_the_sample_is_read_as_alembic_reads_it() -> None:
    script, found = alembics(CHECKOUT), graph.read(find(CHECKOUT))
    walked = [one.revision for one in script.walk_revisions("base", "heads")]
    assert [one.revision for one in reversed(found.ordered)] == walked
    assert said(found) == said_by_alembic(script)
    assert list(found.heads) == script.get_heads()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes=histories())
def test_every_history_is_read_as_alembic_reads_it(project: Project, nodes: list[Node]) -> None:
    write(project, nodes)
    script, found = alembics(project.root), read(project)
    assert said(found) == said_by_alembic(script)
    assert list(found.heads) == sorted(script.get_heads())
    assert said(graph.checked(imported_revisions(find(project.root)))) == said(found)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes=histories())
def test_what_is_pending_is_what_alembic_would_run(project: Project, nodes: list[Node]) -> None:
    write(project, nodes)
    script, found = alembics(project.root), read(project)
    assert _places_needs_first(found)
    for node in nodes:
        steps = script._upgrade_revs("heads", (node.name,))  # type: ignore[arg-type]  # as Alembic
        run = {step.revision.revision for step in steps}
        assert {one.revision for one in found.pending([node.name])} == run


def _places_needs_first(found: Graph) -> bool:
    at = {one.revision: place for place, one in enumerate(found.ordered)}
    needs = ((one, need) for one in found.ordered for need in (*one.down, *one.depends_on))
    return len(at) == len(found.revisions) and all(at[n] < at[one.revision] for one, n in needs)


def test_a_dependency_may_be_named_by_label_or_by_the_beginning_of_its_id(project: Project) -> None:
    project.revision("aaa111", labels="books")
    project.revision("bbb222", depends_on="books")
    project.revision("ccc333", depends_on="aaa1")
    assert [one.revision for one in read(project).pending(["bbb222"])] == ["ccc333"]
    assert [one.revision for one in read(project).pending(["ccc333"])] == ["bbb222"]


@pytest.mark.parametrize(
    "header",
    [
        'NUMBER = 7\nrevision = f"r{NUMBER}"\ndown_revision = None\n',
        'revision = "r" + "7"\ndown_revision = None\n',
        'if True:\n    revision = "r7"\ndown_revision = None\n',
        'revision, down_revision = "r7", None\n',
        'revision = name = "r7"\ndown_revision = None\n',
        'revision = "old"\nrevision = "r7"\ndown_revision = None\n',
        '"""doc"""\nrevision = "r7"; down_revision = None\n',
        'down_revision = None\nrevision = (\n    "r7"\n)\n',
        '\ufeffrevision = "r7"\ndown_revision = None\n',
    ],
    ids=["f-string", "sum", "if", "pair", "chained", "twice", "semicolon", "brackets", "bom"],
)
def test_a_header_that_is_no_plain_literal_is_still_understood(
    project: Project, header: str
) -> None:
    project.write("migrations/versions/a.py", header)
    assert list(read(project).revisions) == ["r7"]


def test_words_in_texts_are_no_header(project: Project) -> None:
    sql = 'def upgrade():\n    op.execute("""\ndepends_on = \'x\'\nbranch_labels = \'y\'\n""")\n'
    text = '"""About it.\n\ndown_revision = "z"\n"""\nrevision = "a"\ndown_revision = None\n'
    project.write("migrations/versions/a.py", text + sql)
    (one,) = read(project).revisions.values()
    assert (one.down, one.depends_on, one.labels) == ((), (), ())


def test_a_file_in_another_encoding_is_left_to_alembic(project: Project) -> None:
    path = project.revision("r1", message="Café")
    text = "# coding: latin-1\n" + path.read_text(encoding="utf-8")
    path.write_bytes(text.encode("latin-1"))
    assert [one.message for one in read(project).ordered] == ["Café"]


def test_headers_are_read_without_running_the_files(project: Project) -> None:
    path = project.revision("r1")
    path.write_text(path.read_text(encoding="utf-8") + "raise SystemExit('run')\n")
    assert list(read(project).revisions) == ["r1"]


def test_two_files_with_one_id_are_both_named(project: Project) -> None:
    project.revision("r1")
    project.write("migrations/versions/copy.py", HEADER.format("r1", None))
    message = refused(project).message
    assert all(word in message for word in ("r1_.py", "copy.py", "r1"))


def test_a_missing_file_is_named_by_its_revision_and_by_who_needs_it(project: Project) -> None:
    project.chain(3)
    (project.versions / "r2_.py").unlink()
    message = refused(project).message
    assert "r3_.py" in message
    assert "r2" in message.replace("r3_.py", "")


def test_a_missing_dependency_is_named(project: Project) -> None:
    project.revision("r1", depends_on="gone")
    message = refused(project).message
    assert "r1_.py" in message
    assert "gone" in message


def test_a_circle_names_its_files_and_no_others(project: Project) -> None:
    project.revision("r0")
    project.revision("ra", "rc")
    project.revision("rb", "ra")
    project.revision("rc", "rb")
    project.revision("rd", "rc")
    message = refused(project).message
    assert all(f"{name}_.py" in message for name in ("ra", "rb", "rc"))
    assert "r0_.py" not in message
    assert "rd_.py" not in message


@pytest.mark.parametrize("text", ["x = 1\n", "revision = 7\ndown_revision = None\n", ""])
def test_a_file_that_is_no_revision_is_named(project: Project, text: str) -> None:
    path = project.write("migrations/versions/notes.py", text)
    assert str(path) in refused(project).message


def test_a_file_that_is_no_python_is_named_with_its_line(project: Project) -> None:
    path = project.write("migrations/versions/a.py", "revision = 'a'\ndown_revision = (\n")
    assert f"{path}:2" in refused(project).message


def test_several_version_locations_are_read(project: Project) -> None:
    project.options("version_locations = %(here)s/one %(here)s/two")
    project.revision("r1", folder="one")
    project.revision("r2", "r1", folder="two")
    assert read(project).heads == ("r2",)
    assert alembics(project.root).get_heads() == ["r2"]


@pytest.mark.parametrize(
    ("option", "joined"),
    [
        ("path_separator = :", "{}:{}"),
        ("path_separator = ;", "{};{}"),
        ("path_separator = os", "{}:{}"),
        ("path_separator = newline", "\n  {}\n  {}"),
        ("version_path_separator = space", "{} {}"),
        ("", "{}, {}"),
    ],
)
def test_version_locations_are_split_as_they_are_said(
    project: Project, option: str, joined: str
) -> None:
    project.options(option, "version_locations = " + joined.format("%(here)s/one", "%(here)s/two"))
    found = files.folders(find(project.root))
    assert found == (project.root / "one", project.root / "two")


def test_recursive_version_locations_are_read_below(project: Project) -> None:
    project.options("recursive_version_locations = true")
    project.revision("r1", folder="migrations/versions/2024")
    project.revision("r2", "r1", folder="migrations/versions/2025/01")
    assert read(project).heads == ("r2",)


@pytest.mark.skipif(not KNOWS_PYPROJECT, reason="this Alembic reads no pyproject.toml")
def test_a_pyproject_alone_may_hold_alembics_options(project: Project) -> None:
    (project.root / "alembic.ini").unlink()
    project.write(
        "pyproject.toml",
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["."]\n'
        'version_locations = ["%(here)s/one", "%(here)s/two"]\n',
    )
    project.revision("r1", folder="one")
    project.revision("r2", "r1", folder="two")
    assert read(project).heads == ("r2",)
    assert said(graph.checked(imported_revisions(find(project.root)))) == said(read(project))


def test_a_version_location_said_twice_is_read_once(project: Project) -> None:
    project.options("version_locations = %(here)s/one %(here)s/one")
    project.revision("r1", folder="one")
    assert read(project).heads == ("r1",)


def git(project: Project, *words: str) -> str:
    said = ("-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(project.root), *said, *words]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


@pytest.fixture
def shared(project: Project) -> Project:
    """A project in git: `main` has r1 and r3, which follows the r2 that `feature` brought."""
    shutil.rmtree(project.root / ".git")
    git(project, "init", "--quiet", "--initial-branch=main")
    project.revision("r1")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "first")
    git(project, "switch", "--quiet", "-c", "feature")
    project.revision("r2aa99", "r1")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "second")
    git(project, "switch", "--quiet", "main")
    return project


def test_a_missing_file_is_named_with_the_commit_and_the_branch_that_have_it(
    shared: Project,
) -> None:
    shared.revision("r3", "r2aa99")
    error = refused(shared)
    assert "r3_.py follows revision r2aa99" in error.message
    assert f"commit {git(shared, 'rev-parse', '--short', 'feature')} on feature" in error.message
    subprocess.run(error.hint, shell=True, check=True, cwd=shared.root)
    assert read(shared).heads == ("r3",)


@pytest.mark.parametrize("command", ["upgrade", "status", "check", "downgrade -1", "plan"])
def test_an_unknown_revision_of_the_database_is_named_with_commit_and_branch(
    quick: Callable[..., Finished], shared: Project, command: str
) -> None:
    with closing(sqlite3.connect(shared.root / "db.sqlite")) as file, file:
        file.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        file.execute("INSERT INTO alembic_version VALUES ('r2aa99')")
    words = ("--url", f"sqlite:///{shared.root}/db.sqlite", "--json", "--yes")
    done = quick(*words, *command.split(), cwd=shared.root)
    assert done.code == 3, str(done)
    message, hint = (done.json["error"][name] for name in ("message", "hint"))
    assert "r2aa99, which no file in the project has" in message
    assert "on feature has migrations/versions/r2aa99_.py" in message
    assert hint.startswith("git checkout ")
    subprocess.run(hint, shell=True, check=True, cwd=shared.root)
    assert quick(*words, "status", cwd=shared.root).code == 0


def test_a_revision_that_git_does_not_know_either_has_its_way_out(project: Project) -> None:
    project.revision("r1")
    with pytest.raises(RevisionGraphError, match=r"which no file in the project has$") as caught:
        read(project).known(["gone99"])
    assert "dbctl stamp --purge" in caught.value.hint


def table_there(project: Project, *, version: bool) -> str:
    """A file with the table t1; `version` adds a version table without rows."""
    with closing(sqlite3.connect(project.root / "db.sqlite")) as file, file:
        file.execute("CREATE TABLE t1 (id INTEGER)")
        if version:
            file.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    return f"sqlite:///{project.root}/db.sqlite"


@pytest.mark.parametrize("version", [True, False])
def test_tables_that_the_first_revision_makes_are_said_before_it_runs(
    quick: Callable[..., Finished], project: Project, *, version: bool
) -> None:
    project.chain()
    url = table_there(project, version=version)
    done = quick("--url", url, "upgrade", cwd=project.root)
    assert done.code == 3, str(done)
    assert all(word in done.err for word in ("t1", "r1", "version table", "dbctl adopt"))
    assert len([line for line in done.error_lines if not line.startswith("local:")]) <= 2


CAREFUL = {
    "asks first": 'if not sa.inspect(op.get_bind()).has_table("t1"):\n    {}',
    "if not exists": 'op.create_table("t1", sa.Column("id", sa.Integer()), if_not_exists=True)',
    "drops first": 'op.execute("DROP TABLE t1")\n{}',
}
MAKES = 'op.create_table("t1", sa.Column("id", sa.Integer()))'


@pytest.mark.parametrize("up", CAREFUL.values(), ids=CAREFUL)
def test_a_first_revision_that_takes_care_of_it_runs(
    quick: Callable[..., Finished], project: Project, up: str
) -> None:
    if (
        "if_not_exists" in up
        and "if_not_exists" not in signature(Operations.create_table).parameters
    ):
        pytest.skip("this Alembic has no if_not_exists")
    project.revision("r1", up=up.replace("{}", MAKES))
    url = table_there(project, version=False)
    done = quick("--url", url, "upgrade", cwd=project.root)
    assert done.code == 0, str(done)


def test_other_tables_in_the_database_are_no_hindrance(
    quick: Callable[..., Finished], project: Project
) -> None:
    project.revision("r1", up='op.create_table("t2", sa.Column("id", sa.Integer()))')
    url = table_there(project, version=True)
    assert quick("--url", url, "upgrade", cwd=project.root).code == 0
