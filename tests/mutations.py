"""Guards, taken away one by one: a test must go red each time, or it proves nothing.

    python -m tests.mutations [WORD]

copies the checkout, changes one line in the copy, and runs the test that the line is there for.
Exits 1 when a test stays green without its line. WORD picks the mutations whose name has it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.migrate.mutations import COMMITS, HISTORY
from tests.neon.mutations import NEON
from tests.seed.mutations import SEED
from tests.snapshot.mutations import SNAPSHOT

CHECKOUT = Path(__file__).resolve().parent.parent
COPIED = ("dbctl", "tests", "migrations", "pyproject.toml", "alembic.ini")
SAFETY = "tests/migrate/safety"


@dataclass(frozen=True)
class Mutation:
    """In `file`, `old` becomes `new`; then `test` must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str


MUTATIONS = (
    Mutation(
        "no lock",
        "dbctl/database/postgres_watch.py",
        "while not (await self._row(catalog.TRY_LOCK, number))[0]:",
        "while False:",
        f"{SAFETY}/test_at_once.py -k data_step",
    ),
    Mutation(
        "version rows are not read again under SQLite's lock",
        "dbctl/migrate/run.py",
        "                raise StartAgain\n",
        "                pass\n",
        f"{SAFETY}/test_at_once.py -k all_end_well",
    ),
    Mutation(
        "the heads are not read again under the lock",
        "dbctl/migrate/apply.py",
        "yield standing._replace(look=look), watch",
        "yield standing, watch",
        f"{SAFETY}/test_blocker.py -k what_was_done_meanwhile",
    ),
    Mutation(
        "no retry when others hold a lock",
        "dbctl/migrate/run.py",
        "if failure.is_lock_timeout(error) and not self.committed:",
        "if False:",
        f"{SAFETY}/test_blocker.py -k that_ends",
    ),
    Mutation(
        "no lock_timeout",
        "dbctl/database/postgres_watch.py",
        "if said else LOCK_TIMEOUT",
        "if False else 0.0",
        f"{SAFETY}/test_blocker.py -k that_ends",
    ),
    Mutation(
        "nobody asks what became of a COMMIT",
        "dbctl/migrate/run.py",
        "if not (self.ending and failure.is_lost(error)):",
        "if True:",
        f"{SAFETY}/test_lost_commit.py -k to_have_happened",
    ),
    Mutation(
        "the statement is not cancelled",
        "dbctl/database/sqlite_watch.py",
        "handle.interrupt()",
        "pass",
        f"{SAFETY}/test_signals.py -k statement_of_sqlite",
    ),
    Mutation(
        "the server does not notice that we are gone",
        "dbctl/database/postgres_watch.py",
        "'client_connection_check_interval', '1s'",
        "'client_connection_check_interval', '0'",
        f"{SAFETY}/test_signals.py -k sigkill",
    ),
    Mutation(
        "no mark of a step outside of transactions",
        "dbctl/migrate/run.py",
        "self._marks.set(connection, self.step.revision.revision)",
        "pass",
        f"{SAFETY}/test_autocommit.py -k half_done",
    ),
    Mutation(
        "an invalid index stays",
        "dbctl/migrate/autocommit.py",
        "            _drop_invalid(conn, name)\n",
        "            pass\n",
        f"{SAFETY}/test_autocommit.py -k dropped_before",
    ),
    Mutation(
        "a pooler is not noticed",
        "dbctl/database/postgres_watch.py",
        "if theirs == pid or again != pid:",
        "if False:",
        f"{SAFETY}/test_pooler.py -k transaction",
    ),
    Mutation(
        "rows of a rebuilt table are not counted",
        "dbctl/database/rebuild.py",
        "if rows.get(name, 0) < before:",
        "if False:",
        f"{SAFETY}/test_rebuild.py -k refused",
    ),
    *(Mutation(f"commit: {name}", *parts) for name, *parts in COMMITS),
    *(Mutation(f"history: {name}", *parts) for name, *parts in HISTORY),
    *(Mutation(f"neon: {name}", *parts) for name, *parts in NEON),
    *(Mutation(f"seed: {name}", *parts) for name, *parts in SEED),
    *(Mutation(f"snapshot: {name}", *parts) for name, *parts in SNAPSHOT),
)


def copied(folder: Path) -> None:
    """What the tests need, and nothing that git does not know."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder)


def survives(mutation: Mutation, folder: Path) -> bool:
    """Whether the test stays green without the line."""
    file = folder / mutation.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutation.old) != 1:
        raise SystemExit(f"{mutation.name}: {mutation.file} has not exactly one such place")
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *mutation.test.split()],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    file.write_text(text, encoding="utf-8")
    if done.returncode not in (0, 1):
        raise SystemExit(f"{mutation.name}: {done.stdout[-2000:]}{done.stderr[-500:]}")
    return done.returncode == 0


def tried(mutations: Iterator[Mutation]) -> list[str]:
    """The names of those that survive, one after the other in a copy of one's own."""
    green = []
    with tempfile.TemporaryDirectory() as folder:
        copied(Path(folder))
        for mutation in mutations:
            alive = survives(mutation, Path(folder))
            print(f"{'GREEN' if alive else 'red'}  {mutation.name}", flush=True)  # noqa: T201
            green += [mutation.name] if alive else []
    return green


def main() -> int:
    """Try every mutation, as many at a time as there are processors. Returns the exit code."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [one for one in MUTATIONS if word in one.name]
    hands = min(os.cpu_count() or 1, len(chosen) or 1)
    shares = [iter(chosen[number::hands]) for number in range(hands)]
    with ThreadPoolExecutor(hands) as pool:
        green = [name for names in pool.map(tried, shares) for name in names]
    return 1 if green else 0


if __name__ == "__main__":
    sys.exit(main())
