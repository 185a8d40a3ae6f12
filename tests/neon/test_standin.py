"""The rules of the stand-in's API: names, deletions, expiry, pages, and that all is put away."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from tests.neon.client import Client
from tests.neon.clock import stamp
from tests.neon.standin import StandIn
from tests.servers.server import Server


def expiry(neon: StandIn, **ahead: float) -> str:
    return stamp(neon.clock.now() + timedelta(**ahead))


def test_a_name_that_exists_is_refused(api: Client) -> None:
    api.created("one")
    answer = api.post("branches", json={"branch": {"name": "one"}})
    assert (answer.status_code, set(answer.json())) == (409, {"request_id", "code", "message"})


def test_of_several_at_once_one_gets_the_name(neon: StandIn) -> None:
    def create(_: int) -> int:
        with Client(neon) as api:
            return api.post("branches", json={"branch": {"name": "one"}}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(4))) == [201, 409, 409, 409]


def test_what_is_refused_leaves_nothing(neon: StandIn, api: Client) -> None:
    computes = [{"type": "read_write"}, {"type": "read_write"}]
    answer = api.post("branches", json={"branch": {"name": "one"}, "endpoints": computes})
    assert answer.status_code == 409
    assert neon.names == ["main"]
    assert len(neon.project.endpoints) == 1


def test_a_missing_branch_is_deleted_already(api: Client) -> None:
    answer = api.delete("branches/br-quiet-river-00000000")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("kind", ["default", "protected", "children"])
def test_some_branches_are_not_deleted(neon: StandIn, api: Client, kind: str) -> None:
    api.created("one", protected=kind == "protected")
    if kind == "children":
        api.created("two", parent_id=api.id_of("one"))
    name = "main" if kind == "default" else "one"
    answer = api.delete(f"branches/{api.id_of(name)}")
    assert (answer.status_code, kind in answer.json()["message"]) == (422, True)
    assert name in neon.names


def test_a_deleted_branch_is_gone_with_its_database(neon: StandIn, api: Client) -> None:
    api.created("one")
    physical = neon.branch("one").databases["neondb"].physical
    api.done(api.delete(f"branches/{api.id_of('one')}"))
    assert neon.names == ["main"]
    found = neon.world.server.run("SELECT datname FROM pg_database")
    assert (physical,) not in found
    deleted = api.get("branches?include_deleted=true").json()["branches"]
    assert {one["name"]: "recovery" in one for one in deleted} == {"main": False, "one": True}


def test_a_branch_expires(neon: StandIn, api: Client) -> None:
    api.created("one", expires_at=expiry(neon, days=2))
    neon.clock.advance(timedelta(days=1).total_seconds())
    assert neon.names == ["main", "one"]
    neon.clock.advance(timedelta(days=1).total_seconds())
    assert neon.names == ["main"]


BAD_EXPIRIES = {
    "past": ({"days": -1}, {}, 422),
    "too far": ({"days": 31}, {}, 422),
    "protected": ({"days": 1}, {"protected": True}, 422),
}


@pytest.mark.parametrize(("ahead", "options", "status"), BAD_EXPIRIES.values(), ids=BAD_EXPIRIES)
def test_an_expiry_has_rules(
    neon: StandIn, api: Client, ahead: Any, options: Any, status: int
) -> None:
    body = {"branch": {"name": "one", "expires_at": expiry(neon, **ahead)} | options}
    assert api.post("branches", json=body).status_code == status
    assert neon.names == ["main"]


def test_the_default_branch_never_expires(neon: StandIn, api: Client) -> None:
    body = {"branch": {"expires_at": expiry(neon, days=1)}}
    assert api.patch(f"branches/{api.id_of('main')}", json=body).status_code == 422


def test_25_branches_come_over_pages_of_2(neon: StandIn, api: Client) -> None:
    for number in range(24):
        api.post("branches", json={"branch": {"name": f"b{number}"}})
    neon.page_size = 2
    pages = list(api.pages("branches", "branches"))
    assert [len(page) for page in pages] == [2] * 12 + [1]
    assert sorted(one["name"] for page in pages for one in page) == neon.names


def test_a_full_page_may_be_the_last(neon: StandIn, api: Client) -> None:
    for number in range(3):
        api.post("branches", json={"branch": {"name": f"b{number}"}})
    neon.page_size = 2
    assert [len(page) for page in api.pages("branches", "branches")] == [2, 2]


def test_projects_end_with_a_short_page(neon: StandIn, api: Client) -> None:
    neon.add_projects(11)
    sizes = [len(page) for page in api.pages("/projects", "projects")]
    assert sizes == [10, 2, 0]


def test_operations_have_a_cursor_on_every_page(neon: StandIn, api: Client) -> None:
    api.created("one")
    sizes = [len(page) for page in api.pages("operations", "operations", limit=3)]
    assert sizes == [3, 1, 0]


def test_a_wrong_key_is_refused(neon: StandIn) -> None:
    with Client(neon, key="wrong") as api:
        answer = api.get("/projects", headers={"X-Request-ID": "mine"})
    assert answer.status_code == 401
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "mine"


def test_nothing_is_left_behind(server: Server) -> None:
    threads = threading.active_count()
    with closing(StandIn(server)) as neon, Client(neon) as api:
        api.created("one")
        neon.snapshot_now("one")
        tag = neon.branch("main").databases["neondb"].physical.rsplit("_", 1)[0]
    sql = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles"
    assert not [name for (name,) in server.run(sql) if tag in name]
    assert threading.active_count() == threads
