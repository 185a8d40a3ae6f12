"""What is true of SQLite alone: the log beside the file, writers, and who has the file open."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.schema import rows_of
from tests.snapshot.conftest import Run, beside, run


@pytest.fixture
def file(sample_sqlite_url: str, home: Path, snap: Run) -> Path:
    """The sample's file, of which the snapshot `one` was taken; then its posts went."""
    assert snap(sample_sqlite_url, "create", "one").code == 0
    run(sample_sqlite_url, "DELETE FROM posts")
    return Path(sample_sqlite_url.split(":///")[1])


@pytest.fixture
def logged(file: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection, in WAL mode, with rows that are in the log alone."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("DELETE FROM items")
        yield connection


def posts(file: Path) -> int:
    return rows_of(f"sqlite:///{file}")["posts"]


def test_what_is_in_the_log_alone_is_kept(
    snap: Run, file: Path, logged: sqlite3.Connection
) -> None:
    url = f"sqlite:///{file}"
    assert snap(url, "create", "two").code == 0
    logged.execute("INSERT INTO items SELECT * FROM items")
    logged.close()
    assert snap(url, "restore", "two").json["rows"] == 43 - 24 - 10
    assert rows_of(url)["items"] == 0


def test_a_file_that_others_have_open_with_its_log_is_not_replaced(
    snap: Run, file: Path, logged: sqlite3.Connection
) -> None:
    url = f"sqlite:///{file}"
    done = snap(url, "restore", "one", "--lock-wait", "0.3")
    assert (done.code, done.json["error"]["kind"]) == (8, "locked"), done
    assert logged.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    logged.execute("UPDATE users SET full_name = 'still here'")
    assert beside(url) == [f"{file.name}-shm", f"{file.name}-wal"]


def test_the_log_is_there_again_and_the_old_one_is_not_read(
    snap: Run, file: Path, logged: sqlite3.Connection
) -> None:
    url = f"sqlite:///{file}"
    logged.close()
    old = snap(url, "restore", "one").json["old"]
    assert run(url, "PRAGMA journal_mode") == [("wal",)]
    assert (posts(file), rows_of(url)["items"]) == (10, 24)
    assert rows_of(f"sqlite:///{file.with_name(old)}")["items"] == 0
    assert run(url, "PRAGMA integrity_check") == [("ok",)]


def test_a_writer_is_waited_for_and_then_refused(snap: Run, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        done = snap(f"sqlite:///{file}", "restore", "one", "--lock-wait", "0.3")
        writer.execute("COMMIT")
    assert done.code == 8, done
    assert (posts(file), beside(f"sqlite:///{file}")) == (0, [])


def test_who_had_the_replaced_file_open_can_write_to_neither(snap: Run, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as idle:
        assert idle.execute("SELECT count(*) FROM posts").fetchone() == (0,)
        assert snap(f"sqlite:///{file}", "restore", "one").code == 0
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            idle.execute("DELETE FROM users")
    assert (posts(file), rows_of(f"sqlite:///{file}")["users"]) == (10, 8)


def test_no_committed_row_is_lost_while_others_write(snap: Run, sample_sqlite_url: str) -> None:
    path, ending, last = sample_sqlite_url.split(":///")[1], threading.Event(), [0]

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as connection:
            connection.execute("CREATE TABLE busy (id integer)")
            while not ending.is_set():
                connection.execute("INSERT INTO busy VALUES (?)", (last[0] + 1,))
                last[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    while last[0] < 5:
        pass
    before = last[0]
    assert snap(sample_sqlite_url, "create", "one").code == 0
    ending.set()
    writer.join()
    assert snap(sample_sqlite_url, "restore", "one").code == 0
    ((rows, highest),) = run(sample_sqlite_url, "SELECT count(*), max(id) FROM busy")
    assert rows == highest >= before


def test_mode_and_place_of_the_file_stay(snap: Run, file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.db"
    link.symlink_to(file)
    assert snap(f"sqlite:///{link}", "restore", "one").code == 0
    assert (link.is_symlink(), posts(file)) == (True, 10)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_where_there_are_no_links_it_is_restored_too(
    snap: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refused)
    old = snap(f"sqlite:///{file}", "restore", "one").json["old"]
    assert (posts(file), posts(file.with_name(old))) == (10, 0)


def test_text_that_is_no_utf8_is_kept(snap: Run, sample_sqlite_url: str) -> None:
    run(sample_sqlite_url, "UPDATE posts SET title = CAST(x'ff41' AS text)")
    assert snap(sample_sqlite_url, "create", "one").code == 0
    assert snap(sample_sqlite_url, "verify", "one").code == 0


def test_a_database_in_memory_is_refused(snap: Run) -> None:
    assert snap("sqlite://", "create", "one").code == 5


def test_a_missing_file_is_said_and_no_snapshot_is_left(
    snap: Run, sqlite_url: str, home: Path
) -> None:
    assert snap(sqlite_url, "create", "one").code == 4
    assert [one.name for one in home.glob("*") if one.is_dir()] == []
