"""Computes, databases, roles, operations, snapshots, and the rest of the API."""

from collections.abc import Callable

import pytest

from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]
BRANCH = ("--branch", "pr-1")


@pytest.fixture
def neon_run(neon: StandIn, quick: Run) -> Run:
    """`neon_run("compute", "list")`, with a branch `pr-1` made before."""

    def run(*words: str) -> Finished:
        return quick("--json", "--yes", "neon", *words, env=neon.env)

    assert run("branch", "create", "pr-1").code == 0
    return run


def ended(done: Finished) -> tuple[int, str]:
    return done.code, done.json["error"]["kind"]


def test_computes_are_listed_for_the_project_or_a_branch(neon: StandIn, neon_run: Run) -> None:
    assert len(neon_run("compute", "list").json["computes"]) == 2
    (one,) = neon_run("compute", "list", "pr-1").json["computes"]
    assert one["id"] == neon.endpoint("pr-1").id


def test_a_branch_has_one_compute_that_writes(neon: StandIn, neon_run: Run) -> None:
    again = neon_run("compute", "add", "pr-1").json
    assert (again["changed"], again["compute"]["id"]) == (False, neon.endpoint("pr-1").id)
    neon_run("branch", "create", "bare", "--no-compute")
    assert neon_run("compute", "add", "bare", "--cu", "1-2").json["changed"]
    assert neon.state()["bare"]["computes"] == [("read_write", 1, 2)]


def test_a_lost_reply_adds_no_second_compute(neon: StandIn, neon_run: Run) -> None:
    neon_run("branch", "create", "bare", "--no-compute")
    neon.faults.drop_after(method="POST")
    done = neon_run("compute", "add", "bare")
    assert (done.code, len(neon.state()["bare"]["computes"])) == (0, 1)


def test_a_replica_is_added(neon: StandIn, neon_run: Run) -> None:
    assert neon_run("compute", "add", "pr-1", "--read-only").code == 0
    assert {kind for kind, *_ in neon.state()["pr-1"]["computes"]} == {"read_only", "read_write"}


def test_a_compute_sleeps_and_wakes(neon: StandIn, neon_run: Run) -> None:
    for verb, state in (("suspend", "idle"), ("start", "active"), ("restart", "active")):
        for target in ("pr-1", neon.endpoint("pr-1").id):
            assert neon_run("compute", verb, target).code == 0
            assert neon.endpoint("pr-1").current_state == state


def test_a_compute_that_does_not_exist_is_said(neon_run: Run) -> None:
    assert ended(neon_run("compute", "start", "ep-no-body-12345678")) == (1, "not_found")
    neon_run("branch", "create", "bare", "--no-compute")
    assert ended(neon_run("compute", "start", "bare")) == (1, "not_found")


def test_databases_come_and_go(neon: StandIn, neon_run: Run) -> None:
    assert neon_run("databases", "create", "app", *BRANCH).json["changed"]
    assert not neon_run("databases", "create", "app", *BRANCH).json["changed"]
    names = [one["name"] for one in neon_run("databases", "list", *BRANCH).json["databases"]]
    assert names == ["app", "neondb"]
    assert neon_run("databases", "delete", "app", *BRANCH).json["changed"]
    assert ended(neon_run("databases", "delete", "app", *BRANCH)) == (1, "not_found")
    assert neon_run("databases", "delete", "app", "--if-exists", *BRANCH).code == 0
    assert list(neon.branch("pr-1").databases) == ["neondb"]


@pytest.mark.parametrize("noun", ["databases", "roles"])
def test_a_lost_reply_is_looked_up_by_name(noun: str, neon: StandIn, neon_run: Run) -> None:
    neon.faults.drop_after(method="POST")
    done = neon_run(noun, "create", "app", *BRANCH)
    assert (done.code, done.json["changed"]) == (0, True)
    assert "app" in getattr(neon.branch("pr-1"), noun)


def test_roles_come_and_go(neon: StandIn, neon_run: Run) -> None:
    made = neon_run("roles", "create", "bob", "--reveal", *BRANCH).json
    assert made["password"] == neon.role("pr-1", "bob").password
    assert neon_run("roles", "create", "bob", *BRANCH).json["password"] is None
    names = [one["name"] for one in neon_run("roles", "list", *BRANCH).json["roles"]]
    assert names == ["bob", "neondb_owner"]
    assert neon_run("roles", "delete", "bob", *BRANCH).json["changed"]
    assert ended(neon_run("roles", "delete", "bob", *BRANCH)) == (1, "not_found")
    assert neon_run("roles", "delete", "bob", "--if-exists", *BRANCH).code == 0


def test_a_new_password_is_shown_only_when_asked_for(neon: StandIn, neon_run: Run) -> None:
    line = ("roles", "reset-password", "neondb_owner", *BRANCH)
    before = neon.role("pr-1").password
    assert neon_run(*line).json["password"] == "***"
    assert neon_run(*line, "--reveal").json["password"] == neon.role("pr-1").password != before
    assert ended(neon_run("roles", "reset-password", "no", *BRANCH)) == (1, "not_found")


def test_operations_are_shown_and_waited_for(neon: StandIn, neon_run: Run) -> None:
    neon.operations.seconds = 0.5
    neon_run("branch", "create", "slow", "--no-wait")
    waited = neon_run("operations", "wait").json["operations"]
    assert {one["status"] for one in waited} == {"finished"}
    first = waited[0]["id"]
    assert neon_run("operations", "get", first).json["id"] == first
    assert neon_run("operations", "wait", first).code == 0
    assert len(neon_run("operations", "list", "--limit", "2").json["operations"]) == 2


@pytest.mark.parametrize("name", ["nothing", "00000000-0000-4000-8000-000000000000"])
def test_an_operation_that_does_not_exist_is_said(name: str, neon_run: Run) -> None:
    assert ended(neon_run("operations", "get", name)) == (1, "not_found")


def test_waiting_for_a_failed_operation_is_a_failure(neon: StandIn, neon_run: Run) -> None:
    neon.operations.end("create_branch", "error", reason="no disk")
    neon_run("branch", "create", "bad", "--no-wait")
    failed = neon.project.operations[-2].id
    done = neon_run("operations", "wait", failed)
    assert done.code == 9
    assert all(part in done.json["error"]["message"] for part in (failed, "no disk"))


def test_a_snapshot_becomes_a_branch(neon: StandIn, neon_run: Run) -> None:
    neon.run("pr-1", "CREATE TABLE mine (a int)")
    made = neon_run("snapshots", "create", "pr-1", "--name", "first").json
    assert made["snapshot"]["name"] == "first"
    listed = neon_run("snapshots", "list").json["snapshots"]
    assert [one["id"] for one in listed] == [made["snapshot"]["id"]]
    assert neon_run("snapshots", "restore", "first", "--branch-name", "back").code == 0
    assert neon.run("back", "SELECT to_regclass('mine')::text") == [("mine",)]


def test_snapshots_are_deleted_by_name_or_id(neon: StandIn, neon_run: Run) -> None:
    neon_run("snapshots", "create", "pr-1", "--name", "first")
    assert neon_run("snapshots", "delete", "first").json["changed"]
    assert ended(neon_run("snapshots", "delete", "first")) == (1, "not_found")
    assert not neon_run("snapshots", "delete", "first", "--if-exists").json["changed"]


@pytest.mark.parametrize(
    ("path", "line", "there"),
    [
        ("/snapshot", ("snapshots", "create", "pr-1", "--name", "late"), "late"),
        ("/restore", ("snapshots", "restore", "first", "--branch-name", "back"), "back"),
    ],
)
def test_a_lost_reply_about_a_snapshot_is_looked_up(
    path: str, line: tuple[str, ...], there: str, neon: StandIn, neon_run: Run
) -> None:
    neon_run("snapshots", "create", "pr-1", "--name", "first")
    neon.faults.drop_after(method="POST", path=path)
    assert neon_run(*line).code == 0
    snapshots = [one.name for one in neon.project.snapshots.values()]
    assert (snapshots + neon.names).count(there) == 1


def test_any_request_can_be_sent(neon: StandIn, neon_run: Run) -> None:
    path = f"/projects/{{project_id}}/branches/{neon.branch('pr-1').id}"
    done = neon_run("api", "patch", path, "--field", "branch.name=new")
    assert done.json["branch"]["name"] == "new"
    listed = neon_run("api", "GET", "/projects/{project_id}/branches", "--field", "search=new")
    assert [one["name"] for one in listed.json["branches"]] == ["new"]


def test_passwords_in_any_answer_are_masked(neon: StandIn, neon_run: Run) -> None:
    path = f"/projects/{{project_id}}/branches/{neon.branch('pr-1').id}/roles/neondb_owner"
    password = neon.role("pr-1").password
    assert neon_run("api", "GET", f"{path}/reveal_password").json == {"password": "***"}
    revealed = neon_run("api", "GET", f"{path}/reveal_password", "--reveal")
    assert revealed.json == {"password": password}
    query = ("--field", "database_name=neondb", "--field", "role_name=neondb_owner")
    uri = neon_run("api", "GET", "/projects/{project_id}/connection_uri", *query)
    assert ":***@" in uri.json["uri"]


@pytest.mark.parametrize(
    "words",
    [
        ("FETCH", "/projects"),
        ("GET", "projects"),
        ("GET", "//elsewhere.example/x"),
        ("GET", "/projects", "--field", "noequals"),
        ("POST", "/projects", "--field", "a=1", "--input", "x.json"),
        ("POST", "/projects", "--input", "missing.json"),
        ("POST", "/projects", "--field", "a=1", "--field", "a.b=1"),
    ],
)
def test_a_request_that_is_none_is_not_sent(
    words: tuple[str, ...], neon: StandIn, neon_run: Run
) -> None:
    before = len(neon.requests)
    assert ended(neon_run("api", *words)) == (2, "usage")
    assert len(neon.requests) == before
