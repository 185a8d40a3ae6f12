"""The revisions of the sample, run by the plain `alembic` command."""

import ast
import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from dbctl import Database, Settings, loop
from dbctl.sample.models import Base
from tests.runner import Finished
from tests.schema import rows_of, schema_of

CHECKOUT = Path(__file__).parents[2]
INI = CHECKOUT / "alembic.ini"
BEFORE_BALANCE = "832fb1c4e6d1"
BEFORE_SLUGS = "48db73002fcc"

Alembic = Callable[..., Finished]
TITLES = {
    "Hello, World!": "hello-world",
    "Hello World": "hello-world--2",
    "hello -- world?": "hello-world--3",
    "Hello World 3": "hello-world-3",
    "Café über Straße": "cafe-ueber-strasse",
    "Łódź, Ærø & Malmö": "lodz-aero-malmoe",
    "  Alice's “Top 10”: 50% ": "alices-top-10-50",
    "日本語": "post",
    "---": "post--9",
    "": "post--10",
    "x" * 255: "x" * 230,
}


@pytest.fixture
def migrate(alembic: Alembic, database_url: str) -> Callable[..., str]:
    """`migrate(*args)` runs plain alembic on a new database; it must succeed."""

    def run(*args: str, ini: Path = INI) -> str:
        done = alembic("-c", ini, *args, env={"DATABASE_URL": database_url})
        assert done.code == 0, str(done)
        return done.out

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample's migrations without its revisions; the path of its alembic.ini."""
    shutil.copytree(
        CHECKOUT / "migrations",
        tmp_path / "migrations",
        ignore=shutil.ignore_patterns("20*", "__pycache__"),
    )
    (tmp_path / "migrations" / "versions").mkdir(exist_ok=True)
    return Path(shutil.copy(INI, tmp_path))


def execute(url: str, statement: str, *rows: dict[str, Any]) -> list[Any]:
    async def run() -> list[Any]:
        async with Database(Settings.load(url=url)) as database, database.session() as session:
            result: Any = await session.execute(text(statement), list(rows) or None)
            return list(result) if result.returns_rows else []

    return loop.run(run())


def inspected(url: str, look: Callable[[Connection], Any]) -> Any:
    async def run() -> Any:
        async with Database(Settings.load(url=url)) as database, database.session() as session:
            return await (await session.connection()).run_sync(look)

    return loop.run(run())


def add_user(url: str) -> None:
    execute(
        url,
        "INSERT INTO users (id, username, email, hashed_password)"
        " VALUES (1, 'alice', 'alice@example.com', 'x')",
    )


def add_posts(url: str) -> None:
    add_user(url)
    execute(
        url,
        "INSERT INTO posts (id, title, content, author_id) VALUES (:id, :title, '', 1)",
        *({"id": place, "title": title} for place, title in enumerate(TITLES, start=1)),
    )


def run_script(url: str, script: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(script.encode())


def checks(connection: Connection) -> dict[str, set[str]]:
    """The names and texts of the CHECKs of each table."""
    found = inspect(connection)
    return {
        table: {f"{one['name']}: {one['sqltext']}" for one in found.get_check_constraints(table)}
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def slugs(url: str) -> list[str]:
    return [row.slug for row in execute(url, "SELECT slug FROM posts ORDER BY id")]


def test_the_revisions_build_what_the_models_say(migrate: Callable[..., str]) -> None:
    migrate("upgrade", "head")
    assert "No new upgrade operations detected" in migrate("check")


def test_the_checks_are_those_of_the_models(migrate: Callable[..., str], database_url: str) -> None:
    migrate("upgrade", "head")
    migrated = inspected(database_url, checks)
    migrate("downgrade", "base")
    inspected(database_url, Base.metadata.create_all)
    assert inspected(database_url, checks) == migrated
    assert sum(map(len, migrated.values())) == 3


def test_going_down_leaves_nothing_and_up_again_leaves_the_same(
    migrate: Callable[..., str], database_url: str
) -> None:
    migrate("upgrade", "head")
    schema = schema_of(database_url)
    migrate("downgrade", "base")
    assert rows_of(database_url) == {"alembic_version": 0}
    assert not {"SEQUENCE", "TYPE", "FUNCTION"} & set(schema_of(database_url).split())
    migrate("upgrade", "head")
    assert schema_of(database_url) == schema


def test_each_revision_goes_down_and_up_alone(
    migrate: Callable[..., str], database_url: str
) -> None:
    for _ in (CHECKOUT / "migrations" / "versions").glob("*.py"):
        before = schema_of(database_url) if rows_of(database_url) else None
        migrate("upgrade", "+1")
        migrate("downgrade", "-1")
        assert before in (None, schema_of(database_url))
        migrate("upgrade", "+1")


def test_slugs_are_made_from_titles_and_are_unique(
    migrate: Callable[..., str], database_url: str
) -> None:
    migrate("upgrade", BEFORE_SLUGS)
    add_posts(database_url)
    migrate("upgrade", "head")
    assert slugs(database_url) == list(TITLES.values())


def test_the_slugs_of_a_second_batch_know_those_of_the_first(
    migrate: Callable[..., str], database_url: str
) -> None:
    migrate("upgrade", BEFORE_SLUGS)
    add_user(database_url)
    row = "INSERT INTO posts (id, title, content, author_id) VALUES (:id, 'Same', '', 1)"
    execute(database_url, row, {"id": 1}, {"id": 5_000}, {"id": 5_001}, {"id": 12_000})
    migrate("upgrade", "head")
    assert slugs(database_url) == ["same", "same--5000", "same--5001", "same--12000"]


def test_the_offline_script_does_the_same(migrate: Callable[..., str], database_url: str) -> None:
    migrate("upgrade", BEFORE_SLUGS)
    add_posts(database_url)
    run_script(database_url, migrate("upgrade", f"{BEFORE_SLUGS}:head", "--sql"))
    assert slugs(database_url) == list(TITLES.values())
    assert "No new upgrade operations detected" in migrate("check")


def test_the_offline_script_builds_everything(
    migrate: Callable[..., str], database_url: str
) -> None:
    run_script(database_url, migrate("upgrade", "head", "--sql"))
    offline = schema_of(database_url)
    migrate("downgrade", "base")
    migrate("upgrade", "head")
    assert schema_of(database_url) == offline


def test_no_child_is_lost_when_its_parent_changes(
    migrate: Callable[..., str], database_url: str
) -> None:
    migrate("upgrade", BEFORE_BALANCE)
    add_user(database_url)
    execute(database_url, "INSERT INTO user_data (user_id, bio) VALUES (1, 'still here')")
    for target in (("upgrade", "head"), ("downgrade", BEFORE_BALANCE)):
        migrate(*target)
        assert rows_of(database_url)["user_data"] == 1


def test_the_plain_command_works_from_anywhere_with_no_address(
    alembic: Alembic, tmp_path: Path
) -> None:
    done = alembic("-c", INI, "heads", cwd=tmp_path)
    assert (done.code, done.lines) == (0, ["22e87ea39f22 (head)"])
    assert "sqlalchemy.url" not in INI.read_text(encoding="utf-8")


def test_the_default_database_is_beside_the_project(
    alembic: Alembic, project: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.dbctl]\nmetadata = "dbctl.sample.models:Base"')
    done = alembic("-c", project, "upgrade", "head", cwd=elsewhere)
    assert done.code == 0, str(done)
    assert (tmp_path / "data.db").is_file()
    assert list(elsewhere.iterdir()) == []


def test_autogenerate_names_plain_types_and_never_ours(
    migrate: Callable[..., str], project: Path, database_url: str
) -> None:
    migrate("revision", "--autogenerate", "-m", "all of it", ini=project)
    (written,) = (project.parent / "migrations" / "versions").glob("*_all_of_it.py")
    assert "dbctl" not in written.read_text(encoding="utf-8")
    migrate("upgrade", "head", ini=project)
    assert "No new upgrade operations detected" in migrate("check", ini=project)
    migrate("downgrade", "base", ini=project)
    assert rows_of(database_url) == {"alembic_version": 0}


@pytest.mark.parametrize(
    "message", ['"""\nraise SystemExit(7)\n"""', 'ends with "', "back\\slash \\", "two\nlines"]
)
def test_a_message_never_becomes_code(alembic: Alembic, project: Path, message: str) -> None:
    done = alembic("-c", project, "revision", "-m", message, cwd=project.parent)
    assert done.code == 0, str(done)
    (written,) = (project.parent / "migrations" / "versions").glob("*.py")
    documented = ast.get_docstring(ast.parse(written.read_text(encoding="utf-8")), clean=False)
    assert documented is not None
    assert documented.startswith(f"{message}\n\nRevision ID: ")
    assert alembic("-c", project, "heads", cwd=project.parent).code == 0


def test_a_program_that_uses_alembic_keeps_its_logging(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    root, ours = logging.getLogger(), logging.getLogger("host.program")
    before = list(root.handlers), root.level
    command.upgrade(Config(INI), "head")
    assert (list(root.handlers), root.level) == before
    assert not ours.disabled
