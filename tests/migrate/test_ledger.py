"""What was applied is written down in its own transaction; files that changed since are found."""

import ast
import getpass
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

import dbctl as package
from dbctl.database import own
from dbctl.errors import RevisionGraphError
from dbctl.migrate import checksum
from tests.migrate.bad_days import edit, ledger, owned, slip_in
from tests.migrate.conftest import Make, Run
from tests.migrate.test_upgrade import FAILURES, asked, versions
from tests.projects import envs
from tests.projects.make import Project, driven, make, table
from tests.schema import rows_of
from tests.servers.server import Server

Plain = Callable[..., None]
CODE = '''\
"""A message."""

from alembic import op

revision = "a"
down_revision = None


def upgrade():
    """What it does."""
    op.execute("SELECT 1")
    if True:
        op.drop_table("t", schema=None)
'''


def hashed(text: str) -> str:
    return checksum.of_tree(ast.parse(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A message."""', '"""Another."""'),
        ('    """What it does."""\n', ""),
        ('    op.execute("SELECT 1")', "    op.execute(  # why\n        'SELECT 1',\n    )"),
        ("down_revision = None", 'down_revision: str | None = "b"'),
        ("\n\n\ndef", "\n# so\n\ndef"),
        ('"SELECT 1")', '"SELECT 1")\n    pass'),
    ],
    ids=["message", "docstring", "layout", "header", "comment", "pass"],
)
def test_what_does_nothing_does_not_count(old: str, new: str) -> None:
    assert old in CODE
    assert hashed(CODE.replace(old, new)) == hashed(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SELECT 1", "SELECT 2"),
        ("True", "1"),
        ("schema=None", "schema='x'"),
        ("op.drop_table", "op.drop_index"),
        ('op.execute("SELECT 1")', 'op.execute(b"SELECT 1")'),
        ("    if True:\n        op", "    op"),
        ("def upgrade", "async def upgrade"),
    ],
)
def test_what_does_something_counts(old: str, new: str) -> None:
    assert old in CODE
    assert hashed(CODE.replace(old, new)) != hashed(CODE)


def test_a_file_that_is_no_python_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "r.py"
    path.write_text("x = 1\ny = (\n")
    with pytest.raises(RevisionGraphError, match=r"r\.py:2 is not valid Python"):
        checksum.of_file(path)


def test_an_expression_of_a_thousand_terms_has_a_hash(tmp_path: Path) -> None:
    path = tmp_path / "r.py"
    path.write_text("x = " + " + ".join(["'a'"] * 1500))
    assert len(checksum.of_file(path)) == checksum.LENGTH


def test_each_revision_has_a_row_that_says_who_when_and_what(
    run: Run, chain: Project, database_url: str
) -> None:
    assert run("upgrade").code == 0
    assert ledger(database_url) == [(f"r{n}", "upgrade") for n in (1, 2, 3)]
    columns = "history, checksum, started, seconds, who, host, tool"
    history, hash_, started, seconds, who, host, tool = ledger(database_url, columns)[1]
    assert (history, hash_) == ("alembic_version", checksum.of_file(chain.versions / "r2_.py"))
    assert started.startswith("20")
    assert started.endswith("Z")
    assert 0 < seconds < 60
    assert (who.split(" as ")[0], tool) == (getpass.getuser(), f"dbctl {package.__version__}")
    assert host


def test_a_downgrade_and_a_stamp_have_rows(run: Run, chain: Project, database_url: str) -> None:
    run("upgrade", "r2")
    run("--yes", "downgrade", "r1")
    run("stamp", "r3")
    run("stamp", "base")
    assert ledger(database_url)[2:] == [
        ("r2", "downgrade"),
        ("r2", "stamp"),
        ("r3", "stamp"),
        ("base", "stamp"),
    ]


def test_a_revision_that_fails_has_no_row(run: Run, chain: Project, database_url: str) -> None:
    chain.revision("r2", "r1", up=FAILURES["sql"])
    assert run("upgrade").code == 6
    assert ledger(database_url) == [("r1", "upgrade")]


def test_no_ledger_is_kept_where_none_is_wanted(
    quick: Run, chain: Project, database_url: str
) -> None:
    done = quick("upgrade", cwd=chain.root, env={"DBCTL_LEDGER": "false"})
    assert done.code == 0, str(done)
    with pytest.raises(Exception, match="ledger"):
        ledger(database_url)


def test_what_plain_alembic_applied_is_taken_down_before_dbctl_goes_on(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    plain("upgrade", "r2")
    assert run("upgrade").code == 0
    assert ledger(database_url) == [("r1", "adopt"), ("r2", "adopt"), ("r3", "upgrade")]
    assert run("check").json.get("slipped_in") == []


def test_plain_alembic_may_go_on_in_between(
    run: Run, plain: Plain, chain: Project, database_url: str
) -> None:
    run("upgrade", "r1")
    plain("upgrade", "r2")
    assert run("upgrade").code == 0, "r2 was taken for one that was slipped in"
    assert ledger(database_url)[1:] == [("r2", "adopt"), ("r3", "upgrade")]


def test_what_was_undone_and_made_again_by_plain_alembic_is_not_slipped_in(
    run: Run, plain: Plain, chain: Project
) -> None:
    run("upgrade")
    run("--yes", "downgrade", "r2")
    plain("upgrade", "r3")
    assert run("repair").json["findings"] == []


def test_a_revision_below_what_is_applied_is_found_and_stops_an_upgrade(
    run: Run, chain: Project, database_url: str
) -> None:
    run("upgrade")
    slip_in(chain)
    chain.revision("r4", "r3", up=table("t4"))
    done = run("upgrade")
    assert (done.code, done.json["error"]["kind"]) == (3, "revision_graph")
    assert all(word in done.json["error"]["message"] for word in ("r2b_.py", "r2b", "r3"))
    assert "dbctl repair" in done.json["error"]["hint"]
    assert versions(database_url) == ["r3"]


def test_up_refuses_it_too_and_status_only_warns(quick: Run, chain: Project) -> None:
    quick("upgrade", cwd=chain.root)
    slip_in(chain)
    assert quick("up", cwd=chain.root).code == 3
    done = quick("status", cwd=chain.root)
    assert (done.code, "r2b" in done.err, "dbctl repair" in done.err) == (0, True, True), str(done)


def test_plain_alembic_says_that_everything_is_at_head(
    run: Run, alembic: Run, chain: Project
) -> None:
    """The fault that this is about: its table is never made, and nobody says so."""
    run("upgrade")
    slip_in(chain)
    done = alembic("upgrade", "head", cwd=chain.root)
    assert done.code == 0
    assert "t_r2b" not in done.out + done.err


def test_check_and_doctor_say_what_was_slipped_in_and_what_was_edited(
    run: Run, chain: Project
) -> None:
    run("upgrade")
    slip_in(chain)
    edit(chain, "r1")
    checked = run("check")
    assert (checked.code, checked.json["slipped_in"]) == (1, ["r2b"])
    assert checked.json["edited"] == ["r1"]
    said = [one for one in run("doctor").json["findings"] if one["check"] == "history"]
    assert [one["level"] for one in said] == ["error", "error"]
    assert {one["fix"] for one in said} == {"dbctl repair --apply r2b", "dbctl repair --accept r1"}


def test_nothing_is_claimed_of_a_database_without_a_ledger(
    run: Run, plain: Plain, chain: Project
) -> None:
    plain("upgrade", "head")
    slip_in(chain)
    edit(chain, "r1")
    checked = run("check").json
    assert (checked["slipped_in"], checked["edited"]) == ([], [])
    assert run("status").code == 0


def test_a_merge_of_two_git_branches_is_not_slipped_in(run: Run, chain: Project) -> None:
    run("upgrade")
    chain.revision("s2", "r1", up=table("s2"))
    chain.revision("m", ("r3", "s2"))
    assert run("upgrade").code == 0
    assert run("repair").json["findings"] == []


def test_a_branch_that_comes_later_is_not_slipped_in(run: Run, chain: Project) -> None:
    run("upgrade")
    chain.revision("s1", labels="other", up=table("s1"))
    assert run("upgrade", "heads").code == 0
    assert run("repair").json["findings"] == []


@pytest.fixture
def clerk(server: Server, postgres_url: str) -> str:
    """The URL of a role that may make tables in `public` and nothing else."""
    name = f"clerk_{postgres_url.rsplit('/', 1)[1].split('?', maxsplit=1)[0]}"
    asked(postgres_url, f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    asked(postgres_url, f"GRANT ALL ON SCHEMA public TO {name}")
    return name


SET_ROLE = 'connection.exec_driver_sql("SET ROLE {}"); connection.commit(); context.configure('


def test_a_role_that_may_not_write_there_migrates_without_a_ledger(
    quick: Run, clerk: str, postgres_url: str, tmp_path: Path
) -> None:
    env = envs.SYNC.replace("context.configure(connection", SET_ROLE.format(clerk) + "connection")
    assert env != envs.SYNC
    project = make(tmp_path / "mine", env=env, url=driven(postgres_url))
    project.chain()
    done = quick("upgrade", cwd=project.root)
    assert done.code == 0, str(done)
    assert done.err.count("not in dbctl's ledger") == 1
    assert ledger(postgres_url) == []
    asked(postgres_url, f"DROP OWNED BY {clerk}; DROP ROLE {clerk}")


def test_a_role_that_may_make_no_schema_migrates_without_a_ledger(
    quick: Run, clerk: str, postgres_url: str, tmp_path: Path
) -> None:
    project = make(tmp_path / "mine", url=driven(postgres_url))
    project.chain()
    url = psycopg.conninfo.make_conninfo(postgres_url, user=clerk, password="x")
    parts = psycopg.conninfo.conninfo_to_dict(url)
    said = f"postgresql://{clerk}:x@{parts['host']}:{parts['port']}/{parts['dbname']}"
    done = quick("--url", said, "upgrade", cwd=project.root)
    assert done.code == 0, str(done)
    with pytest.raises(psycopg.errors.UndefinedTable):
        ledger(postgres_url)
    assert "t3" in rows_of(postgres_url)
    asked(postgres_url, f"DROP OWNED BY {clerk}; DROP ROLE {clerk}")


@pytest.mark.parametrize("said", ["connection", "engine"])
def test_an_env_py_whose_engine_commits_each_statement_keeps_a_ledger(
    made: Make, quick: Run, database_url: str, said: str
) -> None:
    if said == "engine":
        engine = f'{envs.FROM_CONFIG[:-1]}, isolation_level="AUTOCOMMIT")'
    else:
        engine = f'{envs.FROM_CONFIG}.execution_options(isolation_level="AUTOCOMMIT")'
    project = made(env=envs.sync(engine=engine))
    project.chain()
    done = quick("upgrade", cwd=project.root)
    assert done.code == 0, str(done)
    assert "not in dbctl's ledger" not in done.err
    assert len(ledger(database_url)) == 3


def test_each_history_has_rows_of_its_own(made: Make, quick: Run, database_url: str) -> None:
    project = made()
    project.chain()
    assert quick("upgrade", cwd=project.root).code == 0
    project.write("migrations/env.py", envs.sync(options='version_table="v2"'))
    done = quick("--json", "stamp", "r2", cwd=project.root)
    assert done.code == 0, str(done)
    assert ledger(database_url, "history, revision")[3:] == [("v2", "r1"), ("v2", "r2")]


def test_dbctl_sees_none_of_its_own_tables(run: Run, chain: Project, database_url: str) -> None:
    run("upgrade")
    listed = {one["name"] for one in run("tables", "list").json["tables"]}
    assert not any(own.is_own(name) or "ledger" in name for name in listed)
    differences = run("check").json["differences"]
    assert not any("dbctl" in one["object"] for one in differences)
    assert asked(database_url, f"SELECT count(*) FROM {owned(database_url, 'ledger')}")
