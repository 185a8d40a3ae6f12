"""What README and docs say is what the code does; a page that lies fails here."""

import re
import shlex
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text

from dbctl import Database, errors
from dbctl.cli.options import Said
from dbctl.cli.root import command
from dbctl.errors import EXIT_CODES
from dbctl.sample.models import User
from dbctl.settings import Settings
from tests.docs import json_page, tour, tree
from tests.runner import Finished

Run = Callable[..., Finished]
CHECKOUT = Path(__file__).parents[2]
MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): ...

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = {
    path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
    for path in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md"))
}
API = PAGES["docs/python-api.md"]
COMMANDS = tree.commands()
MAKEFILE = (CHECKOUT / "Makefile").read_text(encoding="utf-8")


def rows(heading: str, page: str = README) -> list[list[str]]:
    """The cells of the first table below `heading` in a page, without its header."""
    below = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [line.strip("|").split("|") for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def blocks(page: str, *languages: str) -> list[str]:
    """The code blocks of a page in one of these languages."""
    return re.findall(rf"^ *```(?:{'|'.join(languages)})\n(.*?)```", page, re.DOTALL | re.MULTILINE)


def lines() -> list[Any]:
    """Every line of a shell block, with its page."""
    return [
        pytest.param(line, id=f"{name}: {line}")
        for name, page in PAGES.items()
        for block in blocks(page, "bash", "console")
        for line in block.splitlines()
    ]


def mentions(program: str) -> list[Any]:
    """Every `program ...` between backticks, with its page; exit codes have a test of their own."""
    return [
        pytest.param(words, id=f"{name}: {words}")
        for name, page in PAGES.items()
        for words in re.findall(rf"`{program} ([^`\n]+)`", page.replace(EXIT_CODES[7], ""))
    ]


def test_exit_codes_are_those_of_the_errors() -> None:
    assert {int(code): text for code, text in rows("Exit codes")} == EXIT_CODES


def shown(default: Any) -> str:
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    return "" if value is None else f"`{value}`"


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = rows("Settings", PAGES["docs/configuration.md"])
    found = {name.strip("`"): default for name, default, *_ in table}
    fields = Settings.model_fields.items()
    assert found == {name: shown(field.default) for name, field in fields}


def test_every_setting_names_its_variable() -> None:
    table = rows("Settings", PAGES["docs/configuration.md"])
    variables = {name.strip("`"): variable for name, _, variable, _ in table}
    assert all(f"`DBCTL_{name.upper()}`" in said for name, said in variables.items())


@pytest.mark.parametrize("line", lines())
def test_every_line_to_type_can_be_parsed(line: str) -> None:
    words = shlex.split(line, comments=True)
    programs = [Path(word).name for word in words]
    if "dbctl" in programs:
        parse(words[programs.index("dbctl") + 1 :])
    if "make" in programs:
        require_targets(words[programs.index("make") + 1 :])


def parse(words: list[str]) -> None:
    """Let the command's own parser read `words`."""
    name = named(words)
    root = context(words)
    # click 8.2 gave the name its underscore.
    protected = getattr(root, "_protected_args", None) or getattr(root, "protected_args", [])
    left = [*protected, *root.args]
    COMMANDS[name].make_context(name, left[len(name.split()) :], parent=root)


def context(words: list[str]) -> Any:
    return command().make_context("dbctl", list(words), obj=Said())


def named(words: list[str]) -> str:
    """The command that `words` begin with."""
    names = (" ".join(words[:length]) for length in (3, 2, 1))
    return next(name for name in names if name in COMMANDS)


def require_targets(words: list[str]) -> None:
    for word in words:
        assert "=" in word or re.search(rf"^{word}:", MAKEFILE, re.MULTILINE), word


@pytest.mark.parametrize("words", mentions("dbctl"))
def test_every_command_mentioned_is_there(words: str) -> None:
    found = [word for word in words.split() if not (word.startswith("-") or word.isupper())]
    nouns = {name.split()[0] for name in COMMANDS}
    assert not found or found[0] in nouns
    said = {" ".join(found[:length]) for length in (1, 2, 3)}
    within = any(name.startswith(f"{' '.join(found)} ") for name in COMMANDS)
    assert not found[1:] or within or said & set(COMMANDS)


@pytest.mark.parametrize("words", mentions("make"))
def test_every_target_mentioned_is_there(words: str) -> None:
    require_targets(shlex.split(words))


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", PAGES[page]):
        assert ((CHECKOUT / page).parent / link).exists(), link


def test_the_page_of_json_keys_is_what_the_code_says() -> None:
    assert json_page.PAGE.read_text(encoding="utf-8") == json_page.page(), (
        "a key changed: python -m tests.docs.json_page"
    )


def test_the_recorded_tour_is_what_commands_print_today() -> None:
    kept = tour.PICTURE.read_text(encoding="utf-8")
    assert tour.text(kept) == tour.text(tour.recorded()), "record it: python -m tests.docs.tour"


def typed(first: str) -> list[list[str]]:
    """The commands of the README's block that begins with `first`, dbctl's name taken off."""
    (block,) = (one for one in blocks(README, "bash") if one.startswith(first))
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines()]


def test_a_project_without_alembic_starts_as_the_readme_says(quick: Run, tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    ended = [quick(*words) for words in typed("dbctl init")]
    assert [done.code for done in ended] == [0, 0, 0, 0], ended
    assert "books" in ended[-1].out + quick("tables", "list").out


def test_a_project_with_alembic_works_as_it_is(quick: Run, alembic: Run, tmp_path: Path) -> None:
    assert alembic("init", "migrations").code == 0
    ini = tmp_path / "alembic.ini"
    ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", "sqlite:///a.db"))
    assert alembic("upgrade", "head").code == alembic("revision", "-m", "first").code == 0
    assert [quick(*words).code for words in typed("dbctl status")] == [1, 1, 0, 0, 0]
    assert quick("--json", "status").json["up_to_date"]
    assert "(head)" in alembic("current").out


@pytest.mark.anyio
async def test_the_python_of_the_page_runs(
    sample_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_sqlite_url)
    (code,) = (one for one in blocks(API, "python") if "async with Database" in one)
    code = code.replace("...", "rows = await session.scalar(query)")
    names: dict[str, Any] = {"query": text("SELECT count(*) FROM users")}
    await eval(compile(code, "python-api.md", "exec", flags=PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    assert names["rows"] > 0


@pytest.mark.anyio
async def test_the_synchronous_python_of_the_page_runs(sample_sqlite_url: str) -> None:
    database = Database(Settings.load(url=sample_sqlite_url))
    names: dict[str, Any] = {"database": database, "select": select, "func": func, "User": User}
    (found,) = (one for one in blocks(API, "python") if "to_thread" in one)
    code = compile(found, "python-api.md", "exec", flags=PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names["anyio"] = anyio
    await eval(code, names)
    assert names["count"] == 8
    await database.dispose()


def test_the_configuration_of_the_page_can_be_read(tmp_path: Path) -> None:
    (toml,) = blocks(PAGES["docs/configuration.md"], "toml")
    (tmp_path / "pyproject.toml").write_text(toml)
    settings = Settings.load(env="staging", cwd=tmp_path)
    assert settings.protected
    assert settings.metadata == "shop.models:Base"


def test_the_page_of_errors_names_every_kind_with_its_code() -> None:
    page = PAGES["docs/errors.md"]
    said = {
        (kind, int(row[1]))
        for line in page.splitlines()
        if (row := line.split("|"))[2:] and row[1].strip().isdigit()
        for kind in re.findall(r"`([a-z_]+)`", row[2])
    }
    for kind in every(errors.DbctlError):
        if kind is not errors.DbctlError and kind.__module__ == "dbctl.errors":
            known = (kind("x").kind, kind.exit_code)
            assert known in said or kind.exit_code > 99, known


def every(kind: type[errors.DbctlError]) -> list[type[errors.DbctlError]]:
    """A class and all below it."""
    return [kind, *(below for child in kind.__subclasses__() for below in every(child))]
