"""One session for a request, ended before the response is sent.

A dependency with `yield` would not do: FastAPI runs the code behind it after the response from
0.118 on. A client must never read "201 Created" of a row whose COMMIT fails a moment later.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.database.engine import Database

READING = ("GET", "HEAD")


class Transaction(APIRoute):
    """A route whose handler has a session: committed when it returns, rolled back when it raises.

    GET only reads: each statement stands for itself then.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler, which has also read and checked what was sent."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            database: Database = request.app.state.database
            reads = request.method in READING
            maker = database.reading_session_maker if reads else database.async_session_maker
            async with maker() as session:
                request.state.session = session
                try:
                    response = await handler(request)
                    if not reads:
                        await session.commit()
                except BaseException:
                    # To close it is not enough: after a COMMIT that failed SQLite is still inside.
                    await session.rollback()
                    raise
            return response

        return handled


async def opened(request: Request) -> AsyncSession:
    """The request's session; it connects when it is first used."""
    session: AsyncSession = request.state.session
    return session


Session = Annotated[AsyncSession, Depends(opened)]
