"""What comes out: one document, at most six lines of error, no colour where none is wanted."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbctl.cli import emit
from dbctl.cli.options import Said
from dbctl.database.model import Place
from dbctl.errors import ConfigurationError
from dbctl.migrate.model import Applied, Upgraded
from tests import runner
from tests.cli.secret import ENCODED, leaks
from tests.projects.make import Project
from tests.runner import Finished
from tests.servers.server import Server

Quick = Callable[..., Finished]


def test_an_error_is_one_document_for_programs(quick: Quick) -> None:
    done = quick("--json", "--url", "sqlite:///none.db", "status")
    error = done.json["error"]
    assert done.code == 4
    assert error.keys() == {"code", "kind", "message", "hint"}
    assert (error["code"], error["kind"]) == (4, "missing_database")
    assert "none.db" in error["message"]
    assert "dbctl up" in error["hint"]


def test_an_error_is_cause_and_hint_for_people(quick: Quick) -> None:
    done = quick("--url", "sqlite:///none.db", "status")
    assert done.out == ""
    assert [line.split(":")[0] for line in done.error_lines] == ["error", "hint"]


@pytest.mark.parametrize("count", [1, 5, 6, 50])
def test_a_long_error_keeps_its_hint_within_six_lines(
    count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    emit.error(ConfigurationError("\n".join(["line"] * count), hint="do this"), Said())
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 6
    assert lines[-1] == "hint: do this"


def test_a_bug_says_only_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert emit.bug(KeyError("s3cr3t"), Said()) == 70
    said = capsys.readouterr().err
    assert "a bug in dbctl: KeyError" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize("stage", ["--quiet", ""])
def test_progress_is_on_stderr(stage: str, project: Project, quick: Quick) -> None:
    done = quick(*stage.split(), "--json", "up", cwd=project.root)
    assert done.json["created"] is True
    assert bool(done.err) is not stage.startswith("--quiet")


CUT = {
    "root help": ["--help"],
    "version": ["--version"],
    "help of a command": ["status", "--help"],
    "result": ["history"],
    "document": ["--json", "history"],
    "script": ["tables", "sql"],
}


@pytest.mark.parametrize("line", CUT.values(), ids=CUT)
def test_a_reader_that_goes_away_is_no_error(line: list[str], project: Project) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "dbctl", *line],
        cwd=project.root, env=runner.environment(), stdout=writing, stderr=subprocess.PIPE,
        check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def on_terminal(project: Project, *line: str, **env: str) -> bytes:
    """What the command writes when stdout and stderr are a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "dbctl", *line],
        cwd=project.root, env=runner.environment({"TERM": "xterm-256color", **env}),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    ):  # fmt: skip
        os.close(theirs)
        written = _all(ours)
    os.close(ours)
    return written


def _all(descriptor: int) -> bytes:
    parts = []
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    except OSError:
        pass  # the other end of a terminal is closed
    return b"".join(parts)


@pytest.mark.parametrize("line", [["history"], ["status"], ["nosuch"]], ids=" ".join)
@pytest.mark.parametrize("way", ["flag", "NO_COLOR", "dumb"])
def test_no_colour_is_no_escape_sequence_at_all(line: list[str], way: str, filled: Project) -> None:
    flag = ["--no-color"] if way == "flag" else []
    env = {"NO_COLOR": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}.get(way, {})
    written = on_terminal(filled, *flag, *line, **env)
    assert written
    assert b"\x1b" not in written


def test_a_terminal_has_colour(filled: Project) -> None:
    assert b"\x1b[" in on_terminal(filled, "status")


@pytest.mark.parametrize("line", [["history"], ["status"], ["up"]], ids=" ".join)
def test_a_pipe_has_no_colour(line: list[str], project: Project) -> None:
    done = runner.dbctl(*line, cwd=project.root, env={"TERM": "xterm-256color"})
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("line", [["status"], ["upgrade"], ["-vv", "up"]], ids=" ".join)
def test_debug_shows_a_traceback_and_no_secret(
    line: list[str], project: Project, server: Server
) -> None:
    url = server.url("nobody").replace(server.password, ENCODED)
    done = runner.dbctl("--debug", *line, cwd=project.root, env={"DATABASE_URL": url})
    assert done.code == 4
    assert "Traceback (most recent call last)" in done.err
    assert leaks(done.out + done.err) == []


@pytest.mark.parametrize("spelling", ["plain", "asyncpg", "psycopg", "libpq"])
def test_a_url_is_masked_unless_it_is_asked_for(spelling: str, quick: Quick) -> None:
    url = f"postgresql://me:{ENCODED}@h/x?sslmode=require"
    masked = quick("--url", url, "config", "url", "--format", spelling)
    revealed = quick("--url", url, "config", "url", "--format", spelling, "--reveal")
    assert leaks(masked.out + masked.err) == []
    assert ENCODED in revealed.out
    assert len(revealed.lines) == 1


def test_the_settings_are_shown_without_secrets(tmp_path: Path, quick: Quick) -> None:
    (tmp_path / ".env").write_text(
        f"DATABASE_URL=postgresql://me:{ENCODED}@h/x?sslpassword={ENCODED}\n"
    )
    for flags in ([], ["--json"], ["--debug", "-vv"]):
        done = quick(*flags, "config", "show")
        assert done.code == 0
        assert leaks(done.out + done.err) == []
        assert "DATABASE_URL in .env" in done.out


@pytest.mark.parametrize(("count", "rows"), [(20, 20), (21, 5)])
def test_of_many_revisions_the_slowest_are_shown(
    count: int, rows: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tuple(Applied(f"r{one:03}", f"about {one}", one / 100) for one in range(count))
    place = Place("sqlite", None, "data.db", "3")
    emit.result(Upgraded("local", place, (), (ran[-1].revision,), ran, False), Said())
    lines = capsys.readouterr().out.splitlines()
    shown = [line.split()[0] for line in lines if " about " in line]
    assert shown == [one.revision for one in ran[-rows:]]
    assert ("21 revisions applied in 2.10 s; the slowest:" in lines) == (count > 20)
    assert ("all of them: dbctl history -r base:r020" in lines) == (count > 20)


def test_many_revisions_are_summed_up_with_the_command_that_lists_them(
    project: Project, quick: Quick
) -> None:
    project.chain(25)
    quick("database", "create", cwd=project.root)
    done = quick("upgrade", cwd=project.root)
    assert done.code == 0, done
    assert done.lines[0].startswith("25 revisions applied in ")
    listing = next(line for line in done.lines if line.startswith("all of them: "))
    words = listing.partition(": dbctl ")[2].split()
    shown = quick("--json", *words, cwd=project.root).json["revisions"]
    assert len(shown) == 25
