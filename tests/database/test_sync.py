"""The synchronous side of `Database`: sessions for threads and task queues."""

import threading
from collections.abc import Iterator

import anyio
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dbctl import Database, Settings, loop
from dbctl.sample.models import User


@pytest.fixture
def database(sample_url: str) -> Iterator[Database]:
    """The seeded sample."""
    made = Database(Settings.load(url=sample_url))
    yield made
    loop.run(made.dispose())


def users(session: Session) -> int:
    """How many users there are."""
    return session.scalar(select(func.count()).select_from(User)) or 0


def rename(session: Session, username: str, *, full_name: str) -> str:
    """Change a name the synchronous way."""
    user = session.scalars(select(User).where(User.username == username)).one()
    user.full_name = full_name
    return user.username


def test_a_sync_session_commits_at_the_end(database: Database) -> None:
    with database.sync_session() as session:
        rename(session, "amara", full_name="A. Okafor")
    with database.sync_session() as session:
        found = session.scalars(select(User).where(User.full_name == "A. Okafor")).one()
    assert found.username == "amara"  # readable after the commit


def test_a_sync_session_rolls_back_when_the_block_raises(database: Database) -> None:
    def broken() -> None:
        with database.sync_session() as session:
            rename(session, "amara", full_name="lost")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with database.sync_session() as session:
        assert not session.scalars(select(User).where(User.full_name == "lost")).all()


def test_run_sync_runs_a_sync_function_on_the_async_engine_and_commits(database: Database) -> None:
    async def work() -> int:
        async with database:
            name = await database.run_sync(rename, "amara", full_name="Amara O.")
            assert name == "amara"
            return await database.run_sync(users)

    assert loop.run(work()) == 8
    assert "sync_engine" not in vars(database)  # no second driver was needed


def test_run_sync_rolls_back_when_the_function_raises(database: Database) -> None:
    def broken(session: Session) -> None:
        rename(session, "amara", full_name="lost")
        raise ZeroDivisionError

    async def work() -> None:
        async with database:
            await database.run_sync(broken)

    with pytest.raises(ZeroDivisionError):
        loop.run(work())
    with database.sync_session() as session:
        assert not session.scalars(select(User).where(User.full_name == "lost")).all()


def test_a_background_task_in_a_thread_uses_its_own_sync_session(database: Database) -> None:
    seen: set[int] = set()

    def count() -> int:
        seen.add(threading.get_ident())
        with database.sync_session() as session:
            return users(session)

    async def work() -> int:
        return await anyio.to_thread.run_sync(count)

    assert loop.run(work()) == 8
    assert len(seen) == 1
    assert threading.get_ident() not in seen
