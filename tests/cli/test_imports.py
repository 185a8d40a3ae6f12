"""Start-up time: what a command must not import, asked of a process of its own."""

import pkgutil
import sys
from pathlib import Path

import pytest

import dbctl
from tests import runner
from tests.cli.conftest import PYPROJECT
from tests.projects.make import Project, make

RUN = """
import sys
from dbctl.cli.main import main
try:
    main({line!r})
except SystemExit as end:
    code = end.code
print(code, *sorted(name for name in sys.modules), file=sys.stderr)
"""
IMPORT = """
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
print(0, *sorted(name for name in sys.modules), file=sys.stderr)
"""
# What Typer needs for an option is Typer's affair.
TYPER = """
import sys, typer
app = typer.Typer()
@app.command()
def one(a: int = typer.Option(0)): ...
@app.command()
def two(): ...
typer.main.get_group(app)
print(0, *sorted(name for name in sys.modules), file=sys.stderr)
"""
DATABASES = {"sqlalchemy", "alembic", "aiosqlite", "psycopg", "psycopg2", "httpx", "asyncpg"}
HEAVY = {*DATABASES, "rich", "pydantic_settings", "mako", "anyio"}


def imported(script: str, cwd: Path) -> set[str]:
    """The top-level packages that the script imports."""
    done = runner.run([sys.executable, "-c", script], cwd=cwd)
    code, *modules = done.err.splitlines()[-1].split(" ")
    assert code == "0", done
    return {name.split(".")[0] for name in modules}


LINES: dict[str, tuple[list[str], set[str]]] = {
    "nothing": ([], HEAVY | {"typer", "click", "pydantic", "asyncio"}),
    "help": (["--help"], HEAVY | {"typer", "click", "pydantic", "asyncio"}),
    "version": (["--version"], HEAVY | {"typer", "click", "pydantic", "asyncio"}),
    "help of a command": (["upgrade", "--help"], HEAVY),
    "status": (["status"], DATABASES),
    "status for programs": (["--json", "status"], DATABASES | {"rich"}),
    "current": (["current"], DATABASES),
    "current for programs": (["--json", "current"], DATABASES | {"rich"}),
    "history": (["--json", "history", "-i"], DATABASES | {"rich"}),
    "tables": (["--json", "tables", "list"], DATABASES | {"rich"}),
    "upgrade with nothing to do": (["--json", "upgrade"], DATABASES | {"rich"}),
}


@pytest.fixture(scope="module")
def typers(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What Typer itself imports: old ones bring Rich, new ones pydantic."""
    return imported(TYPER, tmp_path_factory.mktemp("typer"))


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose database is at its head."""
    made = make(tmp_path_factory.mktemp("imports") / "project")
    made.chain()
    made.write("pyproject.toml", PYPROJECT)
    done = runner.dbctl("-q", "up", "--no-seed", cwd=made.root)
    assert done.code == 0, done
    return made


@pytest.mark.parametrize(("line", "unwanted"), LINES.values(), ids=LINES)
def test_a_command_imports_only_what_it_needs(
    line: list[str], unwanted: set[str], applied: Project, typers: set[str]
) -> None:
    found = imported(RUN.format(line=line), applied.root)
    assert found & (unwanted - (typers if "typer" in found else set())) == set()


def test_a_server_is_asked_without_sqlalchemy(postgres_url: str, project: Project) -> None:
    line = ["--json", "--url", postgres_url, "current"]
    found = imported(RUN.format(line=line), project.root)
    assert found & DATABASES == {"asyncpg"}


def modules(package: str) -> list[str]:
    """The modules of a package of ours, those below it as well."""
    folder = Path(dbctl.__file__).parent / package.removeprefix("dbctl").replace(".", "/").lstrip(
        "/"
    )
    return [f"{package}.{found.name}" for found in pkgutil.iter_modules([str(folder)])]


COMMANDS = [name for name in modules("dbctl.cli") if not name.endswith(".views")]
# What `cli/` may import of a room: `model`, and what large rooms have beside it.
BESIDE = [f"dbctl.database.{name}" for name in ("shape", "condition", "consent", "change")]
WORDS = [
    *(name for room in modules("dbctl") for name in modules(room) if name.endswith(".model")),
    *BESIDE,
    "dbctl.neon.words",
]


def test_the_command_line_imports_nothing_heavy(tmp_path: Path, typers: set[str]) -> None:
    own = imported(IMPORT.format(names=COMMANDS), tmp_path) - typers
    assert len(COMMANDS) > 10
    assert own & (HEAVY | {"pydantic"}) == set()


@pytest.mark.parametrize("name", WORDS)
def test_the_words_of_a_room_are_standard_library(name: str, tmp_path: Path) -> None:
    # A start-up file of the environment may import things of its own.
    found = imported(IMPORT.format(names=[name]), tmp_path)
    assert found - imported(IMPORT.format(names=[]), tmp_path) - sys.stdlib_module_names == {
        "dbctl"
    }


def test_every_room_has_words() -> None:
    assert {"dbctl.database.model", "dbctl.migrate.model", "dbctl.seed.model"} <= set(WORDS)


def test_the_package_itself_costs_nothing(tmp_path: Path) -> None:
    found = imported(IMPORT.format(names=["dbctl", "dbctl.errors"]), tmp_path)
    assert found & (HEAVY | {"typer", "pydantic", "asyncio"}) == set()


def test_the_public_names_are_these() -> None:
    assert sorted(dbctl.__all__) == ["Database", "Settings", "__version__"]
    assert all(hasattr(dbctl, name) for name in dbctl.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = dbctl.nothing
