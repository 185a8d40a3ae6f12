"""The stand-in's branches are real databases: rows, log-ins, history, schemas."""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import psycopg
import pytest

from tests import runner
from tests.neon.client import Client, rows
from tests.neon.clock import stamp
from tests.neon.standin import StandIn

WRITE = "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)"


def test_a_branch_has_its_parents_rows_and_its_own_future(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    api.created("one")
    neon.run("one", "INSERT INTO t VALUES (3)")
    assert rows(neon.uri("one")) == [(1,), (2,), (3,)]
    assert rows(neon.uri("main")) == [(1,), (2,)]


def test_a_branch_can_be_made_while_its_parent_is_in_use(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    with psycopg.connect(neon.uri("main"), hostaddr="127.0.0.1") as connection:
        api.created("one")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
    assert rows(neon.uri("one")) == [(1,), (2,)]


def test_what_one_role_makes_belongs_to_it_on_every_branch(neon: StandIn, api: Client) -> None:
    rows(neon.uri("main"), "CREATE TABLE t (a int)")
    api.created("one")
    assert rows(neon.uri("one"), "ALTER TABLE t ADD b int; SELECT b FROM t") == []


def test_a_schema_only_branch_is_a_root_without_rows(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    body = api.created("one", init_source="schema-only")
    assert rows(neon.uri("one")) == []
    assert "parent_id" not in body["branch"]


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "pooled"])
def test_the_uri_connects(neon: StandIn, api: Client, pooled: bool) -> None:
    query = {"database_name": "neondb", "role_name": "neondb_owner", "pooled": str(pooled).lower()}
    uri = api.get("connection_uri", params=query).json()["uri"]
    assert rows(uri, "SELECT 1") == [(1,)]
    assert ("-pooler.localhost" in uri) is pooled
    assert neon.connections[-1].database == "neondb"


def test_a_process_connects_with_the_environment(neon: StandIn) -> None:
    for line in ("psycopg.connect(uri).close()", "asyncio.run(asyncpg.connect(uri.split('?')[0]))"):
        script = f"import asyncio, asyncpg, psycopg, sys; uri = sys.argv[1]; {line}"
        done = runner.run([sys.executable, "-c", script, neon.uri("main")], env=neon.env)
        assert done.code == 0, str(done)
    assert len(neon.connections) == 2


@pytest.mark.anyio
async def test_asyncpg_connects_too(neon: StandIn) -> None:
    connection = await asyncpg.connect(neon.uri("main").split("?")[0])
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


@pytest.mark.parametrize(
    ("login", "sqlstate"),
    [("nobody:x", "28P01"), ("neondb_owner:wrong", "28P01")],
    ids=["role", "password"],
)
def test_who_is_not_known_does_not_get_in(neon: StandIn, login: str, sqlstate: str) -> None:
    uri = f"postgresql://{login}@127.0.0.1:{neon.endpoint('main').port}/neondb"
    with pytest.raises(psycopg.OperationalError) as failed:
        psycopg.connect(uri)
    assert "password authentication failed" in str(failed.value)


def test_children_have_their_parents_password_unless_it_is_protected(
    neon: StandIn, api: Client
) -> None:
    api.created("one")
    api.done(api.patch(f"branches/{api.id_of('main')}", json=protect(True)))
    api.created("two")
    assert neon.role("one").password == neon.role("main").password != neon.role("two").password
    assert rows(neon.uri("two"), "SELECT 1") == [(1,)]


def protect(value: bool) -> dict[str, Any]:
    return {"branch": {"protected": value}}


def test_a_password_is_of_one_branch_only(neon: StandIn, api: Client) -> None:
    api.created("one")
    old = neon.uri("one")
    path = f"branches/{api.id_of('one')}/roles/neondb_owner/reset_password"
    api.done(api.post(path))
    assert rows(neon.uri("one"), "SELECT 1") == rows(neon.uri("main"), "SELECT 1") == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        rows(old)


def test_nobody_gets_in_before_the_operations_are_over(neon: StandIn, api: Client) -> None:
    neon.operations.hold()
    api.post("branches", json={"branch": {"name": "one"}, "endpoints": [{"type": "read_write"}]})
    with pytest.raises(psycopg.OperationalError, match="could not be found"):
        rows(neon.uri("one"), "SELECT 1")
    neon.operations.release()
    time.sleep(0.05)
    assert rows(neon.uri("one"), "SELECT 1") == [(1,)]


def test_a_log_in_may_be_refused_for_a_moment(neon: StandIn) -> None:
    neon.faults.refuse_logins(1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        rows(neon.uri("main"), "SELECT 1")
    assert rows(neon.uri("main"), "SELECT 1") == [(1,)]


def test_a_suspended_compute_ends_connections_and_wakes(neon: StandIn, api: Client) -> None:
    endpoint = neon.endpoint("main")
    with psycopg.connect(neon.uri("main"), hostaddr="127.0.0.1") as connection:
        api.done(api.post(f"endpoints/{endpoint.id}/suspend"))
        assert endpoint.current_state == "idle"
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert rows(neon.uri("main"), "SELECT 1") == [(1,)]
    assert endpoint.current_state == "active"


def test_a_branch_begins_at_a_recorded_point(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    then = neon.snapshot_now("main")
    neon.run("main", "DELETE FROM t")
    api.created("by-time", parent_timestamp=stamp(then.at))
    api.created("by-lsn", parent_lsn=then.lsn)
    assert rows(neon.uri("by-time")) == rows(neon.uri("by-lsn")) == [(1,), (2,)]
    assert rows(neon.uri("main")) == []


def test_before_its_history_a_branch_has_nothing(neon: StandIn, api: Client) -> None:
    then = stamp(datetime.now(UTC) - timedelta(hours=1))
    neon.snapshot_now("main")
    body = {"branch": {"name": "one", "parent_timestamp": then}}
    assert api.post("branches", json=body).status_code == 400


def test_reset_brings_the_parents_rows_back(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    api.created("one")
    neon.run("one", "DROP TABLE t")
    body = {"source_branch_id": api.id_of("main")}
    uri = neon.uri("one")
    api.done(api.post(f"branches/{api.id_of('one')}/restore", json=body))
    assert rows(uri) == [(1,), (2,)]
    assert neon.state()["one"]["was_reset"]


def test_restore_keeps_the_old_state_under_a_name(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    then, main = neon.snapshot_now("main"), api.id_of("main")
    neon.run("main", "DELETE FROM t")
    body = {"source_branch_id": main, "source_timestamp": stamp(then.at)}
    assert api.post(f"branches/{main}/restore", json=body).status_code == 422
    api.done(api.post(f"branches/{main}/restore", json=body | {"preserve_under_name": "old"}))
    assert rows(neon.uri("main")) == [(1,), (2,)]
    assert neon.run("old", "SELECT * FROM t") == []
    assert neon.branch("main").parent_id == api.id_of("old")


def test_schemas_are_compared_with_the_parent(neon: StandIn, api: Client) -> None:
    api.created("one")
    path = f"branches/{api.id_of('one')}/compare_schema?db_name=neondb"
    assert api.get(path).json() == {"diff": ""}
    neon.run("one", WRITE)
    assert "+CREATE TABLE public.t (" in api.get(path).json()["diff"]


def test_the_schema_is_described_as_tables_too(neon: StandIn, api: Client) -> None:
    neon.run("main", "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p)")
    path = f"branches/{api.id_of('main')}/schema?db_name=neondb&format=json"
    tables = {one["name"]: one for one in api.get(path).json()["json"]["tables"]}
    assert [one["type"] for one in tables["p"]["columns"]] == ["integer"]
    assert tables["c"]["constraints"][0]["referenced_table"]["columns"] == ["id"]


def test_a_snapshot_is_restored_in_place(neon: StandIn, api: Client) -> None:
    neon.run("main", WRITE)
    uri = neon.uri("main")
    made = api.done(api.post(f"branches/{api.id_of('main')}/snapshot?name=s"))["snapshot"]
    neon.run("main", "DROP TABLE t")
    body = {"name": "restored", "finalize_restore": True}
    api.done(api.post(f"snapshots/{made['id']}/restore", json=body))
    assert rows(uri) == [(1,), (2,)]
    api.done(api.delete(f"snapshots/{made['id']}"), 202)
    assert api.get("snapshots").json() == {"snapshots": []}


def test_databases_and_roles_come_and_go(neon: StandIn, api: Client) -> None:
    path = f"branches/{api.id_of('main')}"
    api.done(api.post(f"{path}/roles", json={"role": {"name": "ann"}}), 201)
    body = {"database": {"name": "second", "owner_name": "ann"}}
    api.done(api.post(f"{path}/databases", json=body), 201)
    assert rows(neon.uri("main", database="second", role="ann"), "CREATE TABLE t (a int)") == []
    assert api.delete(f"{path}/roles/ann").status_code == 422
    api.done(api.delete(f"{path}/databases/second"))
    api.done(api.delete(f"{path}/roles/ann"))
    assert api.delete(f"{path}/roles/ann").status_code == 204
