"""`neon branch create`: a branch that answers, however often it is asked for."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import runner
from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]
CREATE = ("--json", "neon", "branch", "create")


def posts(neon: StandIn) -> list[int]:
    """The statuses of the requests for a branch."""
    path = f"/projects/{neon.project_id}/branches"
    return [status for method, at, status in neon.requests if (method, at) == ("POST", path)]


def test_it_waits_until_a_connection_answers(neon: StandIn, quick: Run) -> None:
    neon.operations.seconds = 0.3
    neon.faults.refuse_logins(2)
    made = quick(*CREATE, "pr-1", "--reveal", env=neon.env).json
    assert (made["name"], made["parent"], made["created"]) == ("pr-1", "main", True)
    assert made["provider"] == "neon"
    assert [one.branch for one in neon.connections] == ["pr-1"]
    assert made["url"] == made["direct"] == neon.uri("pr-1")
    assert made["pooled"] == neon.uri("pr-1", pooled=True)


def test_it_does_not_wait_when_it_is_told_so(neon: StandIn, quick: Run) -> None:
    neon.operations.hold()
    done = quick(*CREATE, "pr-1", "--no-wait", env=neon.env)
    assert done.code == 0, done
    assert neon.connections == []


def test_what_it_prints_is_masked(neon: StandIn, quick: Run) -> None:
    made = quick(*CREATE, "pr-1", env=neon.env).json
    assert ":***@" in made["url"]
    assert ":***@" in made["pooled"]


def test_a_name_that_is_taken_is_a_no(neon: StandIn, quick: Run) -> None:
    quick(*CREATE, "pr-1", env=neon.env)
    done = quick(*CREATE, "pr-1", env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (1, "taken")
    assert "--if-exists reuse" in done.json["error"]["hint"]


def test_reuse_returns_the_branch_that_is_there(neon: StandIn, quick: Run) -> None:
    first = quick(*CREATE, "pr-1", env=neon.env).json
    again = quick(*CREATE, "pr-1", "--if-exists", "reuse", env=neon.env).json
    assert (again["id"], again["created"], again["url"]) == (first["id"], False, first["url"])
    assert neon.names == ["main", "pr-1"]


def test_reuse_moves_the_expiry(neon: StandIn, quick: Run) -> None:
    quick(*CREATE, "pr-1", "--ttl", "1h", env=neon.env)
    again = quick(*CREATE, "pr-1", "--if-exists", "reuse", "--ttl", "2d", env=neon.env).json
    left = datetime.fromisoformat(again["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)


def test_reset_begins_again_from_the_parent(neon: StandIn, quick: Run) -> None:
    first = quick(*CREATE, "pr-1", env=neon.env).json
    neon.run("pr-1", "CREATE TABLE mine (a int)")
    again = quick(*CREATE, "pr-1", "--if-exists", "reset", env=neon.env).json
    assert (again["id"], again["created"]) == (first["id"], False)
    assert neon.run("pr-1", "SELECT to_regclass('mine')::text") == [(None,)]


def test_recreate_makes_another_branch(neon: StandIn, quick: Run) -> None:
    first = quick(*CREATE, "pr-1", env=neon.env).json
    again = quick(*CREATE, "pr-1", "--if-exists", "recreate", env=neon.env).json
    assert again["created"]
    assert again["id"] != first["id"]
    assert neon.names == ["main", "pr-1"]


@pytest.mark.parametrize("choice", ["reuse", "reset", "recreate"])
def test_the_default_branch_is_never_taken_for_a_made_one(
    choice: str, neon: StandIn, quick: Run
) -> None:
    done = quick(*CREATE, "main", "--if-exists", choice, env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (5, "refused")
    assert neon.names == ["main"]


@pytest.mark.parametrize("choice", ["reset", "recreate"])
def test_a_protected_branch_is_neither_reset_nor_recreated(
    choice: str, neon: StandIn, quick: Run
) -> None:
    quick(*CREATE, "kept", "--protected", env=neon.env)
    done = quick(*CREATE, "kept", "--if-exists", choice, env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (5, "refused")


def test_of_two_at_once_one_creates_and_the_other_reuses(neon: StandIn, dbctl: Run) -> None:
    line = (*CREATE, "pr-1", "--if-exists", "reuse")
    with ThreadPoolExecutor(2) as pool:
        both = [one.json for one in pool.map(lambda _: dbctl(*line, env=neon.env), range(2))]
    assert sorted(one["created"] for one in both) == [False, True]
    assert both[0]["id"] == both[1]["id"]


def test_the_options_reach_neon(neon: StandIn, quick: Run) -> None:
    line = (*CREATE, "pr-1", "--schema-only", "--ttl", "2d", "--cu", "0.5-2")
    done = quick(*line, "--suspend-timeout", "5m", env=neon.env)
    assert done.code == 0, done
    (post,) = (one for one in neon.exchanges if one.method == "POST")
    assert post.body["branch"]["init_source"] == "schema-only"
    endpoint = {"type": "read_write", "suspend_timeout_seconds": 300}
    limits = {"autoscaling_limit_min_cu": 0.5, "autoscaling_limit_max_cu": 2}
    assert post.body["endpoints"] == [endpoint | limits]


def test_a_branch_without_a_compute_has_no_url(neon: StandIn, quick: Run) -> None:
    made = quick(*CREATE, "bare", "--no-compute", env=neon.env).json
    assert (made["url"], made["pooled"]) == (None, None)
    assert neon.state()["bare"]["computes"] == []


def test_it_begins_where_the_parent_was(neon: StandIn, quick: Run) -> None:
    neon.run("main", "CREATE TABLE before (a int)")
    then = neon.snapshot_now("main")
    neon.run("main", "CREATE TABLE after (a int)")
    for number, point in enumerate((then.at.isoformat(), then.lsn)):
        done = quick(*CREATE, f"past-{number}", "--parent", f"main@{point}", env=neon.env)
        assert done.code == 0, done
        assert neon.run(f"past-{number}", "SELECT to_regclass('after')::text") == [(None,)]


def test_another_branch_may_be_the_parent(neon: StandIn, quick: Run) -> None:
    quick(*CREATE, "dev", env=neon.env)
    by_name = quick(*CREATE, "a", "--parent", "dev", env=neon.env).json
    by_id = quick(*CREATE, "b", "--parent", neon.branch("dev").id, env=neon.env).json
    assert (by_name["parent"], by_id["parent"]) == ("dev", "dev")


def test_a_parent_that_does_not_exist_is_not_the_default_branch(neon: StandIn, quick: Run) -> None:
    done = quick(*CREATE, "a", "--parent", "nobody", env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (1, "not_found")
    assert posts(neon) == []


BAD = {
    "past": ("--expires-at", "2020-01-01T00:00:00Z"),
    "no zone": ("--expires-at", "2126-01-01T00:00:00"),
    "no time": ("--expires-at", "tomorrow"),
    "too far": ("--ttl", "31d"),
    "no span": ("--ttl", "2 days"),
    "both": ("--ttl", "2d", "--expires-at", "2026-01-01T00:00:00Z"),
    "protected": ("--ttl", "2d", "--protected"),
    "parent in the future": ("--parent", "main@2126-01-01T00:00:00Z"),
    "parent without zone": ("--parent", "main@2020-01-01T00:00:00"),
    "size": ("--cu", "huge"),
    "sizes turned round": ("--cu", "2-1"),
    "suspend": ("--suspend-timeout", "2w"),
}


@pytest.mark.parametrize("options", BAD.values(), ids=BAD)
def test_what_neon_would_refuse_is_never_asked(
    options: tuple[str, ...], neon: StandIn, quick: Run
) -> None:
    done = quick(*CREATE, "pr-1", *options, env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (2, "usage")
    assert neon.requests == []


def test_a_reply_that_is_lost_makes_no_second_branch(neon: StandIn, quick: Run) -> None:
    neon.faults.drop_after(method="POST")
    done = quick(*CREATE, "pr-1", env=neon.env)
    assert (done.code, done.json["created"]) == (0, True)
    assert neon.names == ["main", "pr-1"]
    assert posts(neon) == [0]


def test_a_request_that_is_lost_is_sent_again(neon: StandIn, quick: Run) -> None:
    neon.faults.drop_before(method="POST")
    done = quick(*CREATE, "pr-1", env=neon.env)
    assert (done.code, done.json["created"]) == (0, True)
    assert posts(neon) == [0, 201]


def test_a_lost_reply_does_not_claim_an_old_branch(neon: StandIn, quick: Run) -> None:
    quick(*CREATE, "pr-1", env=neon.env)
    neon.branch("pr-1").created_at -= timedelta(hours=1)
    neon.faults.drop_after(method="POST")
    done = quick(*CREATE, "pr-1", env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (1, "taken")


def test_an_operation_that_fails_is_named_with_its_reason(neon: StandIn, quick: Run) -> None:
    neon.operations.end("start_compute", "error", reason="no capacity left")
    done = quick(*CREATE, "pr-1", env=neon.env)
    failed = next(one for one in neon.project.operations if one.status == "error")
    assert (done.code, done.json["error"]["kind"]) == (9, "provider")
    message = done.json["error"]["message"]
    assert failed.id in message
    assert "no capacity left" in message
    assert "the branch pr-1" in message


def test_a_failure_that_neon_tries_again_is_waited_for(neon: StandIn, quick: Run) -> None:
    neon.operations.end("start_compute", "failed", reason="not yet", retry_after=1.5)
    assert quick(*CREATE, "pr-1", env=neon.env).code == 0


@pytest.mark.parametrize(("end", "code"), [("skipped", 0), ("cancelled", 9)])
def test_every_end_of_an_operation_is_known(end: str, code: int, neon: StandIn, quick: Run) -> None:
    neon.operations.end("start_compute", end)
    done = quick(*CREATE, "pr-1", "--timeout", "5", env=neon.env)
    assert done.code == code, done


def test_the_wait_has_an_end_that_says_what_exists(neon: StandIn, quick: Run) -> None:
    neon.operations.hold()
    done = quick(*CREATE, "pr-1", "--timeout", "0.5", env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (4, "timed_out")
    assert f"pr-1 ({neon.branch('pr-1').id}) exists" in done.json["error"]["message"]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_says_what_exists(
    sent: signal.Signals, code: int, neon: StandIn, tmp_path: Path
) -> None:
    neon.operations.hold()
    command = [sys.executable, "-m", "dbctl", "neon", "branch", "create", "pr-1"]
    with (tmp_path / "err").open("w+") as err:
        running = subprocess.Popen(command, env=runner.environment(neon.env), stderr=err)
        wait_for(neon, "/operations/")
        running.send_signal(sent)
        assert running.wait(timeout=20) == code
        err.seek(0)
        assert f"the branch pr-1 ({neon.branch('pr-1').id}) exists" in err.read()


def wait_for(neon: StandIn, part: str) -> None:
    """Until somebody has asked for such a path."""
    limit = time.monotonic() + 20
    while not any(part in path for _, path, _ in neon.requests):
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_fields_and_values_that_nobody_knows_do_no_harm(neon: StandIn, quick: Run) -> None:
    neon.faults.novelty()
    assert quick(*CREATE, "pr-1", env=neon.env).code == 0
    assert quick("--json", "neon", "branch", "list", env=neon.env).code == 0
