"""`dbctl adopt`: tables without a version get the revision whose schema they have, or none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from dbctl.database import fingerprint
from dbctl.database.url import Url
from tests.migrate.bad_days import dialect, ledger
from tests.migrate.conftest import Make, Run
from tests.migrate.test_upgrade import asked, versions
from tests.projects import envs
from tests.projects.make import AUTHORS, Project, driven, make, table
from tests.runner import Finished
from tests.schema import rows_of, schema_of

Plain = Callable[..., None]
COLUMN = 'op.add_column("t1", sa.Column("note", sa.String(20)))'


def forget(url: str) -> None:
    """The database of somebody who ran scripts: tables, and no version table."""
    asked(url, "DROP TABLE alembic_version")


@pytest.fixture
def chain(project: Project) -> Project:
    """Three revisions; the second adds a column, the third an index."""
    return three(project)


def three(project: Project) -> Project:
    project.revision("r1", up=table("t1"), undo='op.drop_table("t1")')
    project.revision("r2", "r1", up=COLUMN)
    project.revision("r3", "r2", up='op.create_index("ix_note", "t1", ["note"])')
    return project


@pytest.mark.parametrize("revision", ["r1", "r2", "r3"])
def test_the_revision_with_this_schema_is_stamped(
    run: Run, plain: Plain, chain: Project, database_url: str, revision: str
) -> None:
    plain("upgrade", revision)
    before = schema_of(database_url), rows_of(database_url)
    forget(database_url)
    done = run("--yes", "adopt")
    assert (done.code, done.json["adopted"], done.json["to"]) == (0, True, [revision]), str(done)
    assert versions(database_url) == [revision]
    assert (schema_of(database_url), rows_of(database_url)) == before
    assert run("upgrade").code == 0


def test_the_ledger_says_that_it_was_adopted(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    forget(database_url)
    assert run("--yes", "adopt").code == 0
    assert ledger(database_url) == [("r1", "adopt"), ("r2", "adopt")]


def test_an_emptied_version_table_is_filled(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    asked(database_url, "DELETE FROM alembic_version")
    assert run("--yes", "adopt").json["to"] == ["r2"]


CHANGES = {
    "a column more": ("ALTER TABLE t1 ADD COLUMN x INTEGER", "extra column", "t1.x"),
    "a table more": ("CREATE TABLE t9 (id INTEGER)", "extra table", "t9"),
    "an index less": ("DROP INDEX ix_note", "missing index", "t1.ix_note"),
    "an index more": ("CREATE INDEX ix_2 ON t1 (note, id)", "extra index", "t1.ix_2"),
    "a column with another name": ("ALTER TABLE t1 RENAME note TO x", "missing column", "t1.note"),
    "a view": ("CREATE VIEW v AS SELECT id FROM t1", "extra view", "v"),
}
SERVERS = {
    "a type": ("ALTER TABLE t1 ALTER note TYPE text", "other column", "t1.note"),
    "nullable": ("ALTER TABLE t1 ALTER note SET NOT NULL", "other column", "t1.note"),
    "a default": ("ALTER TABLE t1 ALTER note SET DEFAULT 'x'", "other column", "t1.note"),
    "a check": ("ALTER TABLE t1 ADD CONSTRAINT c CHECK (id > 0)", "extra constraint", "t1.c"),
    "a unique": ("ALTER TABLE t1 ADD CONSTRAINT u UNIQUE (note)", "extra constraint", "t1.u"),
    "an enum": ("CREATE TYPE mood AS ENUM ('sad', 'ok')", "extra enum", "mood"),
    "a sequence": ("CREATE SEQUENCE s", "extra sequence", "s"),
}


def changed(run: Run, plain: Plain, url: str, change: tuple[str, str, str]) -> None:
    statement, kind, name = change
    plain("upgrade", "head")
    forget(url)
    asked(url, statement)
    done = run("--yes", "adopt", "r3")
    assert (done.code, done.json["adopted"], done.json["nearest"]) == (1, False, ["r3"]), str(done)
    named = {(one["kind"], one["object"].removeprefix("v.")) for one in done.json["differences"]}
    assert (kind, name) in named
    assert "alembic_version" not in rows_of(url)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_difference_is_enough_to_stamp_nothing(
    run: Run, plain: Plain, chain: Project, database_url: str, change: tuple[str, str, str]
) -> None:
    changed(run, plain, database_url, change)


@pytest.mark.parametrize("change", SERVERS.values(), ids=SERVERS)
def test_what_only_a_server_can_change_is_a_difference_too(
    quick: Run, tmp_path: Path, postgres_url: str, change: tuple[str, str, str], alembic: Run
) -> None:
    project = three(make(tmp_path / "mine", url=driven(postgres_url)))

    def run(*words: str) -> Finished:
        return quick("--json", *words, cwd=project.root)

    def plain(*words: str) -> None:
        assert alembic(*words, cwd=project.root).code == 0

    plain("upgrade", "head")
    asked(postgres_url, "UPDATE t1 SET note = ''")
    changed(run, plain, postgres_url, change)


def test_the_order_of_columns_is_no_difference(run: Run, chain: Project, database_url: str) -> None:
    kind = "INTEGER" if dialect(database_url) == "sqlite" else "SERIAL"
    columns = f"note VARCHAR(20), id {kind} NOT NULL, CONSTRAINT pk_t1 PRIMARY KEY (id)"
    asked(database_url, f"CREATE TABLE t1 ({columns})")
    done = run("--yes", "adopt")
    assert done.json["to"] == ["r2"], str(done)


def test_tables_that_the_models_made_are_those_of_the_revision(
    run: Run, project: Project, database_url: str
) -> None:
    """`create_all` and then stamp is a first-class way to a new database."""
    project.revision("r1", up=AUTHORS)
    engine = create_engine(driven(database_url))
    text = (project.root / "models.py").read_text()
    names: dict[str, object] = {"__name__": "models_of_the_project"}
    exec(compile(text, "models.py", "exec"), names)
    names["Base"].metadata.create_all(engine)  # type: ignore[attr-defined]  # a declarative base
    engine.dispose()
    done = run("--yes", "adopt")
    assert (done.code, done.json["to"]) == (0, ["r1"]), str(done)


def test_of_revisions_with_one_schema_somebody_has_to_choose(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    chain.revision("r4", "r3", up="op.execute(\"UPDATE t1 SET note = 'x'\")")
    plain("upgrade", "head")
    forget(database_url)
    done = run("--yes", "adopt")
    assert done.code == 1, str(done)
    assert all(word in done.json["error"]["message"] for word in ("r3", "r4"))
    assert "alembic_version" not in rows_of(database_url)
    assert run("--yes", "adopt", "r3").json["to"] == ["r3"]


@pytest.fixture
def branched(project: Project) -> Project:
    """Two branches of two revisions each."""
    for name in "ab":
        project.revision(f"{name}1", labels=f"branch{name}", up=table(f"{name}1"))
        project.revision(f"{name}2", f"{name}1", up=table(f"{name}2"))
    return project


@pytest.mark.parametrize(
    "rows", [["a2"], ["b1"], ["a2", "b1"], ["a1", "b2"], ["a2", "b2"]], ids=str
)
def test_several_branches_have_several_rows(
    run: Run, plain: Plain, branched: Project, database_url: str, rows: list[str]
) -> None:
    for row in rows:
        plain("upgrade", row)
    forget(database_url)
    assert run("--yes", "adopt").json["to"] == rows
    assert versions(database_url) == rows


def test_a_version_that_says_the_same_is_left_as_it_is(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    done = run("adopt")
    assert (done.code, done.json["adopted"], done.json["to"]) == (0, False, ["r2"]), str(done)


def test_a_version_that_says_something_else_is_refused(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    asked(database_url, "UPDATE alembic_version SET version_num = 'r1'")
    done = run("--yes", "adopt")
    assert (done.code, "--purge r2" in done.json["error"]["hint"]) == (5, True), str(done)
    assert versions(database_url) == ["r1"]


def test_without_a_terminal_it_needs_a_yes(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    forget(database_url)
    done = run("adopt")
    assert (done.code, "--yes" in done.json["error"]["hint"]) == (5, True)
    assert "alembic_version" not in rows_of(database_url)


def test_an_empty_database_has_nothing_to_adopt(run: Run, chain: Project) -> None:
    done = run("--yes", "adopt")
    assert (done.code, done.json["error"]["kind"]) == (1, "nothing_to_do")


def test_a_remote_server_gets_no_database_unasked(
    monkeypatch: pytest.MonkeyPatch, run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    forget(database_url)
    monkeypatch.setattr(Url, "is_local", property(lambda _: False))
    done = run("--env", "dev", "--url", database_url, "--yes", "adopt")
    assert (done.code, "--scratch" in done.json["error"]["hint"]) == (5, True), str(done)
    done = run("--env", "dev", "--url", database_url, "--yes", "adopt", "--scratch")
    assert done.code == 0, str(done)


def test_a_revision_that_needs_rows_ends_the_comparison_there(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    forget(database_url)
    count = "op.get_bind().exec_driver_sql('SELECT count(*) FROM t1').scalar()"
    chain.revision("r3", "r2", up=f"assert {count} > 5")
    done = run("--yes", "adopt")
    assert (done.code, done.json["to"]) == (0, ["r2"]), str(done)


def test_nothing_is_left_of_the_empty_database(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    forget(database_url)
    assert run("--yes", "adopt").code == 0
    if dialect(database_url) == "postgresql":
        names = asked(database_url, "SELECT datname FROM pg_database WHERE datname ~ 'scratch'")
        assert names == []


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_an_async_project_and_one_that_begins_the_transaction_are_adopted_too(
    made: Make, quick: Run, alembic: Run, database_url: str, asynchronous: bool
) -> None:
    project = made(asynchronous=asynchronous, env="" if asynchronous else BEGINS)
    project.chain()
    assert alembic("upgrade", "r2", cwd=project.root).code == 0
    forget(database_url)
    done = quick("--json", "--yes", "adopt", cwd=project.root)
    assert (done.code, done.json["to"]) == (0, ["r2"]), str(done)


BEGINS = envs.SYNC.replace("engine.connect()", "engine.begin()")


def test_a_fingerprint_is_one_question(database_url: str) -> None:
    engine = create_engine(driven(database_url))
    asked_for: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *a: asked_for.append(a[2]))
    with engine.connect() as connection:
        connection.rollback()
        asked_for.clear()
        fingerprint.facts(connection, "alembic_version")
        assert not connection.in_transaction()
    engine.dispose()
    assert len(asked_for) == 1


def test_a_person_sees_what_differs(
    quick: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "head")
    forget(database_url)
    asked(database_url, "ALTER TABLE t1 ADD COLUMN x INTEGER")
    done = quick("adopt", cwd=chain.root)
    assert done.code == 1
    assert done.lines[0] == "no revision has this schema; nearest: r3"
    assert done.lines[1].startswith("  extra column  t1.x")
