"""The anchor from above: bare Starlette and asyncpg, the same JSON, nothing checked."""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ITEM = "id, created_at, updated_at, deleted_at, title, description, price, owner_id"
LIST = f"SELECT {ITEM} FROM items WHERE deleted_at IS NULL ORDER BY id LIMIT $1"
USER = "SELECT id, username, full_name, created_at FROM users WHERE id = $1 AND deleted_at IS NULL"
THEIRS = f"SELECT {ITEM} FROM items WHERE owner_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT 21"
NEW = (
    "INSERT INTO items (title, description, price, owner_id) VALUES ($1, $2, $3, $4)"
    f" RETURNING {ITEM}"
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """One pool, as large as the others'."""
    url = os.environ["BENCHMARK_URL"].replace("+asyncpg", "")
    async with asyncpg.create_pool(url, min_size=5, max_size=15) as pool:
        app.state.pool = pool
        yield


def answer(value: object, status: int = 200) -> Response:
    """JSON."""
    return Response(to_json(value), status, media_type="application/json")


async def items(request: Request) -> Response:
    """A page of items, and the cursor of the next."""
    limit = int(request.query_params["limit"])
    found = await request.app.state.pool.fetch(LIST, limit + 1)
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = urlsafe_b64encode(json.dumps([found[-1]["id"]]).encode()).decode()
    return answer({"rows": [dict(row) for row in found], "next": following})


async def user(request: Request) -> Response:
    """A user with the first of their items."""
    id_ = int(request.path_params["id"])
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchrow(USER, id_)
        theirs = await connection.fetch(THEIRS, id_)
    rows = [dict(one) for one in theirs]
    return answer({**row, "items": {"rows": rows, "next": None}})


async def create(request: Request) -> Response:
    """A new item of a user."""
    sent = from_json(await request.body())
    values = (sent["title"], sent["description"], sent["price"], int(request.path_params["id"]))
    row = await request.app.state.pool.fetchrow(NEW, *values)
    return answer(dict(row), 201)


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/items", items),
        Route("/users/{id}", user),
        Route("/users/{id}/items", create, methods=["POST"]),
    ],
)
