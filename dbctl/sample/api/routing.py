"""Where routes are and what they are called in the OpenAPI document."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from dbctl.sample.api.sessions import Transaction

PREFIX = "/api/v1"


def named(route: APIRoute) -> str:
    """An operation's name in the document: users_create."""
    return f"{route.tags[0]}_{route.name.strip('_')}"


def below(path: str, tag: str) -> APIRouter:
    """A router of the API whose handlers have a session."""
    return APIRouter(
        prefix=PREFIX + path,
        tags=[tag],
        route_class=Transaction,
        generate_unique_id_function=named,
    )


def add(app: FastAPI, *routers: APIRouter) -> None:
    """Put the routes of the routers into the application, all in one list.

    `include_router` makes each a list within the list, and each request walks through all of them.
    """
    for router in routers:
        app.router.routes.extend(router.routes)
