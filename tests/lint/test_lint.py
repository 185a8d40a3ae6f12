"""The command: what it looks at, what it prints, what answers for a finding."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lint.engine import BEFORE, functions, written
from tests.runner import Finished

Run = Callable[..., Finished]
ENV = """
import sqlalchemy as sa
from alembic import context
from models import metadata

context.configure(dialect_name="postgresql", target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
"""
MODELS = 'import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table("users", metadata, sa.Column("plan", sa.Text))\n'
NO = 'raise NotImplementedError("no")'
INDEX = functions('op.create_index("ix", "users", ["plan"])', NO)
DROP = functions('op.drop_column("users", "plan")', NO)
SQL = functions('op.execute("TRUNCATE users")', NO)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two revisions: tables, and a dangerous index."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\npath_separator = os\n"
    )
    (tmp_path / "migrations" / "env.py").write_text(ENV)
    (tmp_path / "models.py").write_text(MODELS)
    written(versions, "r0", BEFORE, None)
    written(versions, "r1", INDEX, "r0")
    return tmp_path


def add(project: Path, name: str, text: str, down: str = "r1") -> Path:
    """One revision more."""
    return written(project / "migrations" / "versions", name, text, down).file


def errors(done: Finished) -> list[tuple[str, str]]:
    """Revision and rule of each error."""
    return [
        (one["revision"], one["rule"]) for one in done.json["findings"] if one["level"] == "error"
    ]


def test_a_finding_has_rule_place_message_and_fix(project: Path, quick: Run) -> None:
    """The keys of the contract; exit 1."""
    done = quick("lint", "--json", cwd=project)
    found = next(one for one in done.json["findings"] if one["level"] == "error")
    assert done.code == 1
    assert found.pop("message").startswith("building ix stops every write to users")
    assert "postgresql_concurrently=True" in found.pop("fix")
    file = "migrations/versions/r1.py"
    assert found == {"rule": "create-index", "level": "error", "revision": "r1", "file": file, "line": 12, "column": 5, "table": "users"}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "revisions"),
    [
        ((), ["r1", "r2"]),
        (("r2",), ["r2"]),
        (("r0:r1",), ["r1"]),
        (("r1:heads",), ["r2"]),
        (("base:head",), ["r1", "r2"]),
    ],
)
def test_a_range_is_after_from_up_to_to(
    project: Path, quick: Run, words: Any, revisions: Any
) -> None:
    """One revision, a range, or all."""
    add(project, "r2", SQL)
    assert [one for one, _ in errors(quick("lint", "--json", *words, cwd=project))] == revisions


def test_since_looks_at_what_git_has_not(project: Path, quick: Run) -> None:
    """Changed files, and new ones that nobody added."""
    git = ["git", "-C", str(project), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    assert quick("lint", "--json", "--since", "HEAD", cwd=project).json["revisions"] == 0
    add(project, "r2", SQL)
    assert errors(quick("lint", "--json", "--since", "HEAD", cwd=project)) == [
        ("r2", "rows-removed")
    ]
    assert quick("lint", "--since", "nowhere", cwd=project).code == 3


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("  # dbctl: ignore rows-removed -- it is a cache", True),
        ("  # dbctl: ignore drop-table, rows-removed -- it is a cache", True),
        ("  # dbctl: ignore rows-removed", False),
        ("  # dbctl: ignore drop-table -- another rule", False),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_a_comment_with_a_reason_answers_for_a_finding(project: Path, quick: Run, comment: str, silent: bool, above: bool) -> None:  # fmt: skip
    """Behind the statement or alone above it."""
    line = 'op.execute("TRUNCATE users")'
    add(project, "r2", functions(f"{comment.strip()}\n{line}" if above else line + comment, NO))
    done = quick("lint", "r2", "--json", cwd=project)
    assert (errors(done) == []) is silent
    assert done.json["ignored"] == int(silent)
    rules = {one["rule"] for one in done.json["findings"]}
    assert ("ignore-without-reason" in rules) is ("--" not in comment)


def test_the_configuration_disables_and_changes_levels(project: Path, quick: Run) -> None:
    """`[tool.dbctl.lint]`; a name that no rule has is an error."""
    toml = project / "pyproject.toml"
    toml.write_text(
        '[tool.dbctl.lint]\ndisabled = ["drop-column"]\nlevels = { "create-index" = "hint" }\nserver_version = "16.2"\n'
    )
    add(project, "r2", DROP)
    done = quick("lint", "--json", cwd=project)
    assert errors(done) == [("r2", "mapped-column")]
    assert done.json["server_version"] == "16.2"
    toml.write_text('[tool.dbctl.lint]\ndisabled = ["drop-colum"]\n')
    assert "did you mean drop-column?" in quick("lint", cwd=project).err


def test_the_dialect_decides_which_rules_are_asked(project: Path, quick: Run) -> None:
    """By option, by configuration, by URL."""
    assert quick("lint", "r1", "--dialect", "sqlite", cwd=project).code == 0
    assert quick("--url", "sqlite:///x.db", "lint", "r1", cwd=project).code == 0
    assert quick("--url", "postgresql://nowhere.invalid/x", "lint", "r1", cwd=project).code == 1
    assert not (project / "x.db").exists()


def test_an_env_that_cannot_be_run_is_said_and_worked_around(project: Path, quick: Run) -> None:
    """Its models are missing then, and a note says so."""
    (project / "models.py").write_text("import no_such_module\n")
    done = quick("lint", "--json", cwd=project)
    assert errors(done) == [("r1", "create-index")]
    assert "env.py could not be run" in done.json["notes"][0]


def test_a_graph_that_does_not_fit_is_findings(project: Path, quick: Run) -> None:
    """Several heads, a duplicate, a missing one: other commands stop at the first."""
    add(project, "r2", functions("", None), down="gone")
    twin = add(project, "r3", functions("", None), down="r0")
    twin.with_name("twin.py").write_text(twin.read_text())
    rules = {rule for _, rule in errors(quick("lint", "--json", cwd=project))}
    assert {"several-heads", "duplicate-revision", "missing-revision"} <= rules


def test_text_shows_line_level_rule_and_fix_by_file(project: Path, quick: Run) -> None:
    """And nothing is wider than a terminal but code."""
    done = quick("lint", cwd=project)
    assert "migrations/versions/r1.py" in done.lines
    assert "    12  error  create-index" in done.lines
    assert done.lines[-1] == "next: dbctl lint --explain create-index"
    assert all(len(line) <= 80 for line in done.lines if "op." not in line)


def test_github_gets_annotations_that_nothing_breaks(project: Path, quick: Run) -> None:
    """One line each; what would end or forge a command is escaped."""
    add(project, "r2", functions('op.drop_table("a,b::c\\n%")', NO))
    lines = quick("lint", "--format", "github", cwd=project).lines
    assert all(
        line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines
    )
    place = "file=migrations/versions/r2.py,line=12,col=5,title=dbctl lint%3A drop-table"
    assert any(f" {place}::" in line and "a,b::c%0A%25" in line for line in lines)


def test_sarif_is_what_the_standard_says(project: Path, quick: Run) -> None:
    """The parts that code scanning requires."""
    done = quick("lint", "--format", "sarif", cwd=project)
    document = json.loads(done.out)
    run = document["runs"][0]
    known = {one["id"] for one in run["tool"]["driver"]["rules"]}
    assert (document["version"], done.code) == ("2.1.0", 1)
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert result["ruleId"] in known
        assert result["level"] in {"error", "warning", "note"}
        assert place["region"]["startLine"] >= 1
        assert not place["artifactLocation"]["uri"].startswith("/")


def test_markdown_is_a_table_and_code(project: Path, quick: Run) -> None:
    """For a pull request."""
    text = quick("lint", "--format", "markdown", cwd=project).out
    assert "| 12 | **error** | `create-index` |" in text
    assert text.count("```") % 2 == 0


def test_explain_prints_a_rules_documentation(quick: Run) -> None:
    """What blocks, the code, the source; a wrong name gets the right one."""
    text = quick("lint", "--explain", "set_not_null").out
    assert text.startswith("set-not-null  error  postgresql")
    assert "Source: https://www.postgresql.org" in text
    wrong = quick("lint", "--explain", "set-not-nul")
    assert (wrong.code, "did you mean set-not-null?" in wrong.err) == (2, True)


def test_without_the_extra_operations_are_judged_and_sql_is_said(project: Path) -> None:
    """In a process in which the parser cannot be found."""
    add(project, "r2", SQL)
    code = "import importlib.util as u, sys\nfind = u.find_spec\nu.find_spec = lambda name, *a: None if name == 'postgast' else find(name, *a)\nfrom dbctl.cli.main import main\nmain(['lint', '--json'])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, check=False
    )
    said = json.loads(done.stdout)
    assert [one["rule"] for one in said["findings"] if one["level"] == "error"] == ["create-index"]
    assert "dbctl-lifecycle[lint]" in said["notes"][0]


def test_squawk_is_merged_at_the_right_line(project: Path, quick: Run, monkeypatch: Any) -> None:
    """Its lines begin at 0; on what a rule here judges it has no word."""
    script = project / "bin" / "squawk"
    script.parent.mkdir()
    said = [
        {"line": 1, "rule_name": rule, "message": "m", "help": "h", "file": "0.sql"}
        for rule in ("ban-drop-database", "ban-drop-table")
    ]
    script.write_text(f"#!/bin/sh\ncat <<'X'\n{json.dumps(said)}\nX\n")
    script.chmod(0o755)
    add(project, "r2", functions('op.execute("SELECT 1")\nop.drop_table("posts")', NO))
    done = quick(
        "lint", "r2", "--json", cwd=project, env={"PATH": f"{script.parent}:/usr/bin:/bin"}
    )
    theirs = [one for one in done.json["findings"] if one["rule"].startswith("squawk/")]
    assert [(one["rule"], one["line"], one["level"]) for one in theirs] == [
        ("squawk/ban-drop-database", 13, "hint")
    ]
