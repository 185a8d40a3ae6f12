"""Completion in real shells: what is offered, and what a hostile file cannot do there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbctl.cli import complete, scan
from tests import runner
from tests.cli import shells
from tests.projects.make import Project
from tests.runner import Finished

Quick = Callable[..., Finished]
IDS = ["r1", "r2", "r3"]
SYMBOLS = ["head", "heads", "base"]
HOSTILE = [
    "$(touch pwned)", "`touch pwned`", "a;touch pwned", "a b", "-rf", "~root", "*", "a'b", 'a"b',
    "a\\b", "a\x1b[31mb", "a>pwned", "a|touch pwned", "a\u202eb", "=ls", "!!", "{a,b}", "a" * 200,
]  # fmt: skip


def words(quick: Quick, *line: str, cwd: Path | None = None) -> list[str]:
    """What is offered for the last word, without the meanings."""
    done = quick("__complete", "zsh", "", *line, cwd=cwd)
    assert (done.code, done.err) == (0, "")
    return [one.split("\t")[0] for one in done.lines]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (["upg"], ["upgrade"]),
        (["tables", "tr"], ["truncate"]),
        (["tables", "--json", "tr"], ["truncate"]),
        (["--env", "tables", "tables", "tr"], ["truncate"]),
        (["--env", "l"], ["local"]),
        (["status", "--env=t"], ["--env=tst"]),
        (["config", "url", "--format", "a"], ["asyncpg"]),
        (["config", "url", "--format=a"], ["--format=asyncpg"]),
        (["--log-format", ""], ["text", "json"]),
        (["up", "--no-s"], ["--no-seed", "--no-snapshot"]),
        (["completion", ""], ["bash", "fish", "zsh"]),
        (["--config", ""], [":files"]),
        (["init", "x"], [":files"]),
        (["--url", ""], []),
        (["tables", "show", "--", "--j"], []),
        (["nosuch", ""], []),
    ],
    ids=" ".join,
)
def test_words_are_offered_where_they_may_stand(
    line: list[str], offered: list[str], quick: Quick
) -> None:
    assert sorted(words(quick, *line)) == sorted(offered)


@pytest.mark.parametrize(
    "line",
    ["upgrade", "downgrade", "plan", "show", "edit", "merge r1", "stamp", "migrate --head"],
)
def test_revisions_are_offered(line: str, project: Project, quick: Quick) -> None:
    assert words(quick, *line.split(), "", cwd=project.root) == [*SYMBOLS, *IDS]


def test_a_label_is_offered_with_its_head(project: Project, quick: Quick) -> None:
    project.revision("r4", "r3", labels=["billing"])
    assert words(quick, "upgrade", "bil", cwd=project.root) == ["billing@head"]


def test_other_folders_of_revisions_are_read(project: Project, quick: Quick) -> None:
    project.options("version_locations = %(here)s/one %(here)s/two")
    project.revision("other", folder="two")
    assert words(quick, "show", "o", cwd=project.root) == ["other"]


def test_the_project_that_is_named_is_read(project: Project, quick: Quick) -> None:
    named = str(project.root / "alembic.ini")
    assert words(quick, "--config", named, "upgrade", "r") == IDS


@pytest.mark.parametrize("line", ["tables show", "tables truncate", "tables truncate authors"])
def test_tables_of_models_and_revisions_are_offered(
    line: str, project: Project, quick: Quick
) -> None:
    found = words(quick, *line.split(), "", cwd=project.root)
    assert sorted(found) == ["authors", "t1", "t2", "t3"]


def test_environments_of_the_project_are_offered(project: Project, quick: Quick) -> None:
    project.write("pyproject.toml", "[tool.dbctl.env.staging]\nprotected = true\n")
    project.write(".env.review", "")
    found = words(quick, "--env", "", cwd=project.root)
    assert sorted(found) == ["dev", "local", "prd", "review", "staging", "tst"]


def test_bash_completes_a_revision(project: Project) -> None:
    assert shells.bash("dbctl upgrade r", project.root).split() == IDS


def test_bash_completes_behind_an_equals_sign(project: Project) -> None:
    found = shells.bash("dbctl --env=t", project.root, words=["dbctl", "--env", "=", "t"])
    assert found == "tst"


def test_bash_completes_behind_an_at_sign(project: Project) -> None:
    project.revision("r4", "r3", labels=["billing"])
    line = ["dbctl", "upgrade", "billing", "@", "h"]
    assert shells.bash("dbctl upgrade billing@h", project.root, words=line) == "head"


def test_bash_lists_meanings_and_inserts_none(project: Project) -> None:
    listed = shells.bash("dbctl upgrade r", project.root, listing=True)
    assert listed.splitlines()[0].split("  ")[-1].strip() == "about r1"
    assert shells.bash("dbctl upgrade r1", project.root, listing=True) == "r1"


def test_a_key_in_bash_completes_the_line(project: Project) -> None:
    shown = shells.typed(
        b"echo dbc''tl; : dbctl; dbctl --version; dbctl stat\t--json", project.root
    )
    assert "dbctl status " in shown.replace("\r", "")


def test_zsh_completes_with_meanings(project: Project) -> None:
    assert shells.zsh("dbctl upgrade r2", project.root).split() == ["r2"]
    assert shells.zsh("dbctl --config ", project.root) == "FILES"


def test_fish_completes_with_meanings(project: Project) -> None:
    assert shells.fish("dbctl upgrade r2", project.root) == "r2\tabout r2"
    assert shells.fish("dbctl --env=t", project.root) == "--env=tst"
    assert shells.fish("dbctl --config alem", project.root) == "alembic.ini"


@pytest.fixture
def hostile(project: Project) -> Project:
    """Revisions, tables, environments and files whose names and messages are commands."""
    for number, name in enumerate(HOSTILE):
        text = f"revision = {name!r}\nbranch_labels = [{name!r}]\n"
        project.write(f"migrations/versions/x{number}.py", f'"""{name}"""\n{text}')
        project.write(f"models{number}.py", f"__tablename__ = {name!r}\ncreate_table({name!r})\n")
    project.write("migrations/versions/$(touch pwned).py", '"""$(touch pwned)"""\nrevision="ok"')
    project.write("pyproject.toml", '[tool.dbctl.env."$(touch pwned)"]\n[tool.dbctl]\n')
    return project


@pytest.mark.parametrize("line", ["upgrade", "tables show", "--env", "merge"])
def test_a_hostile_name_is_not_offered(line: str, hostile: Project, quick: Quick) -> None:
    found = words(quick, *line.split(), "", cwd=hostile.root)
    assert found
    assert all(word.replace("_", "").replace("@", "").isalnum() for word in found)


@pytest.mark.parametrize("line", ["upgrade", "tables show", "--env"])
@pytest.mark.parametrize("listing", [False, True], ids=["inserted", "listed"])
def test_bash_runs_nothing_of_a_hostile_name(line: str, listing: bool, hostile: Project) -> None:
    found = shells.bash(f"dbctl {line} ", hostile.root, listing=listing)
    if not listing:
        subprocess.run(
            ["bash", "-c", f"echo {' '.join(found.split())}"], cwd=hostile.root, check=True
        )
    assert found
    assert "\x1b" not in found
    assert not list(hostile.root.rglob("pwned"))


def test_the_other_shells_run_nothing_of_a_hostile_name(hostile: Project) -> None:
    for line in ("upgrade ", "tables show ", "--env "):
        assert "head" in shells.fish(f"dbctl {line}", hostile.root) or line != "upgrade "
        shells.zsh(f"dbctl {line}", hostile.root)
    assert not list(hostile.root.rglob("pwned"))


def test_a_message_is_shown_on_one_short_line(project: Project, quick: Quick) -> None:
    project.revision("long", message="\x1b]0;x\x07 \u202e " + "x" * 300)
    (line,) = quick("__complete", "zsh", "", "show", "lo", cwd=project.root).lines
    assert line.isprintable() or line.replace("\t", "").isprintable()
    assert len(line) < 80


BROKEN: dict[str, Callable[[Project], object]] = {
    "toml": lambda at: at.write("pyproject.toml", "[tool.dbctl"),
    "ini": lambda at: at.write("alembic.ini", "[alembic\nscript_location = %(nosuch)s"),
    "no folder": lambda at: (at.root / "alembic.ini").write_text("[alembic]\nscript_location=no\n"),
    "bytes": lambda at: (at.versions / "r0.py").write_bytes(b"revision = '\xff\xfe\x00'\n"),
    "a folder": lambda at: (at.versions / "folder.py").mkdir(),
    "a dead link": lambda at: (at.versions / "dead.py").symlink_to("nowhere"),
}


@pytest.mark.parametrize("kind", ["upgrade", "tables show", "--env"])
@pytest.mark.parametrize("break_project", BROKEN.values(), ids=BROKEN)
def test_nothing_that_is_broken_is_said_while_completing(
    kind: str, break_project: Callable[[Project], object], project: Project, quick: Quick
) -> None:
    break_project(project)
    done = quick("__complete", "bash", "=:", *kind.split(), "", cwd=project.root)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("line", [[], ["bash"], ["nosuch", "", ""], ["bash", "", "\udcff", "\0"]])
def test_a_senseless_question_has_no_answer_and_no_error(line: list[str], quick: Quick) -> None:
    done = quick("__complete", *line)
    assert (done.code, done.err) == (0, "")


def test_a_folder_that_is_gone_is_no_error(project: Project, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = (
        f"cd {gone} && rmdir {gone} && {sys.executable} -m dbctl __complete bash '' upgrade ''"
    )
    done = subprocess.run(
        ["sh", "-c", command], env=runner.environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_pipe_among_the_files_is_not_waited_for(project: Project, quick: Quick) -> None:
    os.mkfifo(project.versions / "pipe.py")
    assert words(quick, "upgrade", "r", cwd=project.root) == IDS


def test_a_scan_ends_by_the_clock_with_what_it_has(
    monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    def endless(_: object) -> object:
        yield "first", ""
        while True:
            pass

    monkeypatch.setitem(scan._SOURCES, "table", endless)
    assert scan.found("table", {}, seconds=0.1) == [("first", "")]


def test_a_scan_ends_by_the_number_of_files(
    monkeypatch: pytest.MonkeyPatch, project: Project, quick: Quick
) -> None:
    monkeypatch.setattr(scan, "FILES_AT_MOST", 2)
    assert words(quick, "upgrade", "r", cwd=project.root) == IDS[:2]


def test_a_scan_ends_by_bytes(
    monkeypatch: pytest.MonkeyPatch, project: Project, quick: Quick
) -> None:
    monkeypatch.setattr(scan, "BYTES_AT_MOST", 1)
    assert words(quick, "upgrade", "r", cwd=project.root) == IDS[:1]


def test_installed_packages_and_tests_are_not_scanned(project: Project, quick: Quick) -> None:
    for folder in ("tests", ".hidden", "lib/site-packages", "node_modules", "mine"):
        project.write(f"{folder}/x.py", f'__tablename__ = "in_{folder[-3:]}"\n')
    project.write("mine/pyvenv.cfg", "")
    assert words(quick, "tables", "show", "in_", cwd=project.root) == []


def test_completing_imports_and_runs_nothing_of_the_project(hostile: Project) -> None:
    hostile.write("migrations/versions/boom.py", "open('ran', 'w')\nrevision = 'boom'\n")
    command = [
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "dbctl",
        "__complete",
        "bash",
        "",
        "show",
        "",
    ]
    done = runner.run(command, cwd=hostile.root)
    modules = {line.split("|")[-1].strip().split(".")[0] for line in done.error_lines}
    assert "boom" in done.lines
    assert not modules & {"alembic", "sqlalchemy", "typer", "click", "rich", "pydantic", "asyncio"}
    assert not (hostile.root / "ran").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_same_on_the_quick_path_and_in_the_document(
    shell: str, quick: Quick
) -> None:
    quickly = quick("completion", shell)
    assert quickly.out == complete.script(shell) == quick("completion", shell, "--no-color").out
    assert quick("--json", "completion", shell).json == {"shell": shell, "script": quickly.out}


def test_another_shell_is_refused(quick: Quick) -> None:
    assert quick("completion", "tcsh").code == 2
