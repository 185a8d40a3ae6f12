"""CPU seconds that completing a revision id costs, as a ratio to `dbctl --help` of the same run.

`python benchmarks/completion.py [RUNS]` prints one line a case and exits 1 when a limit is missed.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import startup

HELP = ("dbctl", "--help")
COMPLETE = ("dbctl", "__complete", "bash", "=:@", "upgrade", "")
LIMIT = 1.2
RUNS = 31
MANY = 500


def many(folder: Path) -> None:
    """What `alembic init` makes, with many revisions."""
    startup.plain(folder)
    for number in range(MANY):
        revision = f'"""Change {number}."""\n\nrevision = "{number:012x}"\ndown_revision = None\n'
        (folder / "migrations" / "versions" / f"{number:012x}_.py").write_text(revision)


PROJECTS = {"sample": startup.sample, "plain": startup.plain, "many": many}


def ratio(folder: Path, runs: int) -> tuple[float, float]:
    """The medians of completion and of help; the runs take turns, so noise hits both alike."""
    seconds: list[tuple[float, float]] = []
    for _ in range(runs + 1):
        seconds.append((startup.cpu_seconds(COMPLETE, folder), startup.cpu_seconds(HELP, folder)))
    ours, peers = zip(*seconds[1:], strict=True)  # the first run writes the bytecode
    return statistics.median(ours), statistics.median(peers)


def main() -> int:
    """Run every project. Returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(f"CPU seconds, medians of {runs} runs in turn")
    kept = True
    with tempfile.TemporaryDirectory() as home:
        for name, make in PROJECTS.items():
            make(Path(home) / name)
            ours, peer = ratio(Path(home) / name, runs)
            limit = LIMIT if name != "many" else None
            good = limit is None or ours / peer <= limit
            said = "" if limit is None else f"  limit {limit:.2f} {'kept' if good else 'MISSED'}"
            print(f"{name:<7} completion / help {ours:.3f} / {peer:.3f} = {ours / peer:.2f}{said}")
            kept = kept and good
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
