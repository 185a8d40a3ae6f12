"""Superusers at the door of the admin: accounts and sessions are those of the API."""

from datetime import timedelta

from pydantic import SecretStr
from starlette.datastructures import State

from dbctl.database.engine import Database
from dbctl.errors import AnswerIsNo
from dbctl.sample.api import auth
from dbctl.sample.services import tokens
from dbctl.sample.services.tokens import Lifetimes
from dbctl.sample.services.users import USERS

# A working day; nothing renews it.
SESSION = Lifetimes(timedelta(hours=8), timedelta(hours=8))


class Accounts:
    """Asks the tables that the API asks, with its limits."""

    def __init__(self, database: Database, state: State) -> None:
        self._database = database
        self._state = state

    async def enter(self, name: str, password: str, client: str) -> str:
        """A token for a superuser. Raises NotSignedInError, TooManyError, AnswerIsNo."""
        secret = SecretStr(password)
        async with self._database.async_session_maker() as session:
            found = await auth.checked(self._state, session, name, secret, client)
            signed = await tokens.sign_in(session, found.user_id, SESSION)
            holder = await tokens.bearer(session, signed.access)
            if holder is None or not holder.is_superuser:
                raise AnswerIsNo("this takes a superuser")
            await session.commit()
        return signed.access

    async def known(self, token: str) -> str | None:
        """The username of the superuser whose token it is."""
        async with self._database.reading_session_maker() as session:
            holder = await tokens.bearer(session, token)
            if holder is None or not holder.is_superuser:
                return None
            return str((await USERS.read(session, holder.user_id, ("username",)))["username"])

    async def leave(self, token: str) -> None:
        """Revoke the token and what else came from its sign-in."""
        async with self._database.session() as session:
            holder = await tokens.bearer(session, token)
            if holder is not None:
                await tokens.sign_out(session, holder, token)
