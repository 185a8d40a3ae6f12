"""Each `alembic` command and what dbctl does in the same situation.

The table below is the promise: the same rows in the version table and the same schema where both
do something, and dbctl's own exit codes where it says no.
"""

import io
import shutil
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic.config import CommandLine

from tests.migrate.test_upgrade import asked, versions
from tests.projects.make import Project, make, table
from tests.runner import Finished, in_process
from tests.schema import schema_of

Prepare = Callable[[Project, str], None]


def alembic(*args: str, cwd: Path) -> int:
    """The plain command, in this process for speed: its exit code."""
    before = list(sys.path)
    try:
        with chdir(cwd), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            CommandLine().main(list(args))
        return 0
    except (Exception, SystemExit):  # noqa: BLE001 - Alembic has no tree of errors
        return 1
    finally:
        sys.path[:] = before
        sys.modules.pop("models", None)


def _sql(url: str, *statements: str) -> None:
    for statement in statements:
        asked(url, statement)


def fresh(project: Project, url: str) -> None:
    """Three revisions, an empty database."""
    project.chain()
    Path(url.split(":///")[1]).touch()


def midway(project: Project, url: str) -> None:
    """The database is at the second of three."""
    fresh(project, url)
    assert alembic("upgrade", "r2", cwd=project.root) == 0


def at_head(project: Project, url: str) -> None:
    """The database has everything."""
    fresh(project, url)
    assert alembic("upgrade", "head", cwd=project.root) == 0


def two_heads(project: Project, url: str) -> None:
    """Two revisions follow the first; the database is at the first."""
    fresh(project, url)
    project.revision("s2", "r1", up=table("s2"), undo='op.drop_table("s2")')
    assert alembic("upgrade", "r1", cwd=project.root) == 0


def two_rows(project: Project, url: str) -> None:
    """Two heads, and the version table holds both."""
    two_heads(project, url)
    assert alembic("upgrade", "heads", cwd=project.root) == 0


def missing_file(project: Project, url: str) -> None:
    """Somebody deleted the middle of the history."""
    at_head(project, url)
    (project.versions / "r2_.py").unlink()


def unknown_revision(project: Project, url: str) -> None:
    """The version table names a revision of another git branch."""
    at_head(project, url)
    _sql(url, "UPDATE alembic_version SET version_num = 'elsewhere'")


def wrong_rows(project: Project, url: str) -> None:
    """A row and its own ancestor: the version table of a merge by hand."""
    at_head(project, url)
    _sql(url, "INSERT INTO alembic_version VALUES ('r1')")


SITUATIONS: dict[str, Prepare] = {
    "fresh": fresh,
    "midway": midway,
    "at head": at_head,
    "two heads": two_heads,
    "two rows": two_rows,
    "missing file": missing_file,
    "unknown revision": unknown_revision,
}


@dataclass(frozen=True)
class Verb:
    """What is typed to each, and dbctl's exit code where it is not 0."""

    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    codes: dict[str, int] = field(default_factory=dict)


BROKEN = {"missing file": 3}
GONE = {**BROKEN, "unknown revision": 3}
VERBS: dict[str, Verb] = {
    "upgrade": Verb(("upgrade", "head"), ("upgrade",), {**GONE, "two heads": 3, "two rows": 3}),
    "upgrade heads": Verb(("upgrade", "heads"), ("upgrade", "heads"), GONE),
    "upgrade +1": Verb(
        ("upgrade", "+1"), ("upgrade", "+1"), {**GONE, "at head": 3, "two rows": 3, "two heads": 3}
    ),
    "downgrade": Verb(("downgrade", "base"), ("-y", "downgrade", "base"), GONE),
    "downgrade -1": Verb(
        ("downgrade", "-1"), ("-y", "downgrade", "-1"), {**GONE, "fresh": 3, "two rows": 3}
    ),
    "stamp": Verb(("stamp", "heads"), ("stamp", "heads"), GONE),
    "stamp --purge": Verb(("stamp", "--purge", "heads"), ("stamp", "--purge", "heads"), BROKEN),
    "ensure_version": Verb(("ensure_version",), ("ensure-version",)),
    "current": Verb(("current",), ("current",), BROKEN),
    "heads": Verb(("heads",), ("heads",), BROKEN),
    "branches": Verb(("branches",), ("branches",), BROKEN),
    "history": Verb(("history",), ("history",), BROKEN),
    "show": Verb(("show", "r1"), ("show", "r1"), BROKEN),
    "revision": Verb(
        ("revision", "-m", "x", "--head", "r3", "--rev-id", "new1"),
        ("migrate", "--empty", "-m", "x", "--head", "r3", "--rev-id", "new1"),
        BROKEN,
    ),
    "merge": Verb(
        ("merge", "heads", "-m", "x", "--rev-id", "new1"),
        ("merge", "-m", "x", "--rev-id", "new1"),
        {**BROKEN, **dict.fromkeys(("fresh", "midway", "at head", "unknown revision"), 1)},
    ),
    "check": Verb(
        ("check",),
        ("check",),
        {**GONE, "fresh": 1, "midway": 1, "at head": 1, "two heads": 1, "two rows": 1},
    ),
}


@pytest.fixture
def pair(tmp_path: Path) -> Callable[[str], tuple[Project, Project]]:
    """`pair(situation)`: the same project with the same database, twice."""

    def made(situation: str) -> tuple[Project, Project]:
        url = f"sqlite:///{tmp_path}/one/db.sqlite"
        first = make(tmp_path / "one", url="sqlite:///db.sqlite")
        SITUATIONS[situation](first, url)
        shutil.copytree(tmp_path / "one", tmp_path / "two")
        return first, Project(tmp_path / "two")

    return made


def _database(project: Project) -> str:
    return f"sqlite:///{project.root}/db.sqlite"


def _rows(project: Project) -> list[str]:
    there = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    return versions(_database(project)) if asked(_database(project), there) else []


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", VERBS)
def test_the_effect_is_that_of_alembic_and_the_answer_is_our_own(
    name: str, situation: str, pair: Callable[[str], tuple[Project, Project]]
) -> None:
    verb, (first, second) = VERBS[name], pair(situation)
    theirs = alembic(*verb.theirs, cwd=first.root)
    ours = in_process(*verb.ours, cwd=second.root)
    assert ours.code == verb.codes.get(situation, 0), str(ours)
    if ours.code != 0:
        _require_plain_words(ours)
    if theirs == 0 and ours.code == 0:
        assert _rows(first) == _rows(second)
    # Plain Alembic leaves an empty version table behind where there was nothing to undo.
    if theirs == 0 and ours.code == 0 and (name, situation) != ("downgrade", "fresh"):
        assert schema_of(_database(first)) == schema_of(_database(second))


def _require_plain_words(done: Finished) -> None:
    said = [line for line in done.err.splitlines() if line.startswith(("error:", "hint:"))]
    if said:
        assert len(done.error_lines) <= 4
    assert "Traceback" not in done.err


@pytest.mark.parametrize("situation", ["missing file", "unknown revision"])
def test_a_faulty_graph_is_one_message_that_names_file_and_revision(
    situation: str, pair: Callable[[str], tuple[Project, Project]]
) -> None:
    project, _ = pair(situation)
    done = in_process("upgrade", cwd=project.root)
    assert done.code == 3
    named = ("r3_.py", "r2") if situation == "missing file" else ("elsewhere",)
    assert all(word in done.err for word in named), done.err
    assert len(done.error_lines) <= 3


def test_a_schema_without_a_version_is_said_when_its_tables_are_in_the_way(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    at_head(project, f"sqlite:///{tmp_path}/one/db.sqlite")
    _sql(f"sqlite:///{tmp_path}/one/db.sqlite", "DELETE FROM alembic_version")
    done = in_process("upgrade", cwd=project.root)
    assert (done.code, "dbctl adopt" in done.err) == (3, True), str(done)


def test_two_rows_that_are_not_two_heads_can_be_stamped_right(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one/db.sqlite"
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    wrong_rows(project, url)
    refused = in_process("upgrade", cwd=project.root)
    assert (refused.code, "dbctl repair" in refused.err) == (3, True), str(refused)
    assert in_process("stamp", "--purge", "r3", cwd=project.root).code == 0
    assert versions(url) == ["r3"]


def test_edit_opens_the_file_of_the_revision(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    project.chain()
    editor = project.write("editor.sh", '#!/bin/sh\nprintf "%s" "$1" > "$OUT"\n')
    editor.chmod(0o755)
    out = tmp_path / "opened"
    said = {"EDITOR": str(editor), "OUT": str(out), "VISUAL": ""}
    assert in_process("edit", "r2", cwd=project.root, env=said).code == 0
    assert out.read_text() == str(project.versions / "r2_.py")


def test_an_editor_that_fails_is_said(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    project.chain()
    done = in_process("edit", "r2", cwd=project.root, env={"EDITOR": "false", "VISUAL": ""})
    assert (done.code, "false ended with exit 1" in done.err) == (9, True)


def test_history_takes_alembic_s_ranges(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    midway(project, f"sqlite:///{tmp_path}/one/db.sqlite")

    def ids(span: str) -> list[str]:
        found = in_process("--json", "history", "-r", span, cwd=project.root).json
        return [one["revision"] for one in found["revisions"]]

    assert ids("r2:head") == ["r3", "r2"]
    assert ids("base:r2") == ["r2", "r1"]
    assert ids("current:") == ["r3", "r2"]
    assert ids("-2:heads") == ["r3", "r2", "r1"]


def test_history_marks_the_place_of_the_database(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    midway(project, f"sqlite:///{tmp_path}/one/db.sqlite")
    done = in_process("history", "-i", cwd=project.root)
    assert [line.split("  ")[-1] for line in done.lines[:2]] == ["pending", "<- the database"]
    found = in_process("--json", "history", "-i", cwd=project.root).json
    assert [one["applied"] for one in found["revisions"]] == [False, True, True]


def test_history_draws_branches_and_merges(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    two_heads(project, f"sqlite:///{tmp_path}/one/db.sqlite")
    assert in_process("merge", "-m", "join", "--rev-id", "m4", cwd=project.root).code == 0
    lines = in_process("history", cwd=project.root).lines
    assert [line.split("  ")[0].rstrip() for line in lines] == [
        "* m4 (head)", "|\\", "* | r3", "* | r2", "| * s2", "|/", "* r1",
    ]  # fmt: skip


def test_x_arguments_reach_env_py(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    project.chain(1)
    env = (project.migrations / "env.py").read_text()
    seen = tmp_path / "seen"
    line = (
        "import pathlib\n"
        f"pathlib.Path({str(seen)!r}).write_text(repr(context.get_x_argument(as_dictionary=True)))\n"
    )
    project.write(
        "migrations/env.py",
        env.replace("config = context.config\n", f"config = context.config\n{line}", 1),
    )
    (project.root / "db.sqlite").touch()
    assert in_process("upgrade", "-x", "tenant=a", "-x", "b=c", cwd=project.root).code == 0
    assert seen.read_text() == "{'tenant': 'a', 'b': 'c'}"


def test_name_chooses_the_section_of_the_ini_file(tmp_path: Path) -> None:
    project = make(tmp_path / "one", url="sqlite:///db.sqlite")
    project.chain(1)
    ini = project.root / "alembic.ini"
    ini.write_text(ini.read_text() + "\n[other]\nscript_location = %(here)s/elsewhere\n")
    project.write(
        "elsewhere/versions/o1_.py", (project.versions / "r1_.py").read_text().replace("r1", "o1")
    )
    assert in_process("--json", "-n", "other", "heads", cwd=project.root).json["heads"] == ["o1"]
    assert in_process("heads", "--name", "nosuch", cwd=project.root).code == 3
