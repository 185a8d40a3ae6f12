"""Questions: each has a flag, is refused without a terminal, and is asked on a real one."""

import fcntl
import os
import pty
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import runner
from tests.projects.make import Project
from tests.runner import Finished
from tests.schema import rows_of

Quick = Callable[..., Finished]

ASKING = {
    "drop tables": ["tables", "drop"],
    "truncate": ["tables", "truncate", "authors"],
    "drop database": ["database", "drop"],
    "reset": ["reset"],
}
ROWS = {"authors": 3, "other": 0}


def rows(project: Project) -> dict[str, int]:
    """The rows of the project's database."""
    return rows_of(f"sqlite:///{project.root / 'data.db'}")


@pytest.mark.parametrize("line", ASKING.values(), ids=ASKING)
def test_without_a_terminal_a_question_is_a_refusal(
    line: list[str], filled: Project, quick: Quick
) -> None:
    done = quick(*line, cwd=filled.root, stdin="y\n")
    assert done.code == 5
    assert "hint: add --yes" in done.err
    assert rows(filled) == ROWS


@pytest.mark.parametrize("line", ASKING.values(), ids=ASKING)
def test_such_a_refusal_names_the_flag_for_programs(
    line: list[str], filled: Project, quick: Quick
) -> None:
    error = quick("--json", *line, cwd=filled.root).json["error"]
    assert (error["code"], error["kind"]) == (5, "not_confirmed")
    assert "--yes" in error["hint"]


@pytest.mark.parametrize("line", ASKING.values(), ids=ASKING)
def test_what_would_be_lost_is_said_first(line: list[str], filled: Project, quick: Quick) -> None:
    done = quick(*line, cwd=filled.root)
    assert "would be lost" in done.err
    assert "authors: 3 rows" in done.err


@pytest.mark.parametrize("line", ASKING.values(), ids=ASKING)
def test_yes_answers(line: list[str], filled: Project, quick: Quick) -> None:
    done = quick("--yes", *line, cwd=filled.root)
    assert done.code == 0, done
    database = filled.root / "data.db"
    assert not database.exists() or rows(filled).get("authors", 0) == 0


@pytest.mark.parametrize("line", ASKING.values(), ids=ASKING)
def test_a_protected_environment_refuses_even_a_yes(
    line: list[str], filled: Project, quick: Quick
) -> None:
    url = f"sqlite:///{filled.root / 'data.db'}"
    done = quick("--yes", "--env", "prd", "--url", url, *line, cwd=filled.root)
    assert done.code == 5
    assert "prd is protected" in done.err
    assert rows(filled) == ROWS


@dataclass
class Terminal:
    """A command whose stdin is a terminal of its own; what it writes is in files."""

    keyboard: int
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def written(self) -> str:
        """What stands on stderr."""
        return (self.folder / "err").read_text()

    def until(self, text: str, times: int = 1) -> None:
        """Wait until `text` was written so often."""
        end = time.monotonic() + 20
        while self.written.count(text) < times and time.monotonic() < end:
            time.sleep(0.02)
        assert self.written.count(text) >= times, self.written

    def type(self, keys: bytes) -> int:
        """Type the keys; the exit code that comes of it."""
        os.write(self.keyboard, keys)
        return self.process.wait(timeout=20)


def _controlled() -> None:
    # Only a controlling terminal turns Ctrl-C into SIGINT.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(project: Project, *line: str, **env: str) -> Iterator[Terminal]:
    """The command, running; stdout and stderr are the files `out` and `err`."""
    keyboard, theirs = pty.openpty()
    with (project.root / "out").open("wb") as out, (project.root / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "dbctl", *line],
            cwd=project.root, env=runner.environment({"TERM": "xterm", **env}),
            stdin=theirs, stdout=out, stderr=err,
            start_new_session=True,
            preexec_fn=_controlled,  # noqa: PLW1509 - one ioctl, which takes no lock
        )  # fmt: skip
    os.close(theirs)
    try:
        yield Terminal(keyboard, process, project.root)
    finally:
        process.kill()
        process.wait()
        os.close(keyboard)


ANSWERS = {
    "y": (b"y\n", 0, 0),
    "YES": (b"YES\n", 0, 0),
    "asked again": (b"what?\ny\n", 0, 0),
    "n": (b"n\n", 5, 3),
    "enter": (b"\n", 5, 3),
    "end of input": (b"\x04", 5, 3),
    "Ctrl-C": (b"\x03", 130, 3),
}


@pytest.mark.parametrize(("keys", "code", "left"), ANSWERS.values(), ids=ANSWERS)
def test_a_question_on_a_terminal_is_answered(
    keys: bytes, code: int, left: int, filled: Project
) -> None:
    with terminal(filled, "tables", "truncate", "authors") as screen:
        screen.until("[y/N]: ")
        assert "authors: 3 rows" in screen.written
        assert screen.type(keys) == code
    assert rows(filled)["authors"] == left


def test_a_question_leaves_stdout_to_the_result(filled: Project) -> None:
    with terminal(filled, "--json", "tables", "truncate", "authors") as screen:
        screen.until("[y/N]: ")
        screen.type(b"y\n")
    assert (filled.root / "out").read_bytes().startswith(b'{\n  "action": "truncate"')


def test_ctrl_c_at_a_question_says_so_in_a_word(filled: Project) -> None:
    with terminal(filled, "reset") as screen:
        screen.until("[y/N]: ")
        screen.type(b"\x03")
    assert "interrupted" in screen.written.splitlines()[-2:][0]
    assert len(screen.written.splitlines()) <= 6
    assert "Traceback" not in screen.written


def test_nothing_is_asked_when_the_file_is_not_there(tmp_path: Path, quick: Quick) -> None:
    with closing((tmp_path / "x").open("w")):
        done = quick("--yes", "--url", "sqlite:///none.db", "database", "drop", "--json")
    assert done.json["changed"] is False


PROTECTED = ("--env", "prd", "--url", "sqlite:///data.db", "tables", "truncate", "authors")
TYPED = {
    "the name": (b"data.db\n", 0, 0),
    "another name": (b"data\n", 5, 3),
    "yes": (b"yes\n", 5, 3),
    "enter": (b"\n", 5, 3),
    "end of input": (b"\x04", 5, 3),
    "Ctrl-C": (b"\x03", 130, 3),
}


@pytest.mark.parametrize(("keys", "code", "left"), TYPED.values(), ids=TYPED)
def test_the_name_of_a_protected_database_is_typed(
    keys: bytes, code: int, left: int, filled: Project
) -> None:
    allowed = {"DBCTL_ALLOW_DESTRUCTIVE": "data.db"}
    with terminal(filled, *PROTECTED, "--no-snapshot", "--yes", **allowed) as screen:
        screen.until("empty these tables? type its name, data.db: ")
        assert "authors: 3 rows" in screen.written
        assert screen.type(keys) == code
    assert rows(filled)["authors"] == left


def test_nothing_is_asked_before_everything_else_is_said(filled: Project) -> None:
    with terminal(filled, *PROTECTED, "--no-snapshot") as screen:
        assert screen.process.wait(timeout=20) == 5
    assert "type its name" not in screen.written
    assert "DBCTL_ALLOW_DESTRUCTIVE=data.db in the environment" in screen.written
    assert rows(filled) == ROWS


def test_a_refusal_has_at_most_six_lines_and_names_the_command(
    filled: Project, quick: Quick
) -> None:
    done = quick("-q", "--yes", *PROTECTED, cwd=filled.root)
    assert done.code == 5
    assert len(done.error_lines) <= 6
    assert done.error_lines[-1] == (
        "hint: DBCTL_ALLOW_DESTRUCTIVE=data.db dbctl -q --yes --env prd --url sqlite:///data.db "
        "tables truncate authors --confirm-name data.db"
    )


LINES = {
    "a flag that was said": (("--confirm-name=x",), "truncate authors --confirm-name data.db"),
    "as two words": (("--confirm-name", "x"), "truncate authors --confirm-name data.db"),
    "behind --": (
        ("--", "other"),
        "truncate authors --confirm-name data.db -- other",
    ),
    "no snapshot": (("--no-snapshot",), "authors --no-snapshot --confirm-name data.db"),
}


@pytest.mark.parametrize(("more", "command"), LINES.values(), ids=LINES)
def test_the_command_of_a_refusal_says_each_thing_once(
    filled: Project, quick: Quick, more: tuple[str, ...], command: str
) -> None:
    hint = quick("--json", *PROTECTED, *more, cwd=filled.root).json["error"]["hint"]
    assert command in hint
    assert hint.count("--confirm-name") == 1
    assert hint.count("--no-snapshot") == more.count("--no-snapshot")
