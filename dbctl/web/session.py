"""Who is looking: the token of a session, from a cookie or a header."""

from starlette.requests import Request
from starlette.responses import Response

from dbctl.web.model import Door

COOKIE = "dbctl_session"
LONGEST = 4096


def token(request: Request) -> str:
    """The token that came with a request, "" for none."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    found = said.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    return found if len(found) <= LONGEST else ""


async def visitor(door: Door, request: Request) -> str | None:
    """The name of the superuser who asks; None for everybody else."""
    found = token(request)
    return await door.known(found) if found else None


def give(response: Response, request: Request, session: str) -> None:
    """Let the browser keep a session: no script reads it, no other site sends it."""
    response.set_cookie(
        COOKIE,
        session,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def take(response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
