"""Every exchange is held against the description of the API."""

from typing import Any

import pytest

from tests.neon import contract
from tests.neon.client import Client
from tests.neon.conftest import judged
from tests.neon.routes import ROUTES
from tests.neon.standin import StandIn
from tests.servers.server import Server


def test_every_path_of_the_description_has_an_answer() -> None:
    assert set(contract.endpoints()) == set(ROUTES)


MISUSES: dict[str, tuple[tuple[str, str, Any], str]] = {
    "path": (("GET", "nonsense", None), "not in the description"),
    "query": (("GET", "branches?colour=red", None), "query colour: not declared"),
    "type": (("GET", "branches?limit=many", None), "query limit"),
    "required": (("GET", "connection_uri?role_name=x", None), "query database_name: required"),
    "field": (("POST", "branches", {"branch": {"title": "x"}}), "$.branch.title: not declared"),
    "value": (("POST", "branches", {"branch": {"name": 5}}), "is not of type 'string'"),
    "body": (("POST", "branches/br-a/restore", None), "body: required"),
}


@pytest.mark.parametrize(("request_", "text"), MISUSES.values(), ids=MISUSES)
def test_a_misuse_is_noticed(
    neon: StandIn, api: Client, request_: tuple[str, str, Any], text: str
) -> None:
    method, path, body = request_
    api.request(method, path, **({} if body is None else {"json": body}))
    assert text in "\n".join(neon.violations)
    neon.exchanges.clear()


WRONG_ANSWERS: dict[str, tuple[int, Any, str]] = {
    "status": (202, {"operation": {}}, "status 202 is not declared"),
    "missing": (200, {"operation": {}}, "'id' is a required property"),
    "stranger": (404, {"message": "", "code": "", "why": ""}, "$.why: not declared"),
}


@pytest.mark.parametrize(("status", "body", "text"), WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_an_answer_that_is_not_as_described_is_noticed(status: int, body: Any, text: str) -> None:
    endpoint = contract.find("GET", "/projects/a/operations/b")
    assert endpoint is not None
    assert text in "\n".join(contract.of_response(endpoint, status, body))


def test_the_fixture_fails_with_what_was_misused(server: Server) -> None:
    refused = pytest.raises(pytest.fail.Exception, match=r"GET .*/branches 400: query colour")
    with refused, judged(server) as neon, Client(neon) as api:
        api.get("branches?colour=red")
