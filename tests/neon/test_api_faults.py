"""What the client does when Neon is slow, busy, broken or not there."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbctl.errors import ProviderError
from dbctl.neon import paging
from dbctl.neon.retry import FEW, Patience, retry_after
from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]
LIST = ("--json", "neon", "branch", "list")


def statuses(neon: StandIn) -> list[int]:
    return [status for _, _, status in neon.requests]


@pytest.mark.parametrize("status", [423, 429, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_busy_neon_is_asked_again(status: int, method: str, neon: StandIn, quick: Run) -> None:
    neon.faults.answer(status, times=2, method=method)
    done = quick("--json", "neon", "branch", "create", "pr-1", env=neon.env)
    assert done.code == 0, done
    assert statuses(neon).count(status) == 2
    assert neon.names == ["main", "pr-1"]


def test_five_locked_answers_are_waited_out(neon: StandIn, quick: Run) -> None:
    neon.faults.answer(423, times=5, method="POST")
    assert quick("neon", "branch", "create", "pr-1", env=neon.env).code == 0
    assert statuses(neon)[:6] == [423] * 5 + [201]


def test_retry_after_is_obeyed(neon: StandIn, quick: Run) -> None:
    neon.faults.answer(429, retry_after=2)
    started = time.monotonic()
    assert quick(*LIST, env=neon.env).code == 0
    assert time.monotonic() - started >= 2


def test_a_wait_that_would_be_too_long_is_none(neon: StandIn, quick: Run) -> None:
    neon.faults.answer(429, retry_after=3600)
    started = time.monotonic()
    done = quick(*LIST, env=neon.env)
    assert (done.code, time.monotonic() - started < 20) == (9, True)
    assert "429" in done.json["error"]["message"]


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_reading_survives_a_broken_connection(fault: str, neon: StandIn, quick: Run) -> None:
    getattr(neon.faults, fault)(method="GET", times=2)
    assert quick(*LIST, env=neon.env).code == 0
    assert statuses(neon) == [0, 0, 200]


def test_reading_survives_an_error_of_the_server(neon: StandIn, quick: Run) -> None:
    neon.faults.answer(500)
    assert quick(*LIST, env=neon.env).code == 0


def test_a_write_that_neon_has_failed_at_is_not_sent_again(neon: StandIn, quick: Run) -> None:
    neon.faults.answer(500, method="POST")
    done = quick("--json", "neon", "branch", "create", "pr-1", env=neon.env)
    assert (done.code, statuses(neon)) == (9, [500])


def test_a_server_that_stays_broken_is_an_error_with_all_its_parts(
    neon: StandIn, quick: Run
) -> None:
    neon.faults.answer(500, times=99, code="INTERNAL", message="disk on fire")
    done = quick(*LIST, env=neon.env)
    message = done.json["error"]["message"]
    assert done.code == 9
    assert neon.exchanges[-1].request_id in message
    assert all(part in message for part in ("HTTP 500", "INTERNAL", "disk on fire"))


def test_silence_has_an_end(neon: StandIn, quick: Run) -> None:
    neon.faults.silence(3, times=99)
    env = neon.env | {"DBCTL_CONNECT_TIMEOUT": "0.1"}
    done = quick(*LIST, env=env)
    assert (done.code, done.json["error"]["kind"]) == (4, "timed_out")


def test_nobody_there_is_unreachable(neon: StandIn, quick: Run, closed_port: int) -> None:
    env = neon.env | {"NEON_API_HOST": f"http://127.0.0.1:{closed_port}/api/v2"}
    done = quick(*LIST, env=env)
    assert (done.code, done.json["error"]["kind"]) == (4, "unreachable")


def test_a_write_whose_fate_nobody_knows_is_said(neon: StandIn, quick: Run) -> None:
    quick("neon", "branch", "create", "pr-1", env=neon.env)
    neon.faults.drop_before(method="POST", path="/restart")
    done = quick("--json", "neon", "compute", "restart", "pr-1", env=neon.env)
    assert (done.code, done.json["error"]["kind"]) == (4, "lost_reply")


@pytest.mark.parametrize(("status", "hint"), [(401, "NEON_API_KEY"), (403, "organisation")])
def test_a_key_that_may_not_has_a_hint(status: int, hint: str, neon: StandIn, quick: Run) -> None:
    neon.faults.answer(status)
    done = quick(*LIST, env=neon.env)
    assert done.code == 9
    assert hint in done.json["error"]["hint"]


def test_something_that_is_not_neon_is_said(neon: StandIn, quick: Run) -> None:
    env = neon.env | {"NEON_API_HOST": neon.host.removesuffix("/api/v2")}
    assert quick(*LIST, env=env).code == 9


def test_every_request_has_an_id_of_its_own(neon: StandIn, quick: Run) -> None:
    quick("neon", "branch", "create", "pr-1", env=neon.env)
    ids = [one.request_id for one in neon.exchanges]
    assert len(set(ids)) == len(ids) > 2


def test_twenty_five_branches_on_pages_of_two_are_all_there(neon: StandIn, quick: Run) -> None:
    for number in range(24):
        body = json.dumps({"branch": {"name": f"pr-{number}"}})
        Path("body.json").write_text(body)
        line = ("neon", "api", "POST", "/projects/{project_id}/branches", "--input", "body.json")
        assert quick(*line, env=neon.env).code == 0
    neon.page_size = 2
    found = quick(*LIST, env=neon.env).json["branches"]
    assert {one["name"] for one in found} == {"main", *(f"pr-{n}" for n in range(24))}
    for one in ("pr-0", "pr-23", "main"):
        assert quick("--json", "neon", "branch", "get", one, env=neon.env).json["name"] == one


def test_every_project_and_operation_is_listed(neon: StandIn, quick: Run) -> None:
    neon.add_projects(404)
    assert len(quick("--json", "neon", "projects", "list", env=neon.env).json["projects"]) == 405
    quick("neon", "branch", "create", "pr-1", env=neon.env)
    neon.page_size = 2
    listed = quick("--json", "neon", "operations", "list", env=neon.env).json["operations"]
    assert len(listed) == len(neon.project.operations) > 3


class Circle:
    """As much of an `Api` as paging uses: one page for ever."""

    async def get(self, _path: str, **_: object) -> object:
        return {"branches": [{"id": "br-1"}], "pagination": {"next": "again"}}


@pytest.mark.anyio
async def test_a_list_in_a_circle_has_an_end() -> None:
    api: Any = Circle()
    found = paging.items(api, "/x", "branches", paging.Shape.branches)
    with pytest.raises(ProviderError, match="repeats a page"):
        _ = [one async for one in found]


def test_patience_ends_with_its_limit() -> None:
    patience = Patience(limit=0.0, repeatable=True)
    assert patience.after_answer(503, {}) is None


def test_faults_are_repeated_a_few_times_only() -> None:
    patience = Patience(limit=60.0, repeatable=True)
    assert [patience.after_fault(sent=True) is None for _ in range(FEW + 1)] == [
        *[False] * FEW,
        True,
    ]


def test_a_request_that_was_sent_is_repeated_only_when_it_may() -> None:
    assert Patience(60.0, repeatable=False).after_fault(sent=True) is None
    assert Patience(60.0, repeatable=False).after_fault(sent=False) is not None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}) == seconds
