"""Sign in, stay signed in, sign out."""

from fastapi import Request, Response
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask
from starlette.datastructures import State

from dbctl.database.engine import Database
from dbctl.sample.api import background
from dbctl.sample.api.answers import answer, columns
from dbctl.sample.api.callers import Host, SignedIn, Superuser
from dbctl.sample.api.failures import BODY, NotSignedInError, declared
from dbctl.sample.api.limits import Attempts, Gate
from dbctl.sample.api.options import Options
from dbctl.sample.api.routing import below
from dbctl.sample.api.schemas import Accepted, Login, Refresh, Tokens
from dbctl.sample.api.sessions import Session
from dbctl.sample.schemas import UserRead
from dbctl.sample.services import passwords, tokens
from dbctl.sample.services.tokens import Account, Signed
from dbctl.sample.services.users import USERS

router = below("/auth", "auth")
ME = columns(UserRead)


@router.post("/login", response_model=Tokens, responses=declared(*BODY, 401, 429))
async def login(sent: Login, request: Request, session: Session, host: Host) -> Response:
    """Sign in with a username or an e-mail address. Who is unknown waits as long as who is not."""
    found = await checked(request.app.state, session, sent.login, sent.password, host)
    options: Options = request.app.state.options
    return _told(await tokens.sign_in(session, found.user_id, options.lifetimes), options)


@router.post("/refresh", response_model=Tokens, responses=declared(*BODY, 401))
async def refresh(sent: Refresh, request: Request, session: Session) -> Response:
    """New tokens for a refresh token. One that is used twice ends everything of its sign-in."""
    options: Options = request.app.state.options
    token = sent.refresh_token.get_secret_value()
    signed = await tokens.refresh(session, token, options.lifetimes)
    if signed is None:
        await session.commit()  # a family that was revoked stays so
        raise NotSignedInError("the refresh token is not valid, or not any more")
    return _told(signed, options)


@router.post("/logout", status_code=204, responses=declared(401))
async def logout(session: Session, caller: SignedIn) -> Response:
    """Revoke the token, and all others of the same sign-in."""
    await tokens.sign_out(session, caller.bearer, caller.token)
    return Response(status_code=204)


@router.get("/me", response_model=UserRead, responses=declared(401))
async def me(session: Session, caller: SignedIn) -> Response:
    """Show the account of whoever asks."""
    return answer(await USERS.read(session, caller.id, ME))


async def checked(
    state: State, session: AsyncSession, login: str, password: SecretStr, host: str
) -> Account:
    """The account of that name and password. Raises NotSignedInError, TooManyError."""
    attempts: Attempts = state.attempts
    gate: Gate = state.gate
    attempts.take(host, login.lower())
    found = await tokens.account(session, login)
    await session.rollback()  # a tenth of a second follows: others need the connection
    with gate.entered():
        right = await passwords.verified(password, found and found.hashed_password)
    if found is None or not right:
        raise NotSignedInError("there is no such account, or the password is another")
    return found


@router.post("/sweep", status_code=202, response_model=Accepted, responses=declared(401, 403))
async def sweep(request: Request, _caller: Superuser) -> Response:
    """Delete expired tokens of all users, after the answer. For superusers."""
    database: Database = request.app.state.database
    _ = database.sync_engine  # without its driver: now, not after a promise
    later = BackgroundTask(background.swept, database)
    return answer({"status": "accepted"}, 202, later)


def _told(signed: Signed, options: Options) -> Response:
    return answer(
        {
            "access_token": signed.access,
            "refresh_token": signed.refresh,
            "token_type": "bearer",
            "expires_in": options.access_minutes * 60,
        }
    )
