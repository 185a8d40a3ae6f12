"""Rows a CPU second that generating users costs, as a ratio to Faker and mimesis of the same run.

`python benchmarks/generate.py [ROWS]` prints a line a case and exits 1 when a limit is missed.
Faker and mimesis make name, user name, address and a time; dbctl all columns of the sample's users.
The peak memory is of `dbctl seed generate` as a process, on SQLite.
"""

import os
import shutil
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROWS, FEW = 1_000_000, 100_000
PEER_ROWS = 5_000
LIMITS = {"dbctl": 60.0, "dbctl --fake": 10.0}
MEMORY = 1.3
CHECKOUT = Path(__file__).resolve().parent.parent


def faker(rows: int) -> None:
    """As its documentation shows it; the address of a domain that nobody can own."""
    from faker import Faker

    fake = Faker()
    fake.seed_instance(42)
    for _ in range(rows):
        fake.name(), fake.user_name(), fake.safe_email(), fake.date_time_this_decade()


def mimesis(rows: int) -> None:
    """As its documentation shows it."""
    from mimesis import Generic

    fake = Generic(seed=42)
    for _ in range(rows):
        fake.person.full_name(), fake.person.username()
        fake.person.email(domains=["example.com"]), fake.datetime.datetime()


def own(rows: int) -> None:
    """What `dbctl seed generate` writes, as far as the driver."""
    _dbctl(rows, fake=False)


def with_mimesis(rows: int) -> None:
    """The same with `--fake`."""
    _dbctl(rows, fake=True)


def _dbctl(rows: int, *, fake: bool) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    from dbctl.sample.models import User
    from dbctl.seed.generated import pools
    from dbctl.seed.generated.field import Run
    from dbctl.seed.generated.plan import plan
    from dbctl.seed.generated.task import Task

    run = Run(42, pools.mimesis(42) if fake else pools.own(42))
    made = plan(Task(run, User.metadata.tables["users"], 0, rows, frozenset({"id"})))
    for _ in made.chunks(create_async_engine("postgresql+asyncpg://").dialect):
        pass


def rate(make: Callable[[int], None], rows: int) -> float:
    """Rows a CPU second, imports and pools made before."""
    make(10)
    started = time.process_time()
    make(rows)
    return rows / (time.process_time() - started)


def peak(rows: int, folder: Path) -> int:
    """The peak memory in kB of a process that generates `rows` users into a new file."""
    url = f"sqlite:///{folder / f'{rows}.db'}"
    dbctl = str(Path(sysconfig.get_path("scripts")) / "dbctl")
    _waited([dbctl, "--url", url, "-q", "up", "--no-seed"])
    return _waited([dbctl, "--url", url, "-q", "seed", "generate", f"users={rows}"])


def _waited(command: list[str]) -> int:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command)}: exit {code}")
    return usage.ru_maxrss


def speed(rows: int) -> bool:
    """Print the rates; whether all limits are kept."""
    if find_spec("faker") is None:
        print("Faker is not installed, nothing to compare with: pip install faker")
        return True
    base = rate(faker, PEER_ROWS)
    print(f"{'Faker':<14}{base:>12,.0f} users/CPU s")
    kept = True
    cases = [("mimesis", mimesis, PEER_ROWS * 10), ("dbctl --fake", with_mimesis, rows)]
    for name, make, count in [*cases, ("dbctl", own, rows)]:
        found = rate(make, count)
        limit = LIMITS.get(name)
        said = f", limit {limit:g}" if limit else ""
        print(f"{name:<14}{found:>12,.0f} users/CPU s, {found / base:.1f} of Faker{said}")
        kept = kept and (limit is None or found / base >= limit)
    return kept


def memory(rows: int) -> bool:
    """Print the peaks; whether many rows need no more than few."""
    folder = Path(tempfile.mkdtemp())
    try:
        few, many = peak(min(FEW, rows), folder), peak(rows, folder)
    finally:
        shutil.rmtree(folder)
    print(f"peak memory of {rows:,} users: {many / few:.2f} of {FEW:,}, limit {MEMORY:g}")
    return many / few <= MEMORY


def main() -> int:
    """Measure; 0 when every limit is kept."""
    os.chdir(CHECKOUT)
    rows = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else ROWS
    return 0 if all([speed(rows), memory(rows)]) else 1


if __name__ == "__main__":
    sys.exit(main())
