"""Operations that run, wait and fail, and what else goes wrong when a test wants it."""

import time
from datetime import datetime

import httpx
import pytest

from tests.neon.client import Client
from tests.neon.standin import StandIn


def test_operations_go_through_their_states(neon: StandIn, api: Client) -> None:
    neon.operations.seconds = 60
    api.post("branches", json={"branch": {"name": "one"}, "endpoints": [{"type": "read_write"}]})
    assert statuses(api) == ["scheduling", "running"]
    neon.clock.advance(60)
    assert statuses(api) == ["running", "finished"]
    neon.clock.advance(60)
    assert statuses(api) == ["finished", "finished"]


def statuses(api: Client) -> list[str]:
    return [one["status"] for one in api.get("operations").json()["operations"]][:2]


@pytest.mark.parametrize("status", ["error", "cancelled", "failed"])
def test_an_operation_ends_as_the_test_says(neon: StandIn, api: Client, status: str) -> None:
    neon.operations.end("create_branch", status, reason="no room")
    api.post("branches", json={"branch": {"name": "one"}, "endpoints": [{"type": "read_write"}]})
    time.sleep(0.03)
    body = api.get("operations").json()["operations"][:2]
    assert [one["status"] for one in body] == ["cancelled", status]
    assert body[1]["error"] == "no room"


def test_a_failed_operation_may_be_tried_again(neon: StandIn, api: Client) -> None:
    neon.operations.end("create_branch", "failed", reason="busy", retry_after=30)
    api.post("branches", json={"branch": {"name": "one"}})
    time.sleep(0.03)
    body = api.get("operations").json()["operations"][0]
    assert (body["status"], body["failures_count"]) == ("failed", 1)
    assert datetime.fromisoformat(body["retry_at"]) > neon.clock.now()
    neon.clock.advance(31)
    assert statuses(api)[0] == "finished"


def test_a_branch_with_running_operations_is_locked(neon: StandIn, api: Client) -> None:
    neon.operations.hold()
    made = api.post("branches", json={"branch": {"name": "one"}}).json()["branch"]
    assert api.delete(f"branches/{made['id']}").status_code == 423
    assert api.post("branches", json={"branch": {"name": "two"}}).status_code == 201
    neon.operations.whole_project = True
    assert api.post("branches", json={"branch": {"name": "three"}}).status_code == 423


@pytest.mark.parametrize("status", [423, 429, 500, 503])
def test_a_fault_answers_as_often_as_it_was_told(neon: StandIn, api: Client, status: int) -> None:
    neon.faults.answer(status, times=2, method="GET", path="/branches$", retry_after=7)
    answers = [api.get("branches") for _ in range(3)]
    assert [one.status_code for one in answers] == [status, status, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_a_reply_is_lost_after_the_branch_was_made(neon: StandIn, api: Client) -> None:
    neon.faults.drop_after()
    with pytest.raises(httpx.RemoteProtocolError):
        api.post("branches", json={"branch": {"name": "one"}})
    assert neon.names == ["main", "one"]
    assert neon.requests[-1][2] == 0


def test_a_request_is_lost_before_anything_was_done(neon: StandIn, api: Client) -> None:
    neon.faults.drop_before(method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        api.post("branches", json={"branch": {"name": "one"}})
    assert neon.names == ["main"]


def test_an_answer_that_never_comes(neon: StandIn, api: Client) -> None:
    neon.faults.silence(30)
    with pytest.raises(httpx.ReadTimeout):
        api.get("branches", timeout=0.1)
    assert api.get("branches").status_code == 200


def test_novelties_are_in_every_object(neon: StandIn, api: Client) -> None:
    neon.faults.novelty()
    body = api.get("branches").json()
    assert "dbctl_never_saw_this" in body["branches"][0]
    assert body["branches"][0]["creation_source"] == "hologram"
    neon.operations.hold()
    api.post("branches", json={"branch": {"name": "one"}})
    neon.project.operations[-1].status = "running"
    assert statuses(api)[0] == "pondering"
