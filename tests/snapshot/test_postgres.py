"""What is true of PostgreSQL alone: its programs, its sessions, what no dump holds."""

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dbctl.database import clients
from dbctl.database.url import Url
from dbctl.snapshot.postgres import PostgresSnapshots
from tests.schema import rows_of
from tests.servers.server import Server
from tests.snapshot.conftest import Run, beside, run

Admin = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """`program("pg_dump", script)`: the only one of that name that can be found."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(clients, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(clients, "WHEEL", "no_such_wheel")

    def made(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return path

    return made


@pytest.mark.parametrize("version", ["9.6.24", "15.8 (Debian 15.8-1)"])
def test_a_pg_dump_older_than_the_server_is_refused(
    snap: Run, sample_postgres_url: str, home: Path, program: Any, version: str
) -> None:
    path = program("pg_dump", f"echo 'pg_dump (PostgreSQL) {version}'")
    done = snap(sample_postgres_url, "create", "one")
    assert done.code == 9, done
    error = done.json["error"]
    assert f"{path} is {version.partition('.')[0]}" in error["message"]
    assert "dbctl-lifecycle[postgres]" in error["hint"]
    assert list(home.glob("one*")) == []


def test_no_pg_dump_at_all_is_said(snap: Run, sample_postgres_url: str, program: Any) -> None:
    program("other", "exit 1")
    done = snap(sample_postgres_url, "create", "one")
    assert done.code == 9
    assert "none is installed" in done.json["error"]["message"]


@pytest.mark.anyio
async def test_of_several_programs_the_nearest_fits(
    tmp_path: Path, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("pg_dump", "echo 'pg_dump (PostgreSQL) 15.8'")
    for major in (17, 16):
        folder = tmp_path / "debian" / str(major) / "bin"
        folder.mkdir(parents=True)
        (folder / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {major}.1'\n")
        (folder / "pg_dump").chmod(0o755)
    monkeypatch.setattr(clients, "DEBIAN", tmp_path / "debian")
    assert [(await clients.fitting("pg_dump", least)).major for least in (14, 16, 17)] == [
        15,
        16,
        17,
    ]


def test_the_password_is_on_no_command_line(
    snap: Run, sample_postgres_url: str, server: Server, program: Any, tmp_path: Path
) -> None:
    for name in ("pg_dump", "pg_restore"):
        said = f'echo "$@" >> {tmp_path}/said; echo "$PGPASSWORD" >> {tmp_path}/environment'
        program(name, f'{said}\nexec {server.bin}/{name} "$@"')
    assert snap(sample_postgres_url, "create", "one").code == 0
    assert snap(sample_postgres_url, "verify", "one").code == 0
    words = (tmp_path / "said").read_text()
    assert "--snapshot=" in words
    assert "--dbname=" in words
    assert server.password not in words
    assert server.password in (tmp_path / "environment").read_text()


def test_rows_and_dump_are_of_one_moment(snap: Run, sample_postgres_url: str) -> None:
    ending = threading.Event()

    def write() -> None:
        while not ending.is_set():
            run(sample_postgres_url, "INSERT INTO busy DEFAULT VALUES")

    run(sample_postgres_url, "CREATE TABLE busy (id serial)")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert snap(sample_postgres_url, "create", "one").code == 0
    finally:
        ending.set()
        writer.join()
    assert snap(sample_postgres_url, "verify", "one").json["differences"] == []


def test_several_workers_make_the_same(snap: Run, sample_postgres_url: str) -> None:
    assert snap(sample_postgres_url, "create", "one", "--jobs", "3").code == 0
    assert snap(sample_postgres_url, "verify", "one", "--jobs", "3").code == 0


def test_a_database_in_use_is_not_replaced_unasked(
    snap: Run, sample_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert snap(sample_postgres_url, "create", "one").code == 0
    monkeypatch.delattr(PostgresSnapshots, "build")  # said before the long work, not after it
    with psycopg.connect(sample_postgres_url, application_name="web") as web:
        done = snap(sample_postgres_url, "restore", "one")
        assert done.code == 5, done
        assert "is in use: web (1)" in done.json["error"]["message"]
        assert web.execute("SELECT count(*) FROM users").fetchone() == (8,)
    assert beside(sample_postgres_url) == []


@contextmanager
def hungry(url: str, at_once: int = 3) -> Iterator[list[int]]:
    """Applications that connect again as soon as they are cut off; what they read last."""
    ending, counts = threading.Event(), [0] * at_once

    def live(number: int) -> None:
        while not ending.is_set():
            with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=5) as connection:
                while not ending.is_set():
                    row = connection.execute("SELECT count(*) FROM posts").fetchone()
                    counts[number] = row[0] if row else -1
                    time.sleep(0.002)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        ending.set()
        for thread in threads:
            thread.join()


def test_with_consent_sessions_that_come_back_are_cut_off(
    snap: Run, sample_postgres_url: str
) -> None:
    assert snap(sample_postgres_url, "create", "one").code == 0
    run(sample_postgres_url, "DELETE FROM posts")
    with hungry(sample_postgres_url) as counts:
        done = snap(sample_postgres_url, "restore", "one", "--end-sessions", "--drop-old")
        time.sleep(0.2)
    assert done.code == 0, done
    assert counts == [10, 10, 10]


def test_a_session_that_comes_late_stops_the_swap(
    snap: Run, sample_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbctl.snapshot import likeness

    assert snap(sample_postgres_url, "create", "one").code == 0
    late: list[psycopg.Connection] = []

    async def copied(*_: object) -> None:
        late.append(psycopg.connect(sample_postgres_url, application_name="late"))

    monkeypatch.setattr(likeness, "copy", copied)
    done = snap(sample_postgres_url, "restore", "one")
    late[0].close()
    assert done.code == 5, done
    assert "is in use: late (1)" in done.json["error"]["message"]
    assert (beside(sample_postgres_url), rows_of(sample_postgres_url)["users"]) == ([], 8)


LIKE = """
SELECT pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, datacl::text,
       pg_get_userbyid(datdba), shobj_description(d.oid, 'pg_database'),
       (SELECT array_agg(s.setconfig::text || setrole::regrole::text ORDER BY setrole)
          FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)
  FROM pg_database d WHERE datname = current_database()
"""


def test_settings_privileges_and_comment_of_the_database_stay(
    snap: Run, sample_postgres_url: str, admin: Admin
) -> None:
    name = Url.parse(sample_postgres_url).name
    role = f"{name}_role"
    for one in (
        f"CREATE ROLE {role}",
        f'ALTER DATABASE {name} SET search_path TO "$user", public',
        f"ALTER DATABASE {name} SET work_mem TO '5MB'",
        f"ALTER ROLE {role} IN DATABASE {name} SET application_name TO 'it''s'",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {role} WITH GRANT OPTION",
        f"COMMENT ON DATABASE {name} IS 'it''s'",
        f"ALTER DATABASE {name} CONNECTION LIMIT 77",
    ):
        admin(one)
    before = run(sample_postgres_url, LIKE)
    assert snap(sample_postgres_url, "create", "one").code == 0
    old = snap(sample_postgres_url, "restore", "one").json["old"]
    assert run(sample_postgres_url, LIKE) == before
    there = Url.parse(sample_postgres_url).named(old).text
    assert run(there, LIKE)[0][6] is None  # what the comment says holds for the new one alone
    for one in (name, old):
        admin(f"DROP DATABASE {one}")
    admin(f"DROP ROLE {role}")


@pytest.mark.parametrize("name", ["it's=a b\\", 'quo"ted %41', "n" * 63, "ü" * 31])
def test_any_name_of_a_database_is_taken(
    snap: Run, server: Server, sample_template: str, name: str
) -> None:
    quoted = name.replace('"', '""')
    server.run(f'CREATE DATABASE "{quoted}" TEMPLATE "{sample_template}"')
    url = replace(Url.parse(server.url()), name=name).text
    try:
        assert snap(url, "create", "one").code == 0
        run(url, "DELETE FROM posts")
        assert snap(url, "verify", "one").code == 0
        assert snap(url, "restore", "one", "--drop-old").code == 0
        assert rows_of(url)["posts"] == 10
    finally:
        server.run(f'DROP DATABASE "{quoted}" WITH (FORCE)')


def test_an_ordinary_role_that_may_make_databases_can_restore(
    snap: Run, ordinary_url: str, admin: Admin
) -> None:
    parsed = Url.parse(ordinary_url)
    admin(f"ALTER ROLE {parsed.user} CREATEDB")
    admin(f"ALTER DATABASE {parsed.name} OWNER TO {parsed.user}")
    run(ordinary_url, "CREATE TABLE mine (a int)")
    run(ordinary_url, "INSERT INTO mine VALUES (1)")
    assert snap(ordinary_url, "create", "one").code == 0
    run(ordinary_url, "DELETE FROM mine")
    done = snap(ordinary_url, "restore", "one", "--drop-old")
    admin(f"ALTER DATABASE {parsed.name} OWNER TO postgres")  # the role goes before it
    assert done.code == 0, done
    assert rows_of(ordinary_url) == {"mine": 1}


def test_a_role_that_may_not_make_databases_is_told(snap: Run, ordinary_url: str) -> None:
    run(ordinary_url, "CREATE TABLE mine (a int)")
    assert snap(ordinary_url, "create", "one").code == 0
    done = snap(ordinary_url, "restore", "one")
    assert done.code == 9, done
    assert "permission denied to create database" in done.json["error"]["message"]


def test_a_program_of_ours_ends_with_us(
    snap: Run, sample_postgres_url: str, server: Server, program: Any, home: Path
) -> None:
    mark = home.parent / "pid"
    version = 'case "$1" in --version) echo "pg_dump (PostgreSQL) 99.1"; exit;; esac'
    program("pg_dump", f"{version}\necho $$ > {mark}\nexec /bin/sleep 60")
    import signal

    threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    done = snap(sample_postgres_url, "create", "one")
    assert done.code == 130, done
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
    assert list(home.glob("one*")) == []


def test_what_pg_dump_writes_is_its_users_alone(
    snap: Run, sample_postgres_url: str, home: Path
) -> None:
    umask = os.umask(0)
    try:
        assert snap(sample_postgres_url, "create", "one").code == 0
    finally:
        os.umask(umask)
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (home / "one").rglob("*")}
    assert modes == {0o600, 0o700}
