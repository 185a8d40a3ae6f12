"""Sessions that leave no trace: what a test commits is a savepoint of a transaction that ends."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from dbctl.testing.clone import Clone


@asynccontextmanager
async def rolled_back(clone: Clone) -> AsyncIterator[AsyncSession]:
    """An asynchronous session; all that it did is undone at the end of the block."""
    async with clone.async_engine.connect() as connection:
        outer = await connection.begin()
        session = AsyncSession(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        try:
            yield session
        finally:
            await session.close()
            await outer.rollback()


@contextmanager
def rolled_back_sync(clone: Clone) -> Iterator[Session]:
    """A synchronous one."""
    with clone.sync_engine.connect() as connection:
        outer = connection.begin()
        session = Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        try:
            yield session
        finally:
            session.close()
            outer.rollback()
