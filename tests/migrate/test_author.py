"""`migrate -m`: one file with the difference, or no file; a message is never more than text."""

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.migrate.conftest import Make, Run
from tests.projects import envs
from tests.projects.make import AUTHORS, EMPTY_MODELS, Project, make
from tests.runner import Finished, in_process
from tests.schema import rows_of

NEW_COLUMN = "    born = orm.mapped_column(sa.Integer, nullable=True)\n"
OTHER_TABLE = """

class Book(Base):
    __tablename__ = "books"
    id = orm.mapped_column(sa.Integer, primary_key=True)
"""


@pytest.fixture
def current(project: Project, run: Run) -> Project:
    """A project whose models and database agree."""
    project.revision("r1", up=AUTHORS, undo='op.drop_table("authors")')
    assert run("upgrade").code == 0
    return project


@pytest.fixture
def offline(tmp_path: Path) -> Project:
    """A project whose database cannot be reached."""
    return make(tmp_path / "mine", url="postgresql+psycopg://nobody@127.0.0.1:1/x")


def test_a_new_column_goes_from_difference_to_revision_to_agreement(
    run: Run, current: Project, database_url: str
) -> None:
    current.models(NEW_COLUMN)
    (one,) = (checked := run("check")).json["differences"]
    assert (checked.code, one["kind"], one["object"]) == (1, "add_column", "authors.born")
    written = run("migrate", "-m", "add born").json
    assert written["changes"] == [one]
    assert current.files == [Path(written["file"]).name, "r1_.py"]
    assert run("upgrade").json["to"] == [written["revision"]]
    assert (run("check").code, run("check").json["in_sync"]) == (0, True)


def test_the_written_revision_goes_down_too(run: Run, current: Project) -> None:
    current.models(NEW_COLUMN)
    run("migrate", "-m", "add born")
    run("upgrade")
    assert run("--yes", "downgrade", "r1").code == 0
    run("upgrade")
    assert run("check").json["in_sync"] is True


def test_a_change_of_a_column_works_on_both(run: Run, current: Project) -> None:
    models = current.root / "models.py"
    models.write_text(models.read_text().replace("String(50), nullable=False", "String(80)"))
    written = run("migrate", "-m", "longer names").json
    kinds = {change["kind"] for change in written["changes"]}
    assert kinds == {"modify_type", "modify_nullable"}
    assert (done := run("upgrade")).code == 0, done
    assert run("check").json["in_sync"] is True


def test_a_change_of_a_server_default_is_seen(run: Run, current: Project) -> None:
    models = current.root / "models.py"
    models.write_text(
        models.read_text().replace("nullable=False", 'nullable=False, server_default="nobody"')
    )
    written = run("migrate", "-m", "a default").json
    assert [change["kind"] for change in written["changes"]] == ["modify_default"]
    assert run("upgrade").code == 0
    assert run("check").json["in_sync"] is True


def test_sqlite_changes_are_written_in_batch_mode(run: Run, current: Project) -> None:
    current.models(NEW_COLUMN)
    file = Path(run("migrate", "-m", "add born").json["file"])
    sqlite = run("status").json["database"]["dialect"] == "sqlite"
    assert ("batch_alter_table" in file.read_text(encoding="utf-8")) is sqlite


def test_no_change_is_a_no_and_no_file(run: Run, current: Project) -> None:
    done = run("migrate", "-m", "nothing")
    assert (done.code, done.json["error"]["kind"]) == (1, "nothing_to_do")
    assert current.files == ["r1_.py"]


def test_models_that_are_not_imported_drop_nothing(run: Run, current: Project) -> None:
    current.write("models.py", EMPTY_MODELS)
    for command in (("migrate", "-m", "x"), ("check",)):
        done = run(*command)
        assert (done.code, done.json["error"]["kind"]) == (3, "configuration")
        assert "no model is loaded" in done.json["error"]["message"]
    assert current.files == ["r1_.py"]


def test_models_that_are_not_imported_are_no_agreement(run: Run, project: Project) -> None:
    project.write("models.py", EMPTY_MODELS)
    done = run("migrate", "-m", "first")
    assert done.code == 3, done
    assert project.files == []


def test_an_env_py_without_metadata_is_exit_3(run: Run, current: Project) -> None:
    current.write("migrations/env.py", envs.NO_METADATA)
    for command in (("migrate", "-m", "x"), ("check",)):
        done = run(*command)
        assert done.code == 3
        assert "target_metadata" in done.json["error"]["message"]
    assert current.files == ["r1_.py"]


def test_pending_revisions_come_first(run: Run, current: Project) -> None:
    current.revision("r2", "r1")
    current.models(OTHER_TABLE)
    done = run("migrate", "-m", "x")
    assert (done.code, done.json["error"]["kind"]) == (1, "pending")
    assert current.files == ["r1_.py", "r2_.py"]


def test_two_heads_are_to_be_merged_first(run: Run, current: Project) -> None:
    current.revision("x1")
    done = run("migrate", "-m", "x")
    assert done.code == 3
    assert "x1" in done.json["error"]["message"]
    assert len(current.files) == 2


def test_an_empty_revision_needs_no_database(quick: Run, offline: Project) -> None:
    done = quick("--json", "migrate", "--empty", "-m", "by hand", cwd=offline.root)
    assert done.code == 0, done
    (file,) = offline.files
    assert "def upgrade" in (offline.versions / file).read_text()


def test_a_revision_id_may_be_chosen(quick: Run, offline: Project) -> None:
    done = quick("--json", "migrate", "--empty", "-m", "x", "--rev-id", "0001", cwd=offline.root)
    assert done.json["revision"] == "0001"


@pytest.mark.parametrize(
    "chosen", ["../../x", "a b", "x" * 33, "", "a/b", "a-b", "a@b", "a:b", "é", "x\n", "a\0b"]
)
def test_a_revision_id_that_alembic_or_the_disk_would_misread_is_refused(
    quick: Run, offline: Project, chosen: str
) -> None:
    done = quick("migrate", "--empty", "-m", "x", "--rev-id", chosen, cwd=offline.root)
    assert done.code == 2, done
    assert offline.files == []
    assert not list(offline.root.parent.glob("x*"))


def test_a_revision_id_that_is_taken_is_refused(quick: Run, offline: Project) -> None:
    path = offline.revision("r1")
    text = path.read_text()
    done = quick("migrate", "--empty", "-m", "x", "--rev-id", "r1", cwd=offline.root)
    assert done.code == 1, done
    assert "r1_.py" in done.err
    assert (offline.files, path.read_text()) == (["r1_.py"], text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_file_that_is_there_is_never_written_over(quick: Run, offline: Project) -> None:
    offline.options("file_template = %%(slug)s")
    assert quick("migrate", "--empty", "-m", "same", cwd=offline.root).code == 0
    before = (offline.versions / "same.py").read_text()
    done = quick("migrate", "--empty", "-m", "same", cwd=offline.root)
    assert done.code == 1, done
    assert (offline.versions / "same.py").read_text() == before
    assert offline.files == ["same.py"]


def test_the_bundled_sample_is_not_to_be_changed(quick: Run, tmp_path: Path) -> None:
    done = quick("migrate", "--empty", "-m", "x", cwd=tmp_path)
    assert done.code == 5
    assert "dbctl init" in done.err


HOSTILE = [
    '"""\nraise SystemExit(7)\n"""',
    "'''; raise SystemExit(7); '''",
    'ends with "',
    '"begins so',
    "back\\slash \\",
    "\\N{DASH} \\x \\u12",
    "${1/0} <% 1/0 %> {0} %s %(x)s {{x}}",
    "## no comment",
    "% if x:",
    "<%text>",
    "a\0b",
    "\ud800 half",
    "two\nlines\r\nthree\u2028four\x85five",
    "../../../etc/passwd",
    "é 日本語 🎉",
    "[/b][red]",
    "a" * 500,
]
EXAMPLES = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.text("\"\\'\n $%{}", max_size=9)
)


def authored(project: Project, message: str) -> Finished:
    for old in project.versions.glob("*.py"):
        old.unlink()
    return in_process("--json", "migrate", "--empty", f"--message={message}", cwd=project.root)


def everything_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(message=EXAMPLES)
@example(message='"""\nimport sys; sys.exit(7)\n"""')
def test_a_message_is_never_code_and_never_a_path(offline: Project, message: str) -> None:
    before = everything_below(offline.root.parent)
    done = authored(offline, message)
    if not "".join(c if c.isprintable() else " " for c in message).strip():
        assert done.code == 2
        return
    assert done.code == 0, done
    (file,) = everything_below(offline.root.parent) - before
    assert file.parent == offline.versions
    told = in_process("--json", "history", cwd=offline.root).json["revisions"]
    printable = "".join(c if c.isprintable() else " " for c in message)
    assert [one["message"] for one in told] == [" ".join(printable.split())]
    assert _has_only_the_usual(file.read_text(encoding="utf-8"))


def _has_only_the_usual(text: str) -> bool:
    """Whether the file is a docstring, imports, four names and two functions."""
    kinds = [type(node).__name__ for node in ast.parse(text).body]
    usual = ["Expr", "Import", "ImportFrom", *["Assign"] * 4, *["FunctionDef"] * 2]
    return kinds == usual


@pytest.mark.parametrize("message", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_alembic_reads_the_same_message(offline: Project, message: str) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    assert authored(offline, message).code == 0
    (script,) = ScriptDirectory.from_config(Config(offline.root / "alembic.ini")).walk_revisions()
    told = in_process("--json", "history", cwd=offline.root).json["revisions"]
    assert " ".join(script.doc.split()) == told[0]["message"]


@pytest.mark.parametrize("message", ["", "   ", "\n", "\0", "x" * 501, "x" * 10_000])
def test_a_message_that_says_nothing_or_too_much_is_refused(offline: Project, message: str) -> None:
    assert authored(offline, message).code == 2
    assert offline.files == []


def test_writing_a_revision_runs_no_revision(quick: Run, offline: Project) -> None:
    offline.revision("r1", up="raise SystemExit")
    assert quick("migrate", "--empty", "-m", "x", cwd=offline.root).code == 0
    assert len(offline.files) == 2
    assert "models" not in sys.modules


def test_authoring_leaves_the_database_alone(quick: Run, made: Make, database_url: str) -> None:
    project = made()
    assert quick("migrate", "-m", "first", cwd=project.root).code == 0
    assert rows_of(database_url) == {}
