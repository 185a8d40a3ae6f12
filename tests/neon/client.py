"""The stand-in's API as its own tests call it: plain requests, no retry, no waiting unless said."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg

from tests.neon.standin import StandIn, last_rows

OVER = {"finished", "skipped", "error", "cancelled"}


class Client(httpx.Client):
    """Paths are below the stand-in's project when they do not begin with a slash."""

    def __init__(self, neon: StandIn, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key or neon.key}"}
        super().__init__(base_url=neon.host, headers=headers, timeout=5)
        self.neon = neon

    def request(self, method: str, url: Any, **options: Any) -> httpx.Response:
        """One request."""
        path = url if url.startswith("/") else f"/projects/{self.neon.project_id}/{url}".rstrip("/")
        return super().request(method, path, **options)

    def created(self, name: str, *, compute: bool = True, **branch: Any) -> dict[str, Any]:
        """The answer to the request for a branch, after its operations are over."""
        endpoints = [{"type": "read_write"}] if compute else []
        body = {"branch": {"name": name} | branch, "endpoints": endpoints}
        return self.done(self.post("branches", json=body), 201)

    def done(self, response: httpx.Response, status: int = 200) -> dict[str, Any]:
        """The answer of a write that must succeed, after its operations are over."""
        assert response.status_code == status, response.text
        body: dict[str, Any] = response.json()
        while not {one["status"] for one in self.get("operations").json()["operations"]} <= OVER:
            time.sleep(0.01)
        return body

    def id_of(self, name: str) -> str:
        """The id of the branch with this name."""
        return self.neon.branch(name).id

    def pages(self, path: str, key: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list, each found by the cursor of the one before."""
        while True:
            body = self.get(path, params=query).json()
            yield body[key]
            pagination = body.get("pagination", {})
            cursor = pagination.get("next") or pagination.get("cursor")
            if cursor is None:
                return
            query["cursor"] = cursor


def rows(uri: str, sql: str = "SELECT a FROM t ORDER BY a") -> list[tuple[Any, ...]]:
    """What the database behind the URI answers, by libpq."""
    with psycopg.connect(uri, hostaddr="127.0.0.1", autocommit=True) as connection:
        return last_rows(connection.execute(sql))
