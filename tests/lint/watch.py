"""Sees the lock of a statement that cannot run in a transaction, where it could be asked for."""

import threading

import psycopg


class Watch:
    """Sees the lock that a statement asks for which cannot run in a transaction.

    Another session reads every table; who wants one for itself alone waits for it, visibly. Who
    waits for that session's end instead (CONCURRENTLY) lets everybody go on meanwhile.
    """

    WAITING = "SELECT relation::int, mode FROM pg_locks WHERE pid = %s AND NOT granted"

    NAME = "SELECT oid::regclass::text FROM pg_class WHERE oid = %s"

    def __init__(self, url: str, pid: int, tables: list[int]) -> None:
        self.found: list[tuple[int | None, str]] = []
        self._pid = pid
        self._done = threading.Event()
        self._reader = psycopg.connect(url)
        for oid in tables:
            found = self._reader.execute(self.NAME, [oid]).fetchone()
            if found is not None:
                self._reader.execute(f"SELECT FROM {found[0]} LIMIT 0".encode())
        self._thread = threading.Thread(target=self._run, args=(url,))
        self._thread.start()

    def _run(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as asking:
            while not self.found and not self._done.wait(0.005):
                self.found = asking.execute(self.WAITING.encode(), [self._pid]).fetchall()
        self._reader.rollback()

    def stop(self) -> list[tuple[int, str]]:
        """The number of each table that was asked for, and the mode; the statement has ended."""
        self._done.set()
        self._thread.join()
        self._reader.close()
        return [(oid, mode) for oid, mode in self.found if oid is not None]
