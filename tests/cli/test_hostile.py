"""Data from outside is text: no escape sequence and no markup of it reaches the terminal."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbctl.cli.text import clean
from tests.projects.make import Project
from tests.runner import Finished

Quick = Callable[..., Finished]

HOSTILE = {
    "colour": "\x1b[31mred",
    "title": "\x1b]0;title\x07",
    "link": "\x1b]8;;http://evil.test\x1b\\",
    "eight bits": "\x9b31m\x9d0;x\x9c",
    "back": "a\x08\x08b\rc",
    "lines": "a\nerror: b\x0b\x0c\x85\u2028c",
    "markup": "[/b][red]x[link=http://evil.test]",
    "direction": "\u202egnp.exe",
    "emoji": ":warning:",
}


@pytest.fixture(params=HOSTILE.values(), ids=list(HOSTILE))
def text(request: pytest.FixtureRequest) -> str:
    """Something that does more than it says."""
    return str(request.param)


def raw(done: Finished) -> set[str]:
    """The characters of the output that are more than text."""
    return {letter for letter in done.out + done.err if not letter.isprintable()} - {"\n"}


def shown(text: str) -> str:
    """What must be seen of it: all that is printable, in its order."""
    return clean(text)


@pytest.mark.parametrize(
    "line", [["tables", "list"], ["tables", "show", "{}"], ["tables", "show", "no{}"]], ids=" ".join
)
def test_a_tables_name_is_text(line: list[str], text: str, project: Project, quick: Quick) -> None:
    name = text.replace('"', '""')
    with closing(sqlite3.connect(project.root / "data.db")) as connection:
        connection.execute(f'CREATE TABLE "{name}" (id integer, "{name}" text DEFAULT "{name}")')
    done = quick(*[word.replace("{}", text) for word in line], cwd=project.root)
    assert raw(done) == set()
    assert shown(text)[:6] in done.out + done.err


def test_a_tables_name_is_whole_for_programs(text: str, project: Project, quick: Quick) -> None:
    with closing(sqlite3.connect(project.root / "data.db")) as connection:
        connection.execute(f'CREATE TABLE "{text}" (id integer)')
    (table,) = quick("--json", "tables", "list", cwd=project.root).json["tables"]
    assert table["name"] == text


@pytest.mark.parametrize("line", [["history"], ["status"], ["upgrade"]], ids=" ".join)
def test_a_revisions_message_is_text(
    line: list[str], text: str, project: Project, quick: Quick
) -> None:
    message = json.dumps(text, ensure_ascii=True)[1:-1]
    project.revision("r4", "r3", message=message)
    assert quick("database", "create", cwd=project.root).code == 0
    done = quick(*line, cwd=project.root)
    assert raw(done) == set()
    assert "r4" in done.out


ERRORS = {
    "command": ["no{}"],
    "option": ["status", "--no{}"],
    "environment": ["--env", "no{}", "status"],
    "revision": ["upgrade", "no{}"],
    "file": ["--config", "no{}.ini", "status"],
    "database": ["--url", "sqlite:///no{}.db", "status"],
    "scheme": ["--url", "no{}://h/x", "status"],
}


@pytest.mark.parametrize("line", ERRORS.values(), ids=ERRORS)
def test_what_an_error_quotes_is_text(
    line: list[str], text: str, project: Project, quick: Quick
) -> None:
    done = quick(*[word.replace("{}", text) for word in line], cwd=project.root)
    assert done.code in (1, 2, 3, 4)
    assert raw(done) == set()
    assert len(done.error_lines) <= 6


def test_an_error_of_the_models_is_text(text: str, project: Project, quick: Quick) -> None:
    project.models(f"\nraise RuntimeError({text!r})\n")
    assert quick("database", "create", cwd=project.root).code == 0
    done = quick("upgrade", cwd=project.root)
    assert (done.code, raw(done)) == (3, set())


def test_an_argument_that_is_no_text_is_said(filled: Project, quick: Quick) -> None:
    done = quick("tables", "show", "\udcff", cwd=filled.root)
    assert done.code == 1
    assert raw(done) == set()


@given(st.text())
def test_cleaned_text_is_printable(text: str) -> None:
    assert clean(text).isprintable()


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text
