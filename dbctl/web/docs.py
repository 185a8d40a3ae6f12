"""The API's documentation at `/docs` and `/redoc`, with every file served from here.

Swagger UI and ReDoc come with the package fastapi-offline.
"""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from dbctl.web import page

if TYPE_CHECKING:
    from fastapi import FastAPI

ASSETS = "/_assets"
REDOC, LOGO = "redoc.standalone.js", "https://cdn.redoc.ly/redoc/logo-mini.svg"
NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="  # one transparent point
# Both set styles by script. ReDoc's search runs in a worker made of a blob.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Files(StaticFiles):
    """Files that a browser may keep for an hour; ReDoc's script asks nobody for its logo."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        if path == REDOC:
            found: Response = Response(_redoc(), media_type="text/javascript")
        else:
            found = await super().get_response(path, scope)
        found.headers["Cache-Control"] = "public, max-age=3600"
        return found


@cache
def _redoc() -> str:
    script = (files("fastapi_offline") / "static" / REDOC).read_text(encoding="utf-8")
    return script.replace(LOGO, NOTHING)


class Documentation:
    """One page about an API; `template` is `docs.html` or `redoc.html`."""

    def __init__(self, app: "FastAPI", template: str) -> None:
        self._app = app
        self._template = template

    async def show(self, request: Request) -> HTMLResponse:
        """The page, which reads the OpenAPI document."""
        root = request.scope.get("root_path", "")
        values = {
            "title": self._app.title,
            "assets": f"{root}{ASSETS}",
            "openapi": f"{root}{self._app.openapi_url}",
        }
        body = page.environment().get_template(self._template).render(values)
        return HTMLResponse(body, headers={"Content-Security-Policy": POLICY})


def mount(app: "FastAPI") -> None:
    """Put the pages on an application that has an OpenAPI document, and the assets on any."""
    own = str(page.folder("assets"))
    app.mount(ASSETS, Files(directory=own, packages=[("fastapi_offline", "static")]), name="assets")
    if app.openapi_url:
        for path, template in (("/docs", "docs.html"), ("/redoc", "redoc.html")):
            app.add_route(path, Documentation(app, template).show, include_in_schema=False)
