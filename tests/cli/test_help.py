"""Help: of the root without loading anything, of every command, and both of one opinion."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer

from dbctl import __version__
from dbctl.cli import joined
from dbctl.cli.tree import BY_NAME, WORDS, Word, help_text
from dbctl.errors import EXIT_CODES, DbctlError
from tests.runner import Finished

Quick = Callable[..., Finished]


def group(word: Word) -> Any:
    """The Typer group of the word's module."""
    return typer.main.get_group(importlib.import_module(word.module).app)


def lines() -> Iterator[list[str]]:
    """Every word, and every verb below a noun."""
    for word in WORDS:
        yield [word.name]
        if word.noun:
            for verb in group(word).commands:
                yield [word.name, verb]


@pytest.mark.parametrize("line", list(lines()), ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(line: list[str], flag: str, quick: Quick) -> None:
    done = quick(*line, flag)
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].lower().startswith(f"usage: dbctl {' '.join(line)}")
    assert all(len(text) <= 80 for text in done.lines)


@pytest.mark.parametrize("word", WORDS, ids=[word.name for word in WORDS])
def test_the_tree_says_what_the_command_says(word: Word) -> None:
    found = group(word)
    said = found.help if word.noun else found.commands[word.name].help
    assert said.splitlines()[0] == word.summary


def test_every_command_stands_in_the_tree() -> None:
    for module in {word.module for word in WORDS if not word.noun}:
        words = {word.name for word in WORDS if word.module == module}
        assert set(typer.main.get_group(importlib.import_module(module).app).commands) == words


@pytest.mark.parametrize("line", [[], ["--help"], ["-h"], ["help"], ["--json", "--help"]], ids=str)
def test_root_help_names_every_word_and_every_exit_code(line: list[str], quick: Quick) -> None:
    done = quick(*line)
    assert (done.code, done.err, done.out.rstrip()) == (0, "", help_text(joined.lines()).rstrip())
    assert all(f"  {name} " in done.out for name in BY_NAME)
    words = " ".join(done.out.split())
    assert all(f"{code} {meaning}" in words for code, meaning in EXIT_CODES.items())


def test_root_help_fits_a_narrow_terminal() -> None:
    assert [line for line in help_text().splitlines() if len(line) > 80] == []


def test_the_version_is_said(quick: Quick) -> None:
    assert quick("--version").lines[0] == f"dbctl {__version__}"


def children(kind: type[DbctlError]) -> Iterator[type[DbctlError]]:
    """`kind` and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from children(below)


@pytest.mark.parametrize("kind", list(children(DbctlError)), ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_that_help_explains(kind: type[DbctlError]) -> None:
    assert kind.exit_code in EXIT_CODES
    assert kind("x").kind == kind("x").kind.lower()
