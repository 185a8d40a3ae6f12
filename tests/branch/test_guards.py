"""Only what dbctl made is deleted, reset or taken for a branch; what it made, every guard knows."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.branch.place import Place
from tests.neon.standin import StandIn

Admin = Callable[..., list[tuple[Any, ...]]]
MARK = {"sqlite": "dbctl_mark", "postgresql": "dbctl.mark"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def local(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(f"{request.param}_place")
    return made


def marks(place: Place, name: str) -> dict[str, str]:
    return dict(place.sql(name, f"SELECT key, value FROM {MARK[place.provider]}"))


def test_a_branch_says_inside_that_it_is_one(local: Place) -> None:
    local("branch", "create", "task")
    main, made = marks(local, local.main), marks(local, "task")
    assert (main["environment"], made["environment"]) == ("local", "branch")
    assert main["uuid"] != made["uuid"]


def test_a_branch_of_production_may_be_changed_and_production_not(local: Place) -> None:
    local.sql(local.main, f"UPDATE {MARK[local.provider]} SET value = 'prd' WHERE value = 'local'")
    local("branch", "create", "task")
    url = local.url("task")
    assert local.tried("tables", "truncate", "posts", "--yes", "--url", url).code == 0
    assert local.tried("tables", "truncate", "posts", "--yes").code == 5
    assert local.tried("branch", "delete", "task", "--yes").code == 0


def test_a_foreign_database_is_no_branch(
    postgresql_place: Place, missing_postgres_url: str, admin: Admin
) -> None:
    place, other = postgresql_place, missing_postgres_url.rpartition("/")[2]
    place("branch", "create", "task")
    ((comment,),) = admin(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE shobj_description(oid, 'pg_database') LIKE '%dbctl-branch%'"
        f" AND datname LIKE '{place.main[:10]}%'"
    )
    admin(f'CREATE DATABASE "{other}"')
    admin(f"COMMENT ON DATABASE \"{other}\" IS '{comment}'")
    assert place.names() == ["task"]
    assert place.tried("branch", "delete", other, "--yes").code == 1
    assert admin(f"SELECT 1 FROM pg_database WHERE datname = '{other}'")


def test_a_foreign_file_is_no_branch(sqlite_place: Place, tmp_path: Path) -> None:
    sqlite_place("branch", "create", "task")
    foreign = tmp_path / ".dbctl" / "branches" / "mine.db"
    foreign.touch()
    assert sqlite_place.names() == ["task"]
    assert sqlite_place.tried("branch", "delete", "mine", "--yes").code == 1
    assert foreign.exists()


def test_a_branch_that_others_made_at_neon_stays(neon_place: Place, neon: StandIn) -> None:
    neon_place("neon", "branch", "create", "theirs")
    for words in (["delete", "theirs"], ["reset", "theirs"]):
        done = neon_place.tried("branch", *words, "--yes")
        assert done.code == 5, str(done)
        assert "does not say" in done.err, str(done)
    done = neon_place.tried("branch", "create", "theirs", "--if-exists", "recreate")
    assert done.code == 5, str(done)
    assert neon_place.json("branch", "prune", "--match", "*", "--yes")["branches"] == []
    assert neon.names == ["main", "theirs"]


def test_git_does_not_see_the_folder(sqlite_place: Place, tmp_path: Path) -> None:
    sqlite_place("branch", "create", "task")
    assert (tmp_path / ".dbctl" / ".gitignore").read_text() == "*\n"


def test_a_bare_branch_has_tables_revisions_and_no_rows(place: Place) -> None:
    place("branch", "create", "bare", "--schema-only")
    assert place.users("bare") == 0
    shown = place.json("branch", "show", "bare")
    assert shown["revision"] == place.json("branch", "show", place.main)["revision"]
    assert place("branch", "diff", place.main, "bare").code == 0
    place("upgrade", "--url", place.url("bare"))


def test_a_bare_file_keeps_what_is_declared(sqlite_place: Place, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "sample.db", isolation_level=None)) as connection:
        connection.execute("CREATE VIEW grown AS SELECT * FROM users")
        connection.execute("CREATE TRIGGER t AFTER DELETE ON users BEGIN SELECT 1; END")
        connection.execute("PRAGMA user_version = 7")
    sqlite_place("branch", "create", "bare", "--schema-only")
    assert sqlite_place("branch", "diff", "bare").code == 0
    assert sqlite_place.sql("bare", "PRAGMA user_version") == [(7,)]
