"""SQLite has one writer at a time: how a session becomes it before it reads what it will change.

Other databases lock rows (`SELECT ... FOR UPDATE`), which SQLite leaves out without a word: two
transactions read the same balance, and one of two changes is lost.
"""

from sqlalchemy.ext.asyncio import AsyncSession


async def claim(session: AsyncSession) -> None:
    """Make the session's transaction SQLite's one writer, waiting for the other; call it first.

    Nothing happens on another database, or when it is the writer already. The session may be of
    any engine: Python's sqlite3 begins its transactions before the first INSERT, UPDATE or DELETE,
    so that one of our own can still begin here, with its lock.
    """
    connection = await session.connection()
    if connection.dialect.name != "sqlite":
        return
    driver = (await connection.get_raw_connection()).driver_connection
    if not getattr(driver, "in_transaction", False):
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
