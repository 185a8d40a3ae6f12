"""Neon's own command is content with the stand-in, and leaves it as it would leave Neon."""

from datetime import timedelta

import psycopg
import pytest

from tests.neon.clock import stamp
from tests.neon.judge import Judge, skip_without
from tests.neon.standin import StandIn

pytestmark = pytest.mark.soak

skip_without()


def test_it_lists_every_project(judge: Judge, neon: StandIn) -> None:
    neon.add_projects(104)
    found = judge("projects", "list").json["projects"]
    assert len({one["id"] for one in found}) == 105


def test_it_creates_a_branch_that_connects(judge: Judge, neon: StandIn) -> None:
    made = judge("branches", "create", "--name", "one", "--cu", "0.5-2").json
    uri = made["connection_uris"][0]["connection_uri"]
    # The command does not wait.
    neon.clock.advance(60)
    with psycopg.connect(uri, hostaddr="127.0.0.1") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert neon.state()["one"]["computes"] == [("read_write", 0.5, 2)]
    assert neon.state()["one"]["parent"] == "main"


def test_it_creates_a_branch_of_the_schema_only(judge: Judge, neon: StandIn) -> None:
    neon.run("main", "CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    judge("branches", "create", "--name", "one", "--schema-only")
    assert neon.run("one", "SELECT * FROM t") == []


def test_it_lists_and_gets_branches(judge: Judge, neon: StandIn) -> None:
    assert [one["name"] for one in judge("branches", "list").json] == ["main"]
    assert judge("branches", "get", "main").json["id"] == neon.branch("main").id


def test_it_finds_a_name_on_a_later_page(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one", "--no-compute")
    neon.page_size = 1
    assert judge("branches", "get", "main").json["name"] == "main"
    assert judge("branches", "get", "one").json["name"] == "one"


def test_it_renames_and_deletes(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one", "--no-compute")
    assert judge("branches", "rename", "one", "two").json["name"] == "two"
    assert neon.names == ["main", "two"]
    judge("branches", "delete", "two")
    assert neon.names == ["main"]


def test_it_says_why_the_default_branch_stays(judge: Judge, neon: StandIn) -> None:
    done = judge("branches", "delete", "main", code=1)
    assert "cannot delete the default branch" in done.err


def test_it_says_that_a_name_is_taken(judge: Judge, neon: StandIn) -> None:
    done = judge("branches", "create", "--name", "main", "--no-compute", code=1)
    assert "branch already exists" in done.err


def test_it_waits_while_a_branch_is_locked(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one", "--no-compute")
    neon.faults.answer(423, times=2, method="PATCH")
    judge("branches", "rename", "one", "two")
    assert [status for method, _, status in neon.requests if method == "PATCH"] == [423, 423, 200]


def test_it_resets_to_the_parent(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one")
    neon.run("main", "CREATE TABLE t (a int)")
    assert "last_reset_at" in judge("branches", "reset", "one", "--parent").json
    assert neon.run("one", "SELECT * FROM t") == []


def test_it_restores_a_point_in_time(judge: Judge, neon: StandIn) -> None:
    neon.run("main", "CREATE TABLE t (a int)")
    then = neon.snapshot_now("main")
    neon.run("main", "DROP TABLE t")
    point = f"^self@{stamp(then.at)}"
    done = judge("branches", "restore", "main", point, "--preserve-under-name", "old").json
    assert done["backup_branch"]["name"] == "old"
    assert neon.run("main", "SELECT * FROM t") == []


def test_it_sets_the_default(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one", "--no-compute")
    judge("branches", "set-default", "one")
    assert neon.branch("one").default
    assert not neon.branch("main").default


def test_it_sets_and_removes_an_expiry(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one", "--no-compute")
    when = stamp(neon.clock.now() + timedelta(days=2))
    judge("branches", "set-expiration", "one", "--expires-at", when)
    assert neon.state()["one"]["hours_left"] == 48
    judge("branches", "set-expiration", "one")
    assert neon.state()["one"]["hours_left"] is None


def test_it_compares_schemas(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one", "--no-compute")
    neon.run("one", "CREATE TABLE t (a int)")
    assert "+CREATE TABLE public.t (" in judge("branches", "schema-diff", "main", "one").out


def test_it_adds_a_compute(judge: Judge, neon: StandIn) -> None:
    made = judge("branches", "add-compute", "main", "--type", "read_only", "--cu", "1").json
    assert made["host"].startswith(made["id"])
    assert neon.state()["main"]["computes"] == [("read_only", 1, 1), ("read_write", 0.25, 0.25)]


@pytest.mark.parametrize("options", [[], ["--pooled"]], ids=["direct", "pooled"])
def test_its_connection_string_connects(judge: Judge, neon: StandIn, options: list[str]) -> None:
    uri = judge("connection-string", "main", "--ssl", "omit", *options).out.strip()
    assert uri == neon.uri("main", pooled=bool(options)).split("?")[0]
    with psycopg.connect(uri, hostaddr="127.0.0.1") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_lists_operations(judge: Judge, neon: StandIn) -> None:
    judge("branches", "create", "--name", "one")
    actions = [one["action"] for one in judge("operations", "list").json]
    assert actions[:2] == ["start_compute", "create_branch"]


def test_it_bears_what_it_does_not_know(judge: Judge, neon: StandIn) -> None:
    neon.faults.novelty()
    judge("branches", "create", "--name", "one", "--no-compute")
    assert len(judge("branches", "list").json) == 2
