"""Everyday mistakes: cause and hint within six lines, the right exit code, no secret, in time."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import runner
from tests.cli.secret import ENCODED, leaks
from tests.projects import envs
from tests.projects.make import Project
from tests.runner import Finished
from tests.schema import rows_of
from tests.servers import databases, ports
from tests.servers.server import Server

QUICK = {"DBCTL_CONNECT_TIMEOUT": "1"}  # the default is waited for only once
LIMIT = 12.0  # seconds, connect time-outs of the default settings included


def nothing(project: Project) -> None:
    """The project is as it should be."""


@dataclass
class Mistake:
    """What is typed and what is set, the exit code, and what must be said."""

    line: list[str]
    code: int
    kind: str
    said: str
    env: dict[str, str] = field(default_factory=dict)
    break_project: Callable[[Project], object] = nothing
    without_project: bool = False


def at(where: str) -> dict[str, str]:
    """A server's URL with the secret in it; HOST, SILENT and CLOSED are filled in later."""
    return {"DATABASE_URL": f"postgresql://postgres:{ENCODED}@{where}"}


def unknown_driver(project: Project) -> None:
    """An env.py that needs a driver which is not there."""
    project.write("migrations/env.py", f"import psycopg99_binary\n{envs.SYNC}")


def broken_models(project: Project) -> None:
    """An import error on the last line of the models."""
    project.models("\nimport no_such_package\n")


def broken_toml(project: Project) -> None:
    """A pyproject.toml that ends too early, with a secret in it."""
    url = f"postgresql://me:{ENCODED}@h/x"
    project.write("pyproject.toml", f'[tool.dbctl]\nurl = "{url}"\npool_size = [\n')


def no_driver_for(project: Project) -> None:
    """An env.py that makes its engine with psycopg2, which is not installed."""
    url = f"postgresql+psycopg2://me:{ENCODED}@h/x"
    text = f"import sqlalchemy\nsqlalchemy.create_engine({url!r})\n{envs.SYNC}"
    project.write("migrations/env.py", text)


MISTAKES = {
    "missing driver": Mistake(
        ["upgrade"], 3, "configuration", "No module named 'psycopg99_binary'",
        break_project=unknown_driver,
    ),
    "missing driver of an engine": Mistake(
        ["upgrade"], 3, "configuration", "No module named 'psycopg2'", break_project=no_driver_for
    ),
    "wrong password": Mistake(
        ["status"], 4, "wrong_password", "password authentication failed", at("HOST/postgres")
    ),
    "wrong password, up": Mistake(
        ["up"], 4, "wrong_password", "password authentication failed", at("HOST/postgres")
    ),
    "unreachable port": Mistake(
        ["status"], 4, "unreachable", "connection refused", at("CLOSED/x")
    ),
    "unreachable port, up": Mistake(
        ["up", "--timeout", "1"], 4, "unreachable", "connection refused", at("CLOSED/x")
    ),
    "silent server": Mistake(["status"], 4, "timed_out", "did not answer", at("SILENT/x")),
    "silent server, up": Mistake(["up"], 4, "timed_out", "did not answer", at("SILENT/x")),
    "unknown host": Mistake(["status"], 4, "unreachable", "cannot connect", at("h.invalid/x")),
    "unknown database": Mistake(["status"], 4, "missing_database", "MISSING", {}),
    "unknown file": Mistake(
        ["--url", "sqlite:///none.db", "status"], 4, "missing_database", "none.db"
    ),
    "unknown scheme": Mistake(
        ["--url", f"mysql://me:{ENCODED}@h/x", "status"], 3, "configuration", "'mysql'"
    ),
    "no URL at all": Mistake(["--url", ENCODED, "status"], 3, "configuration", "cannot be read"),
    "unknown parameter": Mistake(
        ["status"], 3, "configuration", "did you mean sslmode?", at("h/x?sslmod=require")
    ),
    "typo in a variable": Mistake(
        ["status"], 3, "configuration", "did you mean DBCTL_POOL_SIZE?",
        {"DBCTL_POOLSIZE": ENCODED},
    ),
    "a value that is no number": Mistake(
        ["status"], 3, "configuration", "pool_size (from DBCTL_POOL_SIZE)",
        {"DBCTL_POOL_SIZE": ENCODED},
    ),
    "prd without a URL": Mistake(
        ["--env", "prd", "status"], 3, "configuration", "prd has no database URL",
        break_project=lambda project: project.write("pyproject.toml", "[tool.dbctl]\n"),
    ),
    "unknown environment": Mistake(
        ["--env", "prod", "status"], 3, "configuration", "did you mean prd?"
    ),
    "broken pyproject": Mistake(
        ["status"], 3, "configuration", "pyproject.toml", break_project=broken_toml
    ),
    "import error in the models": Mistake(
        ["upgrade"], 3, "configuration", "models.py:LAST", break_project=broken_models
    ),
    "import error in the models, check": Mistake(
        ["tables", "sql"], 3, "configuration", "models.py:LAST", break_project=broken_models
    ),
    "unknown revision": Mistake(["upgrade", "nosuch"], 3, "revision_graph", "nosuch"),
    "no terminal for a question": Mistake(["tables", "drop"], 5, "not_confirmed", "--yes"),
    "protected": Mistake(
        ["--env", "prd", "--url", "sqlite:///data.db", "--yes", "reset"],
        5, "refused", "prd is protected",
    ),
    "tables of somebody else": Mistake(
        ["up"], 5, "refused", "no version table", without_project=True
    ),
}  # fmt: skip


@pytest.fixture(params=MISTAKES.values(), ids=list(MISTAKES))
def mistake(request: pytest.FixtureRequest) -> Mistake:
    """Each mistake in its turn."""
    found: Mistake = request.param
    return found


@pytest.fixture
def place(mistake: Mistake, filled: Project, tmp_path: Path) -> Path:
    """Where the mistake is made: a project with a database, or nobody's folder with one."""
    mistake.break_project(filled)
    if not mistake.without_project:
        return filled.root
    folder = tmp_path / "nobody"
    folder.mkdir()
    (filled.root / "data.db").rename(folder / "data.db")
    return folder


@pytest.fixture
def make_it(mistake: Mistake, place: Path, server: Server) -> Callable[..., Finished]:
    """`make_it(*flags)`: the mistake as a process of its own, within the limit."""

    def made(*flags: str, env: Mapping[str, str] | None = None) -> Finished:
        with ports.silent() as silent, ports.closed() as closed, databases.missing(server) as name:
            hosts = {
                "HOST": f"{server.host}:{server.port}",
                "SILENT": f"127.0.0.1:{silent}",
                "CLOSED": f"127.0.0.1:{closed}",
            }
            given = {**(env or {}), **mistake.env}
            for word, host in hosts.items():
                given = {key: value.replace(word, host) for key, value in given.items()}
            if mistake.said == "MISSING":
                given["DATABASE_URL"] = server.url(name)
            return runner.dbctl(*flags, *mistake.line, cwd=place, env=given)

    return made


def without_server(mistake: Mistake, place: Path) -> float:
    """Seconds that the same line needs where nothing is waited for, as on a busy machine."""
    started = time.monotonic()
    runner.dbctl(*mistake.line, "--url", "sqlite:////no/such/folder/none.db", cwd=place)
    return time.monotonic() - started


def expected(mistake: Mistake, place: Path) -> str:
    """What must be said; the last line of the models is counted here."""
    last = len((place / "models.py").read_text().splitlines()) if "LAST" in mistake.said else 0
    return mistake.said.replace("LAST", str(last)).replace("MISSING", "has no database 'test_")


def test_a_mistake_is_explained_to_people(
    mistake: Mistake, place: Path, make_it: Callable[..., Finished]
) -> None:
    started = time.monotonic()
    done = make_it()
    seconds = time.monotonic() - started
    assert seconds < LIMIT or seconds - without_server(mistake, place) < LIMIT
    assert (done.code, done.out) == (mistake.code, ""), done
    assert expected(mistake, place) in done.err
    assert [line.split(":")[0] for line in done.error_lines][-2:] == ["error", "hint"]
    assert len(done.error_lines) <= 6
    assert "Traceback" not in done.err
    assert leaks(done.err) == []


def test_a_mistake_is_one_document_for_programs(
    mistake: Mistake, place: Path, make_it: Callable[..., Finished]
) -> None:
    done = make_it("--json", env=QUICK)
    error = done.json["error"]
    assert done.code == error["code"] == mistake.code, done
    assert error["kind"] == mistake.kind
    assert expected(mistake, place) in error["message"] + error["hint"]
    assert error["message"]
    assert error["hint"]
    assert leaks(done.out + done.err) == []


def test_nothing_is_created_beside_somebody_elses_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'theirs.db'}"
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as connection:
        connection.execute("CREATE TABLE theirs (id integer)")
    for line in (["up"], ["upgrade"], ["tables", "create"], ["--yes", "reset"], ["seed"]):
        done = runner.dbctl("--url", url, *line, cwd=tmp_path)
        assert done.code in (3, 5), done
    assert rows_of(url) == {"theirs": 0}
