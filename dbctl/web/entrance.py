"""How a superuser gets into the admin, and out of it."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER
from starlette_admin.auth import AdminUser, AuthProvider
from starlette_admin.exceptions import LoginFailed
from starlette_admin.helpers import index_url, safe_redirect_url

from dbctl.errors import AnswerIsNo
from dbctl.web import session
from dbctl.web.model import Door


class Entrance(AuthProvider):
    """Asks the project's own accounts; the session is theirs too."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    async def login(
        self,
        username: str,
        password: str,
        remember_me: bool,  # noqa: ARG002 - starlette-admin's signature
        request: Request,
    ) -> Response:
        """Begin a session. Raises LoginFailed with no more than the door says."""
        client = request.client.host if request.client else ""
        try:
            token = await self._door.enter(username, password, client)
        except AnswerIsNo as refused:
            raise LoginFailed(refused.message) from refused
        wanted = request.query_params.get("next") or index_url(request)
        place = safe_redirect_url(wanted, request, index_url(request))
        response = RedirectResponse(place, HTTP_303_SEE_OTHER)
        session.give(response, request, token)
        return response

    async def authenticate(self, request: Request) -> AdminUser | None:
        """Who asks; None for everybody but a superuser with a session."""
        found = await session.visitor(self._door, request)
        return AdminUser(username=found) if found else None

    async def logout(self, request: Request) -> Response:
        """End the session, here and in the browser."""
        await self._door.leave(session.token(request))
        response = RedirectResponse(index_url(request), HTTP_303_SEE_OTHER)
        session.take(response)
        return response
