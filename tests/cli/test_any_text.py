"""Any text may stand where a name or a message is wanted: it stays text.

No bug, no file outside the folder that is meant, nothing in the database that was not named, and
nothing of it runs.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cli import lines
from tests.projects.make import Project, make
from tests.runner import Finished, in_process
from tests.schema import rows_of
from tests.servers.server import Server

pytestmark = pytest.mark.soak

RAN = "ran"  # a file that the nasty texts below make when they are run
HOLE = f'"""\nopen("{RAN}", "w")\n"""'
ON_A_LINE = HOLE.replace("\n", ";")
NASTY = (
    HOLE, ON_A_LINE, HOLE.replace('"""', "'''"),
    f'\\""" + str(open("{RAN}", "w")) + """', "a\\", "'", '"',
    "../../x", "/tmp/dbctl-x", "..", ".", "x/../../y", "%(here)s", "%", "${open('ran', 'w')}",
    "<% open('ran', 'w') %>", "{}", "{0}", "$(touch ran)", "`touch ran`",
    "; DROP TABLE authors; --", 'x"; DROP TABLE authors; --', "-1", "+1", "--yes", "-", "@", ":",
    "r1:r2", "head", "heads",
    "base", "r", "r9", "", " ", "\n", "\r\x1b[31m", "\udcff", "\u202e", "\x07", "CON", "a" * 300,
    "authors", "t1", "[/b]", "\N{GRINNING FACE}", "None", "current", "x@head", "r1@head", "-3:",
)  # fmt: skip
LETTERS = st.sampled_from("\"'\\/.%${}()<>;:@+-*~ \n\t\x1b\x7f\udcff\u2028aZ0_é日")
TEXT = st.one_of(
    st.sampled_from(NASTY),
    st.text(LETTERS, max_size=30),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
)
OBJECTS = {"authors", "alembic_version", "t1", "t2", "t3", "t4"}
CODES = {0, 1, 2, 3, 4, 5, 6, 9}
# SQL to run, a file or a folder to write: that is what these are for.
MEANT = {
    ("shell", "command"),
    ("seed dump", "to"),
    ("init", "folder"),
    ("ci setup", "env_file"),
    ("ci report", "body"),
}
EACH = [
    (name, text)
    for name in lines.COMMANDS
    for text in lines.texts(name)
    if (name, text) not in MEANT and not name.startswith("neon ")  # which talk to no database
]


def examples(number: int) -> settings:
    """The same examples in every run, however slow the machine is."""
    return settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project at r2 of r1..r3, and r4 beside r3; one table with rows to lose."""
    made = make(tmp_path_factory.mktemp("pattern") / "project")
    made.chain()
    made.revision("r4", "r2", labels="side")
    made.write(
        "pyproject.toml", '[tool.dbctl]\nurl = "sqlite:///data.db"\nmetadata = "models:Base"\n'
    )
    made.write("seeds/authors.csv", "id,name\n1,a\n")
    assert in_process("database", "create", cwd=made.root).code == 0
    assert in_process("tables", "create", cwd=made.root).code == 0
    assert in_process("upgrade", "r2", cwd=made.root).code == 0
    return made.root


@contextmanager
def copied(pattern: Path) -> Iterator[Project]:
    """A copy of the project with nothing else in the folders around it."""
    with TemporaryDirectory() as around:
        yield Project(Path(shutil.copytree(pattern, Path(around) / "a/b/project")))


def ran(project: Project, *words: str) -> Finished:
    """The command, and what must be true of every one of them."""
    before = there(project.root.parents[2])
    done = in_process(*words, cwd=project.root, env={"EDITOR": "true"})
    assert done.code in CODES, done
    assert len(done.error_lines) <= 40
    stray = {name for name in there(project.root.parents[2]) - before if not is_meant(name)}
    assert stray == set(), done
    assert set(rows_of(f"sqlite:///{project.root / 'data.db'}")) <= OBJECTS
    return done


def there(folder: Path) -> set[str]:
    """Every file below a folder, and whether something that should not run left one elsewhere."""
    outside = [place for place in (Path("/tmp/dbctl-x"), Path("/tmp") / RAN) if place.exists()]
    assert outside == []
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def is_meant(name: str) -> bool:
    """Whether a file is where a command may write one: a revision, bytecode, dbctl's own folder."""
    revision = name.startswith("a/b/project/migrations/") and name.endswith(".py")
    own = ("a/b/project/data.db-", "a/b/project/.dbctl/", "a/b/project/dbctl.env")
    return revision or "__pycache__" in name or name.startswith(own)


@pytest.mark.parametrize(("name", "parameter"), EACH, ids=str)
@examples(12)
@given(text=TEXT)
def test_any_text_is_text(name: str, parameter: str, text: str, pattern: Path) -> None:
    with copied(pattern) as project:
        ran(project, *lines.line(name, **{parameter: text}))
        assert not (project.root / RAN).exists()


@pytest.mark.parametrize("parameter", ["metadata", "migrations"])
@examples(40)
@given(text=TEXT)
@example(text="../../x")
def test_a_project_is_started_inside_its_folder(parameter: str, text: str, pattern: Path) -> None:
    with copied(pattern) as project:
        shutil.rmtree(project.migrations)
        (project.root / "alembic.ini").unlink()
        (project.root / "pyproject.toml").unlink()
        done = in_process(*lines.line("init", **{parameter: text}), cwd=project.root)
        assert done.code in CODES, done
        assert done.code or in_process("heads", cwd=project.root).code == 0, done
        assert all(name.startswith("a/b/project/") for name in there(project.root.parents[2]))
        assert not (project.root / RAN).exists()


DESTROYING = [one for one in EACH if one[0] in ("tables truncate", "tables drop", "reset")]
UNNAMED = TEXT.filter(lambda text: text not in ("authors", "t1", "data.db", "alembic_version"))


@pytest.mark.parametrize(("name", "parameter"), DESTROYING, ids=str)
@examples(12)
@given(text=UNNAMED)
def test_a_yes_destroys_nothing_that_was_not_named(
    name: str, parameter: str, text: str, pattern: Path
) -> None:
    with copied(pattern) as project:
        done = ran(project, "--yes", *lines.line(name, **{parameter: text}))
        assert done.code in (1, 2, 5), done
        assert rows_of(f"sqlite:///{project.root / 'data.db'}")["t1"] == 1


@examples(60)
@given(text=TEXT)
@example(text=HOLE)
@example(text=ON_A_LINE)
@example(text=ON_A_LINE.replace('"', "'"))
def test_a_message_is_never_run(text: str, pattern: Path) -> None:
    with copied(pattern) as project:
        for line in (["migrate", "--empty", "--head=r3"], ["merge"]):
            ran(project, *line, f"--message={text}")
        ran(project, "history")
        ran(project, "upgrade", "heads")
        assert not (project.root / RAN).exists()


@examples(60)
@given(text=TEXT)
@example(text="../../x")
def test_a_revision_id_is_no_path(text: str, pattern: Path) -> None:
    with copied(pattern) as project:
        for line in (["migrate", "-m", "x", "--empty", "--head=r3"], ["merge"]):
            done = ran(project, *line, f"--rev-id={text}")
            assert done.code in (1, 2) or text.isidentifier() or text.isalnum(), done


ROOT = {
    "--env": ["status"],
    "--name": ["status"],
    "--config": ["status"],
    "--url": ["status"],
    "-x": ["current"],
}


@pytest.mark.parametrize("option", ROOT)
@examples(40)
@given(text=TEXT)
def test_any_text_may_stand_behind_a_root_option(option: str, text: str, pattern: Path) -> None:
    with copied(pattern) as project:
        ran(project, option, text, *ROOT[option])


FILES = TEXT.filter(lambda text: "/" not in text and text not in ("", ".", "..", ":memory:"))


@examples(40)
@given(text=FILES)
def test_the_file_of_a_url_is_the_one_that_was_named(text: str, pattern: Path) -> None:
    with copied(pattern) as project:
        before = there(project.root)
        url = f"sqlite:///{quote(text, errors='surrogateescape')}"
        done = in_process("--url", url, "database", "create", cwd=project.root)
        assert done.code in CODES, done
        assert there(project.root) - before <= {text}, done


@examples(30)
@given(text=FILES.filter(lambda text: len(text) < 100))
def test_the_database_of_a_url_is_the_one_that_was_named(text: str, server: Server) -> None:
    before = databases(server)
    url = server.url("NAME").replace("NAME", quote(text, safe="", errors="surrogateescape"))
    try:
        done = in_process("--url", url, "database", "create")
        assert done.code in CODES, done
        assert databases(server) - before <= {text}
    finally:
        in_process("--yes", "--url", url, "database", "drop")
    assert databases(server) == before


OTHERS = ("test_", "template", "neon_", "dbctl_")


def databases(server: Server) -> set[str]:
    """The databases of the server that are not of other tests."""
    names = (name for (name,) in server.run("SELECT datname FROM pg_database"))
    return {name for name in names if not name.startswith(OTHERS)}
