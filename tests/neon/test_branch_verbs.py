"""What can be done to a branch that is there; each of it twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]


@pytest.fixture
def neon_run(neon: StandIn, quick: Run) -> Callable[..., Finished]:
    """`neon_run("branch", "list")`: `dbctl --json --yes neon branch list` at the stand-in."""

    def run(*words: str, yes: bool = True) -> Finished:
        said = ["--yes"] if yes else []
        return quick("--json", *said, "neon", *words, env=neon.env)

    return run


@pytest.fixture
def branch(neon: StandIn, neon_run: Run) -> str:
    """A branch of main with a compute."""
    done = neon_run("branch", "create", "pr-1")
    assert done.code == 0, done
    return "pr-1"


def ended(done: Finished) -> tuple[int, str]:
    """The exit code and the kind of the error."""
    return done.code, done.json["error"]["kind"]


def test_list_shows_parents_and_states(branch: str, neon: StandIn, neon_run: Run) -> None:
    found = neon_run("branch", "list").json
    assert found["project"] == neon.project_id
    main, made = found["branches"]
    assert (main["name"], main["default"]) == ("main", True)
    assert (made["name"], made["parent_id"], made["current_state"]) == (branch, main["id"], "ready")


def test_get_takes_a_name_or_an_id(branch: str, neon: StandIn, neon_run: Run) -> None:
    by_name = neon_run("branch", "get", branch).json
    assert neon_run("branch", "get", neon.branch(branch).id).json == by_name


@pytest.mark.parametrize("name", ["nobody", "br-no-body-12345678", "pr", "../../projects"])
def test_a_name_that_does_not_exist_is_never_another_branch(
    name: str, branch: str, neon_run: Run
) -> None:
    assert ended(neon_run("branch", "get", name)) == (1, "not_found")
    assert ended(neon_run("branch", "url", name)) == (1, "not_found")
    assert ended(neon_run("branch", "reset", name)) == (1, "not_found")
    assert ended(neon_run("branch", "delete", name)) == (1, "not_found")


def test_rename_keeps_the_branch(branch: str, neon: StandIn, neon_run: Run) -> None:
    before = neon.branch(branch).id
    assert neon_run("branch", "rename", branch, "new").json["changed"]
    assert neon.branch("new").id == before
    assert not neon_run("branch", "rename", "new", "new").json["changed"]


def test_delete_removes_it_and_its_computes(branch: str, neon: StandIn, neon_run: Run) -> None:
    assert neon_run("branch", "delete", branch).json["changed"]
    assert neon.names == ["main"]
    assert ended(neon_run("branch", "delete", branch)) == (1, "not_found")
    again = neon_run("branch", "delete", branch, "--if-exists")
    assert (again.code, again.json["changed"]) == (0, False)


@pytest.mark.parametrize("verb", ["delete", "reset"])
def test_without_a_yes_nothing_is_destroyed(
    verb: str, branch: str, neon: StandIn, neon_run: Run
) -> None:
    assert ended(neon_run("branch", verb, branch, yes=False)) == (5, "not_confirmed")
    assert neon.names == ["main", branch]
    assert not neon.state()[branch]["was_reset"]


@pytest.mark.parametrize("line", [("delete",), ("reset",), ("restore", "pr-1")])
def test_the_default_branch_is_never_destroyed(
    line: tuple[str, ...], branch: str, neon: StandIn, neon_run: Run
) -> None:
    verb, *more = line
    before = len(neon.requests)
    assert ended(neon_run("branch", verb, "main", *more)) == (5, "refused")
    assert {method for method, _, _ in neon.requests[before:]} == {"GET"}


def test_a_protected_branch_is_never_destroyed(neon: StandIn, neon_run: Run) -> None:
    neon_run("branch", "create", "kept", "--protected")
    assert ended(neon_run("branch", "delete", "kept")) == (5, "refused")
    assert ended(neon_run("branch", "reset", "kept")) == (5, "refused")
    assert "kept" in neon.names


def test_reset_makes_it_what_its_parent_is(branch: str, neon: StandIn, neon_run: Run) -> None:
    neon.run(branch, "CREATE TABLE mine (a int)")
    neon.run("main", "CREATE TABLE ours (a int)")
    for _ in range(2):
        assert neon_run("branch", "reset", branch).code == 0
        tables = neon.run(branch, "SELECT to_regclass('mine')::text, to_regclass('ours')::text")
        assert tables == [(None, "ours")]


def test_reset_can_keep_what_was_there(branch: str, neon: StandIn, neon_run: Run) -> None:
    neon.run(branch, "CREATE TABLE mine (a int)")
    done = neon_run("branch", "reset", branch, "--preserve-under-name", "before")
    assert done.code == 0, done
    assert neon.run("before", "SELECT to_regclass('mine')::text") == [("mine",)]


def test_a_lost_reply_to_a_restore_keeps_one_copy(
    branch: str, neon: StandIn, neon_run: Run
) -> None:
    neon.faults.drop_after(method="POST", path="/restore")
    done = neon_run("branch", "reset", branch, "--preserve-under-name", "before")
    assert done.code == 0, done
    assert neon.names == ["before", "main", branch]


def test_restore_goes_back_in_its_own_past(branch: str, neon: StandIn, neon_run: Run) -> None:
    then = neon.snapshot_now(branch)
    neon.run(branch, "CREATE TABLE late (a int)")
    point = f"^self@{then.at.isoformat()}"
    done = neon_run("branch", "restore", branch, point, "--preserve-under-name", "late")
    assert done.code == 0, done
    assert neon.run(branch, "SELECT to_regclass('late')::text") == [(None,)]


def test_restore_takes_what_another_branch_is(branch: str, neon: StandIn, neon_run: Run) -> None:
    neon_run("branch", "create", "other")
    neon.run("other", "CREATE TABLE theirs (a int)")
    assert neon_run("branch", "restore", branch, "other").code == 0
    assert neon.run(branch, "SELECT to_regclass('theirs')::text") == [("theirs",)]
    assert ended(neon_run("branch", "restore", branch, "^self")) == (2, "usage")


def test_set_default_moves_the_default(branch: str, neon: StandIn, neon_run: Run) -> None:
    assert neon_run("branch", "set-default", branch).json["changed"]
    assert neon.branch(branch).default
    assert not neon_run("branch", "set-default", branch).json["changed"]


def test_expire_sets_moves_and_ends_the_expiry(branch: str, neon: StandIn, neon_run: Run) -> None:
    neon_run("branch", "expire", branch, "--ttl", "2d")
    left = (neon.branch(branch).expires_at or datetime.min.replace(tzinfo=UTC)) - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)
    assert neon_run("branch", "expire", branch, "--never").json["changed"]
    assert neon.branch(branch).expires_at is None
    assert not neon_run("branch", "expire", branch, "--never").json["changed"]


def test_the_default_branch_cannot_expire(neon: StandIn, neon_run: Run) -> None:
    assert ended(neon_run("branch", "expire", "main", "--ttl", "2d")) == (5, "refused")
    assert all(method == "GET" for method, _, _ in neon.requests)


def test_a_protected_branch_cannot_expire(neon: StandIn, neon_run: Run) -> None:
    neon_run("branch", "create", "kept", "--protected", "--no-compute")
    before = len(neon.requests)
    assert ended(neon_run("branch", "expire", "kept", "--ttl", "2d")) == (5, "refused")
    assert all(method == "GET" for method, _, _ in neon.requests[before:])


@pytest.mark.parametrize("options", [(), ("--never", "--ttl", "2d")])
def test_expire_wants_one_answer(options: tuple[str, ...], branch: str, neon_run: Run) -> None:
    assert ended(neon_run("branch", "expire", branch, *options)) == (2, "usage")


def test_diff_shows_what_a_branch_changes(branch: str, neon: StandIn, neon_run: Run) -> None:
    same = neon_run("branch", "diff", branch)
    assert (same.code, same.json["same"]) == (0, True)
    neon.run(branch, "CREATE TABLE mine (a int)")
    found = neon_run("branch", "diff", branch)
    assert (found.code, found.json["from"], found.json["to"]) == (1, "main", branch)
    assert "+CREATE TABLE public.mine (" in found.json["databases"][0]["diff"]
    turned = neon_run("branch", "diff", branch, "main").json["databases"][0]["diff"]
    assert "-CREATE TABLE public.mine (" in turned


def test_diff_of_a_root_wants_another_branch(neon: StandIn, neon_run: Run) -> None:
    assert ended(neon_run("branch", "diff", "main")) == (5, "refused")
    assert ended(neon_run("branch", "diff", "main", "nobody")) == (1, "not_found")


def test_url_is_that_of_the_branch(branch: str, neon: StandIn, neon_run: Run) -> None:
    found = neon_run("branch", "url", branch, "--reveal").json
    assert found["url"] == found["direct"] == neon.uri(branch)
    through = neon_run("branch", "url", branch, "--reveal", "--pooled").json
    assert through["url"] == neon.uri(branch, pooled=True)


def test_no_branch_is_no_default_branch(neon: StandIn, neon_run: Run) -> None:
    assert ended(neon_run("branch", "url")) == (3, "configuration")
    assert ended(neon_run("databases", "list")) == (3, "configuration")
    assert neon.requests == []


def test_a_url_of_another_database_asks_which(branch: str, neon: StandIn, neon_run: Run) -> None:
    neon_run("databases", "create", "app", "--branch", branch)
    named = neon_run("branch", "url", branch, "--reveal", "--database", "app").json["url"]
    assert named == neon.uri(branch, database="app")
    neon_run("databases", "delete", "neondb", "--branch", branch)
    only = neon_run("branch", "url", branch, "--reveal").json["url"]
    assert only == named
    assert ended(neon_run("branch", "url", branch, "--database", "no")) == (1, "not_found")


def test_a_branch_without_a_compute_says_so(neon: StandIn, neon_run: Run) -> None:
    neon_run("branch", "create", "bare", "--no-compute")
    done = neon_run("branch", "url", "bare")
    assert ended(done) == (1, "not_found")
    assert "compute" in done.json["error"]["hint"]


def test_upgrade_seed_diff_and_reset_on_a_branch(
    branch: str, neon: StandIn, neon_run: Run, quick: Run
) -> None:
    url = neon_run("branch", "url", branch, "--reveal").json["url"]
    checkout = Path(__file__).parents[2]
    env = neon.env | {"DATABASE_URL": url, "DBCTL_ENV": "dev", "NEON_BRANCH": branch}
    for verb in ("upgrade", "seed", "upgrade", "seed"):
        done = quick("--json", verb, cwd=checkout, env=env)
        assert done.code == 0, done
    assert neon.run(branch, "SELECT count(*) > 0 FROM users") == [(True,)]
    assert neon_run("branch", "diff", branch).code == 1
    assert neon_run("branch", "reset", branch).code == 0
    assert neon_run("branch", "diff", branch).code == 0


def drawn(neon: StandIn, quick: Run, *words: str) -> Finished:
    return quick("neon", *words, env=neon.env)


PICTURES: dict[str, tuple[str, ...]] = {
    "list": ("branch", "list"),
    "get": ("branch", "get", "pr-1"),
    "url": ("branch", "url", "pr-1"),
    "diff": ("branch", "diff", "pr-1"),
    "prune": ("branch", "prune", "--match", "pr-*", "--dry-run"),
    "computes": ("compute", "list"),
    "databases": ("databases", "list", "--branch", "pr-1"),
    "roles": ("roles", "list", "--branch", "pr-1"),
    "operations": ("operations", "list"),
    "projects": ("projects", "list"),
    "snapshots": ("snapshots", "list"),
}


@pytest.mark.parametrize("words", PICTURES.values(), ids=PICTURES)
def test_a_person_sees_lines_of_eighty_columns(
    words: tuple[str, ...], branch: str, neon: StandIn, neon_run: Run, quick: Run
) -> None:
    neon_run("snapshots", "create", branch, "--name", "first")
    neon_run("branch", "expire", branch, "--ttl", "2d")
    done: Any = drawn(neon, quick, *words)
    assert done.out.strip()
    assert all(len(line) <= 80 or "://" in line for line in done.lines)


REQUESTS = {
    "list": (("branch", "list"), 1),
    "get": (("branch", "get", "pr-1"), 1),
    "url": (("branch", "url", "pr-1"), 2),
    "create": (("branch", "create", "pr-2", "--no-wait"), 2),
    "rename": (("branch", "rename", "pr-1", "new"), 2),
    "delete": (("branch", "delete", "pr-1", "--no-wait"), 2),
    "reset": (("branch", "reset", "pr-1", "--no-wait"), 2),
}


@pytest.mark.parametrize(("words", "most"), REQUESTS.values(), ids=REQUESTS)
def test_no_request_is_wasted(
    words: tuple[str, ...], most: int, branch: str, neon: StandIn, neon_run: Run
) -> None:
    before = len(neon.requests)
    assert neon_run(*words).code == 0
    assert len(neon.requests) - before <= most


def test_the_database_url_says_which_database_and_role(
    branch: str, neon: StandIn, neon_run: Run, quick: Run
) -> None:
    neon_run("databases", "create", "app", "--branch", branch)
    env = neon.env | {"DATABASE_URL": neon.uri("main").replace("/neondb?", "/app?")}
    found = quick("--json", "neon", "branch", "url", branch, "--reveal", env=env).json
    assert found["url"] == neon.uri(branch, database="app")
