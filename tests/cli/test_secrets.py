"""Wherever a password is said and whatever then goes wrong: it is found nowhere afterwards.

Not raw, not encoded, not in base64: neither in what a command prints, with every log there is, nor
in a file that it leaves, nor on the command line of a program that it starts.
"""

import base64
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli import lines
from tests.cli.secret import ENCODED, SECRET, leaks
from tests.projects import envs
from tests.projects.make import Project
from tests.runner import Finished
from tests.servers.server import Server

pytestmark = pytest.mark.soak

Quick = Callable[..., Finished]
LOUD = ("-vv", "--debug", "--yes")
# Neon's commands ask no database.
NEON = tuple(name for name in lines.COMMANDS if name.startswith("neon "))
NAMES = tuple(name for name in lines.COMMANDS if name not in NEON)
VARIABLES = {"NEON_API_KEY": SECRET, "NEON_PROJECT_ID": "p", "EDITOR": "true"}


@dataclass
class Said:
    """How the password is said: words, variables, files of the project."""

    words: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def url(port: int, password: str = ENCODED) -> str:
    return f"postgresql://me:{password}@127.0.0.1:{port}/app"


def dotenv(text: str) -> str:
    return f"DATABASE_URL='{text}'\n"


def ini(text: str) -> str:
    return f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {text}\n"


DEV = ("--env", "dev")
SOURCES: dict[str, Callable[[int], Said]] = {
    "--url": lambda port: Said(("--url", url(port))),
    "--url=": lambda port: Said((f"--url={url(port)}",)),
    "raw in --url": lambda port: Said(("--url", url(port, SECRET))),
    "in the query": lambda port: Said(
        ("--url", f"postgresql://me@127.0.0.1:{port}/app?password={ENCODED}")
    ),
    "DATABASE_URL": lambda port: Said(env={"DATABASE_URL": url(port)}),
    "DBCTL_URL": lambda port: Said(env={"DBCTL_URL": url(port)}),
    "POSTGRES_PASSWORD": lambda port: Said(
        env={
            "POSTGRES_PASSWORD": SECRET,
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(port),
            "POSTGRES_DB": "app",
        }
    ),
    ".env": lambda port: Said(files={".env": dotenv(url(port))}),
    ".env.dev": lambda port: Said(DEV, files={".env.dev": dotenv(url(port))}),
    "pyproject.toml": lambda port: Said(
        DEV, files={"pyproject.toml": f'[tool.dbctl]\n[tool.dbctl.env.dev]\nurl = "{url(port)}"\n'}
    ),
    "alembic.ini": lambda port: Said(
        files={"alembic.ini": ini(url(port).replace("%", "%%")), "pyproject.toml": ""}
    ),
}
# Here the settings cannot even be read.
BROKEN: dict[str, Callable[[int], Said]] = {
    "a % that is not doubled": lambda port: Said(
        files={"alembic.ini": ini(url(port)), "pyproject.toml": ""}
    ),
    "a port that is none": lambda port: Said(("--url", f"{url(port)}".replace(":1", ":x", 1))),
    "no port and no slash": lambda _: Said(("--url", f"postgresql://me:{ENCODED}@h:x")),
    "another dialect": lambda _: Said(env={"DATABASE_URL": f"mysql://me:{ENCODED}@h/app"}),
    "no URL at all": lambda _: Said(env={"DATABASE_URL": SECRET}),
    "another setting": lambda _: Said(env={"DBCTL_POOL_SIZE": SECRET, "DBCTL_SSL": SECRET}),
    "a name that is unknown": lambda _: Said(env={"DBCTL_PASSWORD": SECRET}),
    "a broken .env": lambda port: Said(files={".env": f"{dotenv(url(port))}\udcff"}),
    "a broken pyproject.toml": lambda port: Said(
        files={"pyproject.toml": f'[tool.dbctl]\nurl = "{url(port)}\n'}
    ),
}


@pytest.fixture
def shown(project: Project, quick: Quick, closed_port: int, tmp_path: Path) -> Callable[..., str]:
    """`shown(said, *line)`: all that a command lets out, on a server that is not there."""

    def run(said: Said, *line: str) -> str:
        for name, text in said.files.items():
            (project.root / name).write_bytes(text.encode(errors="surrogateescape"))
        env = {"NEON_API_HOST": f"http://127.0.0.1:{closed_port}", **VARIABLES, **said.env}
        with started() as programs:
            done = quick(*said.words, *line, cwd=project.root, env=env, stdin=f"{SECRET}\n")
        assert done.code != 70, done
        return "\n".join([done.out, done.err, *programs, *written(tmp_path, said.files)])

    return run


PROGRAMS: list[list[str]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    """A hook of the interpreter, which cannot be taken away again: it hears while it is asked."""
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn") and PROGRAMS:
        PROGRAMS[-1].append(repr(arguments[:2]))


sys.addaudithook(_hear)


@contextmanager
def started() -> Iterator[list[str]]:
    """The command lines of all programs that are started in the block."""
    PROGRAMS.append([])
    yield PROGRAMS[-1]
    PROGRAMS.pop()


def written(folder: Path, own: dict[str, str]) -> Iterator[str]:
    """Names and contents of the files below a folder, without those that hold the password."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in own:
            yield f"{path.name} {path.read_bytes().decode(errors='replace')}"


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_reaches_the_settings(
    source: str, project: Project, quick: Quick, closed_port: int
) -> None:
    said = SOURCES[source](closed_port)
    for name, text in said.files.items():
        project.write(name, text)
    done = quick(*said.words, "config", "url", "--reveal", cwd=project.root, env=said.env)
    # A password that nobody encoded is read as if somebody had.
    assert (ENCODED if source != "raw in --url" else "s3cr3t-Zq9%25%40") in done.out, done


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", NAMES)
def test_no_command_tells_a_password_when_nobody_answers(
    name: str, source: str, shown: Callable[..., str], closed_port: int
) -> None:
    assert leaks(shown(SOURCES[source](closed_port), *LOUD, *lines.line(name))) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", BROKEN)
def test_no_command_tells_a_password_that_cannot_be_read(
    name: str, source: str, shown: Callable[..., str], closed_port: int
) -> None:
    assert leaks(shown(BROKEN[source](closed_port), *LOUD, *lines.line(name))) == []


@pytest.mark.parametrize("name", NEON)
def test_no_command_tells_the_key_of_an_api_that_does_not_answer(
    name: str, shown: Callable[..., str], closed_port: int
) -> None:
    said = SOURCES["DATABASE_URL"](closed_port)
    assert leaks(shown(said, *LOUD, *lines.line(name))) == []


FORMATS = {
    "json": ("--json",),
    "json and debug": ("--json", "--debug"),
    "json lines": ("-vv", "--debug", "--log-format", "json"),
    "plain": (),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_no_command_tells_a_password_that_a_server_refuses(
    name: str, form: str, shown: Callable[..., str], server: Server
) -> None:
    said = Said(env={"DATABASE_URL": server.url("nobody").replace(server.password, ENCODED)})
    assert leaks(shown(said, *FORMATS[form], *lines.line(name))) == []


LOADING = """\
import logging
from sqlalchemy.engine import make_url
url = config.get_main_option("sqlalchemy.url")
logging.getLogger("mine").error("connecting to %s", url)
raise RuntimeError(f"cannot use {url}")
"""


@pytest.mark.parametrize("form", FORMATS)
def test_an_env_py_that_quotes_its_url_is_masked(
    form: str, project: Project, shown: Callable[..., str], server: Server
) -> None:
    project.write("migrations/env.py", envs.sync(head=LOADING))
    said = Said(env={"DATABASE_URL": server.url("postgres")})
    said.env["DATABASE_URL"] = said.env["DATABASE_URL"].replace(server.password, ENCODED)
    text = shown(said, *FORMATS[form], "upgrade", "--sql", "base:r1")
    assert "cannot use" in text
    assert leaks(text) == []


@pytest.mark.parametrize("way", ["--url", "--url="])
def test_the_command_that_a_refusal_names_holds_no_password(
    way: str, quick: Quick, sample_postgres_url: str, server: Server
) -> None:
    words = [way + sample_postgres_url] if way.endswith("=") else [way, sample_postgres_url]
    done = quick(*words, "--json", "tables", "drop", "--confirm-name", "other")
    assert done.code == 5
    assert server.password not in done.out + done.err
    assert "***" in done.json["error"]["hint"]


def test_the_hint_of_a_refusal_holds_no_password_that_needs_quotes(
    project: Project, quick: Quick
) -> None:
    url = "sqlite:///data.db?password=it's s3cr3t"
    assert quick("up", cwd=project.root).code == 0
    x = f"url=postgresql://me:{ENCODED}@h/x"
    words = ("--json", "--url", url, "-x", x, "downgrade", "base", "--confirm-name", "other")
    done = quick(*words, cwd=project.root)
    assert "--confirm-name data.db" in done.json["error"]["hint"]
    assert leaks(done.out + done.err) == []


def test_each_form_of_the_password_would_be_found() -> None:
    forms = [SECRET, ENCODED, base64.b64encode(f"me:{SECRET}".encode()).decode()]
    assert all(leaks(f"... {one} ...") for one in forms)
