"""Root options: anywhere on the line, and only where they are options."""

from collections.abc import Callable

import pytest

from tests.projects.make import Project
from tests.runner import Finished

Quick = Callable[..., Finished]

ROOT = ["--env", "dev", "--url", "postgresql://h/x", "--json"]
NOUN, VERB = ["config", "show"], ["config", "url", "--reveal"]


def split(options: list[str], words: list[str]) -> list[list[str]]:
    """`options` at each place between the words."""
    return [[*words[:at], *options, *words[at:]] for at in range(len(words) + 1)]


@pytest.mark.parametrize("line", split(ROOT, NOUN), ids=" ".join)
def test_root_options_stand_anywhere(line: list[str], quick: Quick) -> None:
    shown = quick(*line).json
    (url,) = [one for one in shown["settings"] if one["name"] == "url"]
    assert shown["environment"] == "dev"
    assert (url["value"], url["source"]) == ("postgresql://h/x", "--url")


@pytest.mark.parametrize("line", split(ROOT, VERB), ids=" ".join)
def test_root_options_stand_among_the_commands_own(line: list[str], quick: Quick) -> None:
    assert quick(*line).json == {"url": "postgresql://h/x", "masked": False}


def test_root_options_may_be_scattered(quick: Quick) -> None:
    line = ["--env", "dev", "config", "--url=postgresql://h/x", "show", "--json"]
    assert quick(*line).json["environment"] == "dev"


def test_the_last_word_counts(quick: Quick) -> None:
    line = ["--url", "postgresql://h/first", "config", "url", "--url", "postgresql://h/last"]
    assert quick(*line).lines == ["postgresql://h/last"]


@pytest.mark.parametrize("line", split(["--config", "other/alembic.ini"], NOUN), ids=" ".join)
def test_the_project_is_named_anywhere(line: list[str], project: Project, quick: Quick) -> None:
    project.root.rename(project.root.parent / "other")
    assert quick(*line, "--json").json["project"] == str(project.root.parent / "other")


# Each line holds a root option where it is something else.
VALUES = {
    "value of an option": ["migrate", "--empty", "-m", "{}"],
    "value of a root option": ["status", "--env", "{}"],
    "behind --": ["tables", "show", "--", "{}"],
}


@pytest.mark.parametrize("line", VALUES.values(), ids=VALUES)
def test_a_value_is_no_option(line: list[str], filled: Project, quick: Quick) -> None:
    done = quick(*[word.format("--json") for word in line], cwd=filled.root)
    assert not done.out.startswith("{"), done
    assert "--json" in done.err + "".join(file.read_text() for file in filled.versions.iterdir())


def test_a_yes_that_is_a_value_confirms_nothing(filled: Project, quick: Quick) -> None:
    done = quick("tables", "truncate", "--", "authors", "--yes", cwd=filled.root)
    assert done.code == 1
    assert "no table '--yes'" in done.err


def test_an_option_of_the_verb_is_its_own(project: Project, quick: Quick) -> None:
    done = quick("migrate", "--empty", "-m", "-q", "--json", cwd=project.root)
    assert done.code == 0
    assert [name for name in project.files if name.startswith("r")] == [
        "r1_.py",
        "r2_.py",
        "r3_.py",
    ]
    assert len(project.files) == 4


USAGE = {
    "nosuch": "there is no command 'nosuch'",
    "statsu": "did you mean status?",
    "upgrad": "did you mean upgrade?",
    "tables": "missing command",
    "tables shw": "'shw'",
    "status --nope": "no such option: --nope",
    "--nope status": "no such option: --nope",
    "--env": "--env",
    "migrate": "'--message' / '-m'",
    "downgrade": "missing argument",
    "status extra": "unexpected extra argument",
    "up --timeout soon": "--timeout",
    "up --timeout -1": "--timeout",
    "config url --format mysql": "'mysql'",
    "tables truncate": "missing argument",
}


@pytest.mark.parametrize(("line", "said"), USAGE.items(), ids=USAGE)
def test_a_line_that_cannot_be_understood_is_refused_in_our_words(
    line: str, said: str, quick: Quick
) -> None:
    done = quick(*line.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert said in done.err
    assert "hint: " in done.err
    assert "Usage:" not in done.err
    assert len(done.error_lines) <= 6


@pytest.mark.parametrize("line", USAGE)
def test_such_a_refusal_is_a_document_for_programs(line: str, quick: Quick) -> None:
    if line == "--env":
        line = "status --nope --env x"
    error = quick("--json", *line.split()).json["error"]
    assert (error["code"], error["kind"]) == (2, "usage")
    assert error["message"]
    assert error["hint"]


def test_json_is_obeyed_behind_the_mistake(quick: Quick) -> None:
    assert quick("statsu", "--json").json["error"]["hint"] == "did you mean status?"
    assert quick("statsu", "--", "--json").err.startswith("error: ")
