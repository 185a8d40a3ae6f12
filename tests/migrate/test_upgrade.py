"""`upgrade`, `downgrade`, `current`, `history`, `status`: the same effect as plain Alembic."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.migrate.conftest import Make, Run
from tests.projects.make import Project, table
from tests.runner import Finished
from tests.schema import rows_of, schema_of

CHECKOUT = Path(__file__).parents[2]
MOVED = {"environment", "database", "from", "to", "applied", "already_there"}
STATUS = {"branch", "environment", "database", "revision", "heads", "pending", "up_to_date"}
Plain = Callable[..., None]


def asked(url: str, statement: str) -> list[Any]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split(":///")[1])) as file, file:
            return file.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as server:
        cursor = server.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def versions(url: str) -> list[str]:
    return sorted(row[0] for row in asked(url, "SELECT version_num FROM alembic_version"))


@pytest.fixture
def sample(quick: Run, database_url: str) -> Run:
    """`sample(*args)`: dbctl on the sample's revisions and an empty database."""

    def command(*args: str) -> Finished:
        return quick("--url", database_url, "--json", *args, cwd=CHECKOUT)

    return command


@pytest.fixture
def branched(project: Project) -> Project:
    """Two labelled branches and a dependency between them."""
    project.revision("aa11", labels="authors", up=table("a1"), undo='op.drop_table("a1")')
    project.revision("aa22", "aa11", up=table("a2"), undo='op.drop_table("a2")')
    project.revision("bb11", labels="books", up=table("b1"), undo='op.drop_table("b1")')
    project.revision("bb22", "bb11", depends_on="aa11", up=table("b2"), undo='op.drop_table("b2")')
    return project


def test_upgrade_says_what_the_contract_names(run: Run, chain: Project) -> None:
    done = run("upgrade").json
    assert set(done) == MOVED
    assert (done["from"], done["to"], done["already_there"]) == ([], ["r3"], False)
    assert [one["revision"] for one in done["applied"]] == ["r1", "r2", "r3"]
    assert all(set(one) == {"revision", "message", "seconds"} for one in done["applied"])
    assert all(isinstance(one["seconds"], float) for one in done["applied"])
    assert done["applied"][1]["message"] == "about r2"


def test_upgrade_again_does_nothing_and_says_so(run: Run, chain: Project) -> None:
    run("upgrade")
    again = run("upgrade")
    assert again.code == 0
    assert (again.json["applied"], again.json["already_there"]) == ([], True)
    assert (again.json["from"], again.json["to"]) == (["r3"], ["r3"])


def test_downgrade_says_what_the_contract_names(run: Run, chain: Project) -> None:
    run("upgrade")
    done = run("--yes", "downgrade", "r1").json
    assert set(done) == MOVED
    assert (done["from"], done["to"], done["already_there"]) == (["r3"], ["r1"], False)
    assert [one["revision"] for one in done["applied"]] == ["r3", "r2"]


def test_status_says_what_the_contract_names(run: Run, chain: Project, database_url: str) -> None:
    run("upgrade", "r1")
    pending = run("status")
    assert pending.code == 1
    assert set(pending.json) == STATUS
    assert set(pending.json["database"]) == {"dialect", "host", "name", "server_version"}
    assert pending.json["database"]["dialect"] == database_url.split(":", maxsplit=1)[0]
    assert (pending.json["revision"], pending.json["heads"]) == (["r1"], ["r3"])
    assert pending.json["pending"] == [
        {"revision": "r2", "message": "about r2"},
        {"revision": "r3", "message": "about r3"},
    ]
    run("upgrade")
    assert (run("status").code, run("status").json["pending"]) == (0, [])


def test_current_and_history_know_where_the_database_is(run: Run, chain: Project) -> None:
    run("upgrade", "r2")
    assert run("current").json["revision"] == ["r2"]
    told = run("history", "-i").json["revisions"]
    assert [(one["revision"], one["applied"]) for one in told] == [
        ("r3", False),
        ("r2", True),
        ("r1", True),
    ]
    assert [one["applied"] for one in run("history").json["revisions"]] == [None] * 3


MOVES = {
    "head": [("upgrade", "head")],
    "heads": [("upgrade", "heads")],
    "plus": [("upgrade", "+1"), ("upgrade", "+2")],
    "part": [("upgrade", "r2")],
    "minus": [("upgrade", "head"), ("downgrade", "-1")],
    "base": [("upgrade", "head"), ("downgrade", "base")],
    "down to": [("upgrade", "head"), ("downgrade", "r1")],
    "from a revision": [("upgrade", "r1"), ("upgrade", "r1+1")],
    "back from a revision": [("upgrade", "head"), ("downgrade", "r3-2")],
}
BRANCHED = {
    "heads": [("upgrade", "heads")],
    "one branch": [("upgrade", "authors@head")],
    "the other brings what it needs": [("upgrade", "books@head")],
    "a label": [("upgrade", "books")],
    "partial": [("upgrade", "aa2")],
    "down one branch": [("upgrade", "heads"), ("downgrade", "books@base")],
    "down by one": [("upgrade", "heads"), ("downgrade", "authors@-1")],
    "all": [("upgrade", "heads"), ("downgrade", "base")],
}


def same_effect(run: Run, plain: Plain, url: str, moves: list[tuple[str, str]]) -> None:
    """Run the moves with dbctl, all the way down, and then again with plain Alembic."""
    for move in moves:
        assert (done := run("--yes", *move)).code == 0, done
    ours = versions(url), schema_of(url), rows_of(url)
    plain("downgrade", "base")
    for move in moves:
        plain(*move)
    assert (versions(url), schema_of(url), rows_of(url)) == ours


@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_a_revision_argument_does_what_alembic_does(
    run: Run, plain: Plain, chain: Project, database_url: str, moves: list[tuple[str, str]]
) -> None:
    same_effect(run, plain, database_url, moves)


@pytest.mark.parametrize("moves", BRANCHED.values(), ids=BRANCHED)
def test_a_branch_argument_does_what_alembic_does(
    run: Run, plain: Plain, branched: Project, database_url: str, moves: list[tuple[str, str]]
) -> None:
    same_effect(run, plain, database_url, moves)


@pytest.mark.parametrize(
    "moves", [[("upgrade", "books@head")], [("upgrade", "heads")], [("upgrade", "aa11")]]
)
def test_status_of_branches_is_what_is_left_to_run(
    run: Run, branched: Project, moves: list[tuple[str, str]]
) -> None:
    for move in moves:
        run(*move)
    pending = {one["revision"] for one in run("status").json["pending"]}
    assert {one["revision"] for one in run("upgrade", "heads").json["applied"]} == pending


def test_upgrade_head_with_two_heads_names_them(run: Run, branched: Project) -> None:
    done = run("upgrade", "head")
    assert done.code == 3
    assert "heads" in done.json["error"]["message"]


@pytest.mark.parametrize("wanted", ["nowhere", "r9", "+7", "authors@head", "-5"])
def test_a_revision_that_is_not_there_is_exit_3(run: Run, chain: Project, wanted: str) -> None:
    done = run("upgrade", "--", wanted)
    assert done.code == 3, done
    assert len(done.json["error"]["message"].splitlines()) == 1


def test_a_database_at_an_unknown_revision_is_exit_3(
    run: Run, quick: Run, chain: Project, database_url: str
) -> None:
    run("upgrade")
    asked(database_url, "UPDATE alembic_version SET version_num = 'fromabranch'")
    for command in ("status", "upgrade", "check"):
        done = quick(command, cwd=chain.root)
        assert done.code == 3
        errors = [line for line in done.error_lines if not line.startswith("local:")]
        assert len(errors) <= 3
        assert "fromabranch" in errors[0]
    assert versions(database_url) == ["fromabranch"]


def test_the_whole_circle_leaves_the_same_schema(sample: Run, database_url: str) -> None:
    assert sample("upgrade", "head").code == 0
    schema = schema_of(database_url)
    assert sample("--yes", "downgrade", "base").code == 0
    assert rows_of(database_url) == {"alembic_version": 0}
    assert sample("upgrade", "head").code == 0
    assert schema_of(database_url) == schema


FAILURES = {
    "sql": 'op.create_table("half", sa.Column("id", sa.Integer()))\nop.execute("NONSENSE")',
    "python": 'op.create_table("half", sa.Column("id", sa.Integer()))\nraise KeyError("oops")',
    "rows": 'op.execute("INSERT INTO t1 VALUES (7)")\nop.execute("INSERT INTO t1 VALUES (7)")',
}


@pytest.mark.parametrize("body", FAILURES.values(), ids=FAILURES)
def test_a_failing_revision_leaves_nothing_and_the_earlier_ones_stay(
    run: Run, chain: Project, database_url: str, body: str
) -> None:
    path = chain.revision("r3", "r2", up=body)
    done = run("upgrade")
    line = path.read_text(encoding="utf-8")[: path.read_text().rindex(body[-12:])].count("\n") + 1
    error = done.json["error"]
    assert (done.code, error["kind"]) == (6, "migration_failed")
    assert "r3" in error["message"]
    assert "the database is at r2" in error["message"]
    assert error["hint"] == f"see {path}:{line}"
    assert versions(database_url) == ["r2"]
    assert rows_of(database_url) == {"alembic_version": 1, "t1": 1, "t2": 1}


def test_a_failure_is_at_most_six_lines(quick: Run, chain: Project) -> None:
    chain.revision("r2", "r1", up=FAILURES["sql"])
    done = quick("-q", "upgrade", cwd=chain.root)
    assert done.code == 6
    assert len(done.error_lines) <= 6


def test_the_rerun_of_a_mended_revision_goes_on(run: Run, chain: Project) -> None:
    chain.revision("r2", "r1", up=FAILURES["sql"])
    assert run("upgrade").code == 6
    chain.revision("r2", "r1", up=table("half"))
    done = run("upgrade").json
    assert [one["revision"] for one in done["applied"]] == ["r2", "r3"]


def test_a_failing_downgrade_says_where_the_database_is(
    run: Run, chain: Project, database_url: str
) -> None:
    chain.revision("r2", "r1", up=table("t2"), undo='op.drop_table("t2")\nraise KeyError')
    run("upgrade")
    done = run("--yes", "downgrade", "base")
    assert done.code == 6
    assert "revision r2 failed: KeyError" in done.json["error"]["message"]
    assert versions(database_url) == ["r2"]
    assert "t2" in rows_of(database_url)


def test_each_revision_is_a_transaction_of_its_own(run: Run, chain: Project) -> None:
    look = "op.get_bind().exec_driver_sql('SELECT version_num FROM alembic_version').scalar()"
    chain.revision("r2", "r1", up=f"assert {look} == 'r1'")
    chain.revision("r3", "r2", up="raise KeyError")
    assert run("upgrade").code == 6
    assert run("current").json["revision"] == ["r2"]


def test_rows_that_would_point_at_nothing_are_refused_with_the_revision(
    run: Run, chain: Project, database_url: str
) -> None:
    parent = 'op.execute("CREATE TABLE child (p INTEGER REFERENCES t1 (id))")\n'
    chain.revision("r2", "r1", up=parent + 'op.execute("INSERT INTO child VALUES (99)")')
    done = run("upgrade")
    assert done.code == 6, done
    assert "r2" in done.json["error"]["message"]
    assert versions(database_url) == ["r1"]
    assert "child" not in rows_of(database_url)


def test_a_rebuilt_parent_keeps_its_children(run: Run, chain: Project, database_url: str) -> None:
    child = "CREATE TABLE child (p INTEGER REFERENCES t1 (id) ON DELETE CASCADE)"
    chain.revision(
        "r2", "r1", up=f'op.execute("{child}")\nop.execute("INSERT INTO child VALUES (1)")'
    )
    change = 'with op.batch_alter_table("t1") as batch:\n    batch.alter_column("id", '
    chain.revision("r3", "r2", up=change + "type_=sa.BigInteger())")
    assert (done := run("upgrade")).code == 0, done
    assert rows_of(database_url) == {"alembic_version": 1, "t1": 1, "child": 1}


def test_a_chain_of_an_async_project_goes_up_and_down(
    made: Make, quick: Run, alembic: Run, database_url: str
) -> None:
    project = made(asynchronous=True)
    project.chain()
    assert quick("upgrade", cwd=project.root).code == 0
    ours = schema_of(database_url), rows_of(database_url)
    assert quick("--yes", "downgrade", "base", cwd=project.root).code == 0
    assert alembic("upgrade", "head", cwd=project.root).code == 0
    assert (schema_of(database_url), rows_of(database_url)) == ours


def test_an_unmade_database_is_exit_4_and_stays_unmade(
    quick: Run, chain: Project, tmp_path: Path
) -> None:
    done = quick("--url", f"sqlite:///{tmp_path}/none.db", "upgrade", cwd=chain.root)
    assert done.code == 4
    assert not (tmp_path / "none.db").exists()


def test_downgrade_without_a_terminal_is_refused_and_says_what_would_be_lost(
    run: Run, quick: Run, chain: Project, database_url: str
) -> None:
    run("upgrade")
    done = quick("downgrade", "r1", cwd=chain.root)
    assert done.code == 5
    assert "--yes" in done.err
    assert "t2: 1 row" in done.err
    assert "t1" not in done.err
    assert versions(database_url) == ["r3"]


def test_messages_in_history_are_never_markup(quick: Run, project: Project) -> None:
    project.revision("r1", message="[/b] [red]x")
    assert "[/b] [red]x" in quick("history", cwd=project.root).out


def test_a_copy_of_the_folder_is_another_project(
    run: Run, quick: Run, chain: Project, tmp_path: Path
) -> None:
    run("upgrade")
    other = shutil.copytree(chain.root, tmp_path / "other")
    (other / "migrations" / "versions" / "r3_.py").unlink()
    told = json.loads(quick("--json", "history", cwd=other).out)
    assert [one["revision"] for one in told["revisions"]] == ["r2", "r1"]


def test_a_failure_behind_a_commit_is_partly_applied(
    run: Run, chain: Project, database_url: str
) -> None:
    block = (
        'with op.get_context().autocommit_block():\n    op.execute("CREATE INDEX i1 ON t1 (id)")'
    )
    chain.revision("r4", "r3", up=f'{block}\nraise RuntimeError("not today")')
    done = run("upgrade")
    assert done.code == 7, str(done)
    assert "the database is at r3" in done.json["error"]["message"]
    assert versions(database_url) == ["r3"]


def test_a_file_that_somebody_else_writes_to_is_locked(
    quick: Run, tmp_path: Path, chain: Project
) -> None:
    file = tmp_path / "busy.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        done = quick("--url", f"sqlite:///{file}?timeout=0.2", "upgrade", cwd=chain.root)
    assert done.code == 8, str(done)
