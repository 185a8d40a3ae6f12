"""A project's own words: they join the tree, and what is wrong with one breaks only itself."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import runner
from tests.cli.conftest import PYPROJECT
from tests.cli.test_completion import words
from tests.cli.test_imports import DATABASES, RUN, imported
from tests.projects.make import MODELS, Project, make
from tests.runner import Finished

Quick = Callable[..., Finished]

COMMANDS = '''\
import dataclasses
import datetime
import decimal
from typing import Annotated, Optional

import typer

from dbctl.cli.options import said, settings
from dbctl.errors import NotFoundError
from dbctl.records.model import Page

app = typer.Typer(help="About books.")
Plain = Annotated[bool, typer.Option("--plain")]
NIGHT = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


@dataclasses.dataclass(frozen=True)
class Book:
    id: int
    title: str
    price: decimal.Decimal = decimal.Decimal("1.50")
    since: datetime.datetime = NIGHT
    lent: bool = False


@app.command()
def env(ctx: typer.Context, where: Annotated[str, typer.Option(help="where to look")] = "") -> str:
    """Say where it runs."""
    return settings(ctx).env + where


@app.command()
def one() -> Book:
    """Show one book."""
    return Book(7, "a\\x1b[31m[/b]")


@app.command()
def some() -> list[Book]:
    return [Book(1, "a"), Book(2, "b" * 200)]


@app.command()
def page() -> Page:
    return Page((Book(1, "a"),), "abc")


@app.command(name="dict")
def dict_() -> dict:
    return {"sum": decimal.Decimal("2.00"), "of": [1, 2], "at": NIGHT, "no": None}


@app.command()
def nothing() -> None:
    print("said by itself")


@app.command()
def lost() -> None:
    raise NotFoundError("no such book", hint="look again")


@app.command()
def left(code: int) -> None:
    raise typer.Exit(code)


@app.command()
def broken() -> None:
    raise KeyError("price")  # line 72


@app.command()
def bad(value: str) -> None:
    raise typer.BadParameter("not that one")


@app.command()
def fetch(ctx: typer.Context, url: str, json: Plain = False) -> str:
    """Take a URL that is no database's."""
    return f"{url} {said(ctx).url} {json}"


@app.command()
def ship(config: Annotated[Optional[str], typer.Option()] = None) -> str:
    """Have an option that the root has."""
    return f"{config}"


@app.callback()
def before(ctx: typer.Context) -> None:
    ctx.obj = "the project's own"


deep = typer.Typer()
app.add_typer(deep, name="deep")


@deep.command()
def down(ctx: typer.Context) -> str:
    return settings(ctx).env
'''
TABLE = """
[tool.dbctl.commands]
books = { app = "shop.commands:app", help = "Lend and count books." }
plain = "shop.commands:app"
wrong = "shop.wrong:app"
absent = "shop.nowhere:app"
other = "shop.commands:Book"
nameless = "shop.commands:nope"
formless = "shop.commands"
number = 3
more = { app = "shop.commands:app", colour = "red" }
status = "shop.commands:app"
"a b" = "shop.commands:app"
"\\u001b[31m" = "shop.commands:app"

[tool.dbctl.env.staging]
url = "sqlite:///staging.db"
"""
WRONG = "import typer\n\napp = typer.Typer()\nraise RuntimeError('too early')\n"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with words of its own, some of them no good."""
    made = make(tmp_path / "project")
    made.write("pyproject.toml", PYPROJECT + TABLE)
    made.write("shop/__init__.py", "")
    made.write("shop/commands.py", COMMANDS)
    made.write("shop/wrong.py", WRONG)
    return made


def test_the_root_help_lists_them_without_an_import(shop: Project, quick: Quick) -> None:
    for line in ([], ["--help"], ["--json", "--help"]):
        done = quick(*line, cwd=shop.root)
        assert "\nThis project:\n  books           Lend and count books.\n  plain\n" in done.out
        assert "  status          refused: dbctl has a command of that name" in done.out
        assert all(len(text) <= 80 and text.isprintable() for text in done.lines)


def test_the_sample_joins_through_the_same_table(quick: Quick, tmp_path: Path) -> None:
    done = quick("--help", cwd=tmp_path)
    assert "\nThe sample:\n  users " in done.out
    assert quick("users", "--help", cwd=tmp_path).code == 0


def test_a_project_without_the_sample_has_no_words_of_it(project: Project, quick: Quick) -> None:
    assert "users" not in quick("--help", cwd=project.root).out
    done = quick("users", "list", cwd=project.root)
    assert (done.code, done.error_lines[0]) == (2, "error: there is no command 'users'")


def test_a_word_misspelled_is_found(shop: Project, quick: Quick) -> None:
    assert "did you mean books?" in quick("bokos", cwd=shop.root).err


def test_a_word_explains_itself(shop: Project, quick: Quick) -> None:
    done = quick("books", "--help", cwd=shop.root)
    assert done.code == 0
    assert "About books." in done.out
    assert quick("books", "env", "--help", cwd=shop.root).code == 0


@pytest.mark.parametrize(
    "line",
    [
        ["books", "env", "--env", "staging"],
        ["--env", "staging", "books", "env"],
        ["books", "--env", "staging", "env"],
        ["books", "deep", "down", "--env=staging"],
        ["plain", "env", "--env", "staging"],
    ],
    ids=" ".join,
)
def test_root_options_work_anywhere(line: list[str], shop: Project, quick: Quick) -> None:
    done = quick(*line, "--json", cwd=shop.root)
    assert (done.code, done.json) == (0, "staging")


def test_an_argument_is_not_taken_for_a_root_option(shop: Project, quick: Quick) -> None:
    done = quick("books", "fetch", "http://x", cwd=shop.root)
    assert done.out.strip() == "http://x None False"
    done = quick("books", "fetch", "http://x", "--plain", "--url", "sqlite:///a.db", cwd=shop.root)
    assert done.out.strip() == "http://x sqlite:///a.db True"


RESULTS = {
    "one": {
        "id": 7, "title": "a\x1b[31m[/b]", "price": "1.50", "since": "2026-01-01T00:00:00Z",
        "lent": False,
    },
    "dict": {"sum": "2.00", "of": [1, 2], "at": "2026-01-01T00:00:00Z", "no": None},
    "env": "local",
}  # fmt: skip


@pytest.mark.parametrize(("verb", "printed"), RESULTS.items())
def test_what_it_returns_is_json(verb: str, printed: object, shop: Project, quick: Quick) -> None:
    assert quick("books", verb, "--json", cwd=shop.root).json == printed


@pytest.mark.parametrize("verb", ["one", "some", "page", "dict", "env"])
def test_what_it_returns_is_drawn(verb: str, shop: Project, quick: Quick) -> None:
    done = quick("books", verb, cwd=shop.root)
    assert (done.code, done.err) == (0, "")
    assert all(line.isprintable() and len(line) <= 80 for line in done.lines)


def test_rows_are_drawn_with_what_fits(shop: Project, quick: Quick) -> None:
    done = quick("books", "some", cwd=shop.root)
    assert done.lines[0].split() == ["id", "title", "price", "since"]
    assert "not shown: lent (--json has all)" in done.out
    assert "next: --after abc" in quick("books", "page", cwd=shop.root).out


def test_what_it_prints_itself_stays(shop: Project, quick: Quick) -> None:
    assert quick("books", "nothing", cwd=shop.root).out == "said by itself\n"


ENDS = {
    "lost": (["lost"], 1, "error: no such book\nhint: look again\n"),
    "left": (["left", "7"], 7, ""),
    "bad": (["bad", "x"], 2, "not that one"),
    "usage": (["left", "x"], 2, "books left --help"),
    "broken": (["broken"], 3, "books failed: KeyError: 'price'"),
}


@pytest.mark.parametrize(("line", "code", "said"), ENDS.values(), ids=ENDS)
def test_a_command_ends_as_dbctls_own_do(
    line: list[str], code: int, said: str, shop: Project, quick: Quick
) -> None:
    done = quick("books", *line, cwd=shop.root)
    assert done.code == code, done
    assert said in done.err


def test_a_failure_in_it_names_file_and_line(shop: Project, quick: Quick) -> None:
    number = COMMANDS.splitlines().index('    raise KeyError("price")  # line 72') + 1
    error = quick("books", "broken", "--json", cwd=shop.root).json["error"]
    assert error["hint"] == f"see {shop.root / 'shop' / 'commands.py'}:{number}"


FAULTS = {
    "wrong": "cannot run shop.wrong: RuntimeError: too early",
    "absent": "cannot run shop.nowhere: ModuleNotFoundError",
    "other": "shop.commands:Book is not a Typer app",
    "nameless": "shop.commands has no nope",
    "formless": "is not of the form",
    "number": "neither a text nor a table",
    "more": "app and help, nothing else",
    "status": "dbctl has a command of that name",
}


@pytest.mark.parametrize(("word", "said"), FAULTS.items())
@pytest.mark.parametrize("more", [[], ["--help"], ["list", "--json"]], ids=str)
def test_a_word_that_is_no_good_says_why(
    word: str, said: str, more: list[str], shop: Project, quick: Quick
) -> None:
    done = quick(word, *more, cwd=shop.root)
    assert done.code == 3, done
    assert said in (done.json["error"]["message"] if "--json" in more else done.err)


def test_a_broken_one_names_file_and_line(shop: Project, quick: Quick) -> None:
    assert f"hint: see {shop.root / 'shop' / 'wrong.py'}:4" in quick("wrong", cwd=shop.root).err


def test_a_broken_one_breaks_nothing_else(shop: Project, quick: Quick) -> None:
    assert quick("books", "env", cwd=shop.root).code == 0
    assert quick("config", "url", cwd=shop.root).code == 0
    assert quick("history", cwd=shop.root).code == 0


@pytest.mark.parametrize("table", ['commands = "x"', "commands = [1]"])
def test_a_table_that_is_none_is_said(table: str, project: Project, quick: Quick) -> None:
    project.write("pyproject.toml", f"[tool.dbctl]\n{table}\n")
    assert quick("--help", cwd=project.root).code == 0
    done = quick("books", cwd=project.root)
    assert done.code == 3
    assert "[tool.dbctl.commands]" in done.err


def test_a_file_that_cannot_be_read_breaks_no_help(project: Project, quick: Quick) -> None:
    project.write("pyproject.toml", "[tool.dbctl\n")
    assert quick("--help", cwd=project.root).code == 0
    assert quick("up", "--help", cwd=project.root).code == 0


@pytest.mark.parametrize("option", [["--config", "{}"], ["--config={}"]], ids=str)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_another_projects_words_are_had_with_config(
    option: list[str], place: int, shop: Project, quick: Quick, tmp_path: Path
) -> None:
    line = ["books", "env"]
    line[place:place] = [word.format(shop.root / "pyproject.toml") for word in option]
    assert quick(*line, cwd=tmp_path).out.strip() == "local"


def test_an_option_of_its_own_is_its_own(shop: Project, quick: Quick) -> None:
    assert quick("books", "ship", cwd=shop.root).out.strip() == "None"
    # Of the root's --config and the command's own one nobody can tell which is meant.
    done = quick("books", "ship", "--config", "pyproject.toml", cwd=shop.root)
    assert done.code == 2


def test_the_environment_names_the_project_too(shop: Project, quick: Quick, tmp_path: Path) -> None:
    env = {"DBCTL_CONFIG": str(shop.root / "pyproject.toml")}
    assert quick("books", "env", cwd=tmp_path, env=env).code == 0


def test_completion_reads_the_source_and_runs_none(shop: Project, quick: Quick) -> None:
    shop.write("shop/commands.py", COMMANDS + "\nraise SystemExit('it ran')\n")
    assert words(quick, "boo", cwd=shop.root) == ["books"]
    verbs = words(quick, "books", "", cwd=shop.root)
    assert {"env", "one", "dict", "broken", "fetch"} <= set(verbs)
    assert "--where" in words(quick, "books", "env", "--w", cwd=shop.root)
    assert words(quick, "books", "env", "--where", "", cwd=shop.root) == []
    assert words(quick, "status", "", cwd=shop.root) == []


@pytest.mark.parametrize("source", ["def (", "(" * 100_000, "\0", "@app.command()\ndef x(" * 9])
def test_completion_survives_any_source(source: str, shop: Project, quick: Quick) -> None:
    shop.write("shop/commands.py", source)
    assert words(quick, "books", "", cwd=shop.root) == []


def test_completion_knows_the_samples_verbs(quick: Quick, tmp_path: Path) -> None:
    found = words(quick, "users", "", cwd=tmp_path)
    assert set(found) == {
        "create", "list", "show", "update", "delete", "restore", "purge", "password", "transfer",
    }  # fmt: skip
    assert words(quick, "users", "list", "--af", cwd=tmp_path) == ["--after"]


def test_help_of_a_word_needs_no_database(tmp_path: Path) -> None:
    for line in (["users", "--help"], ["users", "list", "--help"], ["posts", "--help"]):
        assert imported(RUN.format(line=line), tmp_path) & DATABASES == set()


def test_the_root_help_imports_nothing_of_the_project(shop: Project) -> None:
    found = imported(RUN.format(line=["--help"]), shop.root)
    assert not found & {"shop", "typer", "click", "asyncio"}


def test_a_process_of_its_own_says_the_same(shop: Project) -> None:
    done = runner.dbctl("books", "one", "--json", cwd=shop.root)
    assert json.loads(done.out) == RESULTS["one"]
    assert "shop" not in sys.modules
    assert MODELS in (shop.root / "models.py").read_text()
