"""`--sql` and `plan`: the script does what the run would have done, and nothing is run for it."""

import secrets
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.migrate.conftest import Make, Run
from tests.migrate.test_upgrade import asked
from tests.projects import envs
from tests.projects.make import Project, table
from tests.runner import Finished
from tests.schema import rows_of, schema_of
from tests.servers.server import Server

CHECKOUT = Path(__file__).parents[2]
DATA = """\
names = sa.table("t1", sa.column("id"))
op.bulk_insert(names, [{"id": 7}, {"id": 8}])
for row in op.get_bind().execute(sa.select(names.c.id).order_by(names.c.id)):
    op.execute(f"INSERT INTO t2 VALUES ({row.id * 10})")
op.execute(sa.text("INSERT INTO t2 VALUES (:id)").bindparams(id=-5))
"""


def _play(url: str, script: str, server: Server | None) -> None:
    """Send the script with the database's own client."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split(":///")[1])) as file:
            file.executescript(script)
        return
    assert server is not None
    psql = str(server.bin / "psql") if server.bin else "psql"
    command = [psql, "-qX", "-v", "ON_ERROR_STOP=1", url]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def play(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`play(url, script)`: psql for PostgreSQL, sqlite3 for SQLite."""

    def send(url: str, script: str) -> None:
        _play(url, script, None if url.startswith("sqlite") else request.getfixturevalue("server"))

    return send


@pytest.fixture
def data(chain: Project) -> Project:
    """A history whose second revision reads rows and writes others for them."""
    chain.revision("r2", "r1", up=table("t2") + "\n" + DATA, undo='op.drop_table("t2")')
    return chain


def _twin(url: str, request: pytest.FixtureRequest) -> str:
    """Another empty database of the same kind."""
    if url.startswith("sqlite"):
        path = Path(url.split(":///")[1]).with_name("twin.db")
        path.touch()
        return f"sqlite:///{path}"
    name = url.rsplit("/", 1)[1] + "_twin"
    request.getfixturevalue("admin")(f'CREATE DATABASE "{name}"')
    request.addfinalizer(
        lambda: request.getfixturevalue("server").run(f'DROP DATABASE "{name}" WITH (FORCE)')
    )
    return f"{url.rsplit('/', 1)[0]}/{name}"


def test_the_sample_s_script_makes_what_the_run_makes(
    quick: Run,
    database_url: str,
    play: Callable[[str, str], None],
    request: pytest.FixtureRequest,
) -> None:
    twin = _twin(database_url, request)
    script = quick("--url", database_url, "upgrade", "--sql", cwd=CHECKOUT)
    assert script.code == 0, str(script)
    play(database_url, script.out)
    assert quick("--url", twin, "upgrade", cwd=CHECKOUT).code == 0
    assert schema_of(database_url) == schema_of(twin)
    assert quick("--url", database_url, "status", cwd=CHECKOUT).code == 0


def test_a_data_revision_is_captured_on_a_scratch_database(
    quick: Run,
    data: Project,
    database_url: str,
    play: Callable[[str, str], None],
    request: pytest.FixtureRequest,
) -> None:
    twin = _twin(database_url, request)
    script = quick("upgrade", "--sql", cwd=data.root)
    assert script.code == 0, str(script)
    play(database_url, script.out)
    assert quick("--url", twin, "upgrade", cwd=data.root).code == 0
    assert schema_of(database_url) == schema_of(twin)
    assert rows_of(database_url) == rows_of(twin)
    assert asked(database_url, "SELECT id FROM t2 ORDER BY id") == [
        (-5,),
        (1,),
        (10,),
        (70,),
        (80,),
    ]


def test_the_database_itself_is_untouched_by_a_script(
    run: Run, data: Project, database_url: str
) -> None:
    before = schema_of(database_url)
    assert run("upgrade", "--sql").code == 0
    assert run("plan").code == 0
    assert schema_of(database_url) == before


def test_no_scratch_database_is_left(
    quick: Run,
    data: Project,
    postgres_url: str,
    admin: Callable[..., list[tuple[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = secrets.token_hex(8)
    monkeypatch.setattr(secrets, "token_hex", lambda _size: token)
    assert quick("--url", postgres_url, "upgrade", "--sql", cwd=data.root).code == 0
    assert not admin(f"SELECT 1 FROM pg_database WHERE datname = 'dbctl_scratch_{token}'")


def test_without_a_scratch_database_a_data_revision_is_said(run: Run, data: Project) -> None:
    done = run("upgrade", "--sql", "--no-scratch")
    assert done.code == 3
    assert "r1" in done.json["error"]["message"]
    assert "--scratch" in done.json["error"]["hint"]


def test_a_script_starts_where_the_database_is(run: Run, chain: Project) -> None:
    assert run("upgrade", "r2").code == 0
    script = run("upgrade", "--sql").out
    assert "CREATE TABLE t3" in script
    assert "CREATE TABLE t2" not in script
    assert "CREATE TABLE alembic_version" not in script


def test_a_script_from_base_makes_no_second_version_table(
    quick: Run, chain: Project, database_url: str, play: Callable[[str, str], None]
) -> None:
    assert quick("upgrade", cwd=chain.root).code == 0
    assert quick("-y", "downgrade", "base", cwd=chain.root).code == 0
    play(database_url, quick("upgrade", "--sql", cwd=chain.root).out)
    assert quick("status", cwd=chain.root).code == 0


def test_a_range_needs_no_database(quick: Run, chain: Project, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/nowhere.db"
    script = quick("--url", nowhere, "upgrade", "--sql", "r1:r2", cwd=chain.root)
    assert script.code == 0, str(script)
    assert "CREATE TABLE t2" in script.out
    assert "CREATE TABLE t1" not in script.out
    assert not (tmp_path / "nowhere.db").exists()


def test_a_downgrade_can_be_written_too(
    quick: Run, chain: Project, database_url: str, play: Callable[[str, str], None]
) -> None:
    assert quick("upgrade", cwd=chain.root).code == 0
    play(database_url, quick("downgrade", "--sql", "r1", cwd=chain.root).out)
    assert [one for one in rows_of(database_url) if one.startswith("t")] == ["t1"]
    assert quick("--json", "current", cwd=chain.root).json["revision"] == ["r1"]


def test_a_script_holds_sql_alone_though_env_py_prints(
    made: Make, quick: Run, database_url: str, play: Callable[[str, str], None]
) -> None:
    noisy = made(env=envs.sync(head="print('hello from env.py')"))
    noisy.chain()
    script = quick("upgrade", "--sql", cwd=noisy.root)
    assert "hello" not in script.out
    play(database_url, script.out)
    assert quick("status", cwd=noisy.root).code == 0


def test_an_autocommit_block_stands_outside_the_transactions(
    quick: Run, data: Project, postgres_url: str, play: Callable[[str, str], None]
) -> None:
    data.revision(
        "r4",
        "r3",
        up="with op.get_context().autocommit_block():\n"
        '    op.execute("CREATE INDEX CONCURRENTLY i4 ON t1 (id)")',
    )
    script = quick("--url", postgres_url, "upgrade", "--sql", cwd=data.root)
    play(postgres_url, script.out)  # psql refuses CONCURRENTLY inside a transaction
    assert quick("--url", postgres_url, "status", cwd=data.root).code == 0


def test_plan_says_what_would_run_with_its_sql(run: Run, chain: Project) -> None:
    assert run("upgrade", "r1").code == 0
    plan = run("plan").json
    keys = {"environment", "database", "from", "to", "revisions", "one_transaction"}
    assert set(plan) == keys
    assert (plan["from"], plan["to"]) == (["r1"], ["r3"])
    assert [one["revision"] for one in plan["revisions"]] == ["r2", "r3"]
    assert "CREATE TABLE t2" in plan["revisions"][0]["sql"]
    assert "CREATE TABLE t3" not in plan["revisions"][0]["sql"]


def test_plan_goes_down_when_the_revision_lies_below(run: Run, chain: Project) -> None:
    assert run("upgrade").code == 0
    plan = run("plan", "r1").json
    assert [one["revision"] for one in plan["revisions"]] == ["r3", "r2"]
    assert plan["to"] == ["r1"]
    assert "DROP TABLE t3" in plan["revisions"][0]["sql"]


def test_plan_at_head_is_empty(run: Run, chain: Project) -> None:
    assert run("upgrade").code == 0
    assert run("plan").json["revisions"] == []


def test_a_broken_revision_is_no_reason_to_touch_the_database(run: Run, chain: Project) -> None:
    chain.revision("r2", "r1", up='raise RuntimeError("not today")')
    done: Finished = run("plan")
    assert done.code == 6
    assert "not today" in done.json["error"]["message"]
