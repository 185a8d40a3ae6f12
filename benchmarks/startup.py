"""CPU seconds that a command costs, as a ratio to the plain `alembic` of the same run.

`python benchmarks/startup.py [RUNS]` prints one line a case and exits 1 when a limit is missed.
"""

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
# What runs must not depend on what the shell happens to say.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
RUNS = 15


@dataclass(frozen=True)
class Case:
    """A command, its peer, the folder both run in, and the most that the ratio may be."""

    ours: tuple[str, ...]
    peer: tuple[str, ...]
    project: str
    limit: float | None = None


CASES = (
    Case(("dbctl", "--help"), ("alembic", "--help"), "sample", 0.4),
    Case(("dbctl", "current"), ("alembic", "current"), "sample", 1.3),
    Case(("dbctl", "status"), ("alembic", "current"), "sample"),
    Case(("dbctl", "--json", "status"), ("alembic", "current"), "sample"),
    Case(("dbctl", "current"), ("alembic", "current"), "plain", 1.3),
    Case(("dbctl", "--json", "status"), ("alembic", "current"), "plain"),
)


def cpu_seconds(command: tuple[str, ...], cwd: Path) -> float:
    """User and system time of one run, its children included. Raises when it fails."""
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", 'cd "$0" && exec "$@" >/dev/null', str(cwd), *_found(command)],
        ENVIRONMENT,
    )
    _, status, usage = os.wait4(pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command)} in {cwd}: exit {code}")
    return usage.ru_utime + usage.ru_stime


def _found(command: tuple[str, ...]) -> list[str]:
    return [str(SCRIPTS / command[0]), *command[1:]]


def sample(folder: Path) -> None:
    """The sample's revisions and its asynchronous env.py, upgraded."""
    shutil.copytree(CHECKOUT / "migrations", folder / "migrations")
    for name in ("alembic.ini", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, folder)
    _prepare(folder, "dbctl", "up")


def plain(folder: Path) -> None:
    """What `alembic init` makes: the lightest env.py there is; one empty revision."""
    folder.mkdir()
    _prepare(folder, "alembic", "init", "migrations")
    ini = folder / "alembic.ini"
    url = "driver://user:pass@localhost/dbname"
    ini.write_text(ini.read_text().replace(url, "sqlite:///plain.db"))
    _prepare(folder, "alembic", "revision", "-m", "first")
    _prepare(folder, "alembic", "upgrade", "head")


def _prepare(folder: Path, *command: str) -> None:
    done = subprocess.run(
        _found(command), cwd=folder, env=ENVIRONMENT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} in {folder}: {done.stderr}")


def medians(cases: tuple[Case, ...], home: Path, runs: int) -> dict[tuple[str, ...], float]:
    """The median of every command and project; the runs take turns, so noise hits all alike."""
    keys = {(case.project, *command) for case in cases for command in (case.ours, case.peer)}
    seconds: dict[tuple[str, ...], list[float]] = {key: [] for key in sorted(keys)}
    for turn in range(runs + 1):
        for (project, *command), taken in seconds.items():
            spent = cpu_seconds(tuple(command), home / project)
            if turn:  # the first run writes the bytecode
                taken.append(spent)
    return {key: statistics.median(values) for key, values in seconds.items()}


def line(case: Case, found: dict[tuple[str, ...], float]) -> tuple[str, bool]:
    """One line of the report, and whether the case keeps its limit."""
    ours, peer = found[case.project, *case.ours], found[case.project, *case.peer]
    ratio = ours / peer
    kept = case.limit is None or ratio <= case.limit
    limit = "" if case.limit is None else f"  limit {case.limit:.2f} {'kept' if kept else 'MISSED'}"
    names = f"{' '.join(case.ours)} / {' '.join(case.peer)}"
    return f"{case.project:<7} {names:<40} {ours:.3f} / {peer:.3f} = {ratio:.2f}{limit}", kept


def main() -> int:
    """Run every case. Returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as home:
        sample(Path(home) / "sample")
        plain(Path(home) / "plain")
        found = medians(CASES, Path(home), runs)
    lines = [line(case, found) for case in CASES]
    print(f"CPU seconds, medians of {runs} runs in turn")
    print("\n".join(text for text, _ in lines))
    return 0 if all(kept for _, kept in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
