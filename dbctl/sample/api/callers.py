"""Who calls, and what they may: themselves, or everything as a superuser."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from dbctl.sample.api.failures import ForbiddenError, NotSignedInError
from dbctl.sample.services import tokens
from dbctl.sample.services.tokens import Bearer


@dataclass(frozen=True)
class Caller:
    """Somebody who has signed in, with the token they hold."""

    bearer: Bearer
    token: str

    @property
    def id(self) -> int:
        """The user's id."""
        return self.bearer.user_id

    def may(self, owner_id: int) -> bool:
        """Whether something of that user's is theirs to see and to change."""
        return self.bearer.is_superuser or self.id == owner_id

    def require(self, owner_id: int) -> None:
        """Raises ForbiddenError when it is somebody else's."""
        if not self.may(owner_id):
            raise ForbiddenError("this belongs to somebody else")


class Callers(HTTPBearer):
    """The dependency that finds out who calls, and the scheme that the document speaks of.

    Both in one object: each dependency costs a request about as much as a row.
    """

    def __init__(self, *, required: bool = True, superuser: bool = False) -> None:
        super().__init__(auto_error=False, scheme_name="token", description="Of /auth/login.")
        self.required = required
        self.superuser = superuser

    async def __call__(self, request: Request) -> Caller | None:  # type: ignore[override]  # more
        """Whoever holds the token. Raises NotSignedInError, ForbiddenError."""
        sent = await super().__call__(request)
        if sent is None:
            if self.required:
                raise NotSignedInError("sign in first")
            return None
        found = await tokens.bearer(request.state.session, sent.credentials)
        if found is None:
            raise NotSignedInError("the token is not valid, or not any more")
        if self.superuser and not found.is_superuser:
            raise ForbiddenError("this takes a superuser")
        return Caller(found, sent.credentials)


async def host(request: Request) -> str:
    """The address of whoever calls; behind a proxy the server must be told to believe it."""
    return request.client.host if request.client else ""


SomeCaller = Annotated[Caller | None, Depends(Callers(required=False))]
SignedIn = Annotated[Caller, Depends(Callers())]
Superuser = Annotated[Caller, Depends(Callers(superuser=True))]
Host = Annotated[str, Depends(host)]
