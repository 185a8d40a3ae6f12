"""`python -m tests.published [NAME...]`: dbctl in published packages, beside plain Alembic.

Each package is installed from the index and upgraded twice, on each of its dialects: by its own
command and by dbctl. The schemas and the rows must be the same, the other commands must work, no
file may change, and dbctl may take 1.15 times as long, each tool's own no-op run subtracted.
"""

import hashlib
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.published.bench import Bench, bench
from tests.published.packages import PACKAGES, Package, Place
from tests.schema import rows_of, schema_of

LIMIT = 1.15
ROUNDS = 4  # a busy machine is measured again, and the best of each counts
# What a command may end with: `check` may find drift, or no metadata to compare.
ENDS = {"doctor": (0,), "status": (0,), "history": (0,), "heads": (0,), "check": (0, 1, 3)}
TOOLS = ("alembic", "dbctl")


class MissedError(Exception):
    """Something is not as it is with plain Alembic."""


class Run(NamedTuple):
    """What was timed: `what` is "upgrade", or "nothing" for a run with nothing to do."""

    package: str
    dialect: str
    tool: str
    what: str


Times = dict[Run, float]


def moved(bench: Bench, place: Place, tool: str, revision: str) -> float:
    """Wall seconds of an upgrade to `revision`. Raises MissedError when it fails."""
    started = time.perf_counter()
    if tool == "dbctl":
        done = bench.dbctl(place, "upgrade", revision)
    else:
        done = bench.run(place, *place.words, "upgrade", revision)
    if done.code:
        raise MissedError(f"{tool} upgrade {revision}: {done}")
    return time.perf_counter() - started


def timed(bench: Bench, package: Package, dialect: str, times: Times, *, first: bool) -> None:
    """Upgrade two new databases, one with each tool, and keep the shortest times.

    The `first` time they are compared too. Raises MissedError where they differ.
    """
    with ExitStack() as stack:
        pairs = [stack.enter_context(bench.placed(package, dialect)) for _ in TOOLS]
        newest = head(bench, pairs[0][0])
        bench.run(pairs[0][0], *pairs[0][0].words, "current")  # whoever is first reads the disk
        for tool, (place, _) in zip(TOOLS, pairs, strict=True):
            took = {"upgrade": moved(bench, place, tool, "heads")}
            # Named, not "heads": that dbctl would answer without env.py and what it imports.
            took["nothing"] = moved(bench, place, tool, newest)
            for what, seconds in took.items():
                run = Run(package.name, dialect, tool, what)
                times[run] = min(seconds, times.get(run, seconds))
        if first:
            require_same(*(url for _, url in pairs))
            if dialect == package.dialects[0]:
                answered(bench, pairs[0][0], newest)


def head(bench: Bench, place: Place) -> str:
    """The one head of the package's history."""
    (found,) = bench.dbctl(place, "--json", "heads").json["heads"]
    return str(found)


def require_same(theirs: str, ours: str) -> None:
    """Raises MissedError unless both databases have one schema and as many rows, versions too."""
    one, other = (set(schema_of(url).splitlines()) for url in (theirs, ours))
    lines = [*(f"- {line}" for line in one - other), *(f"+ {line}" for line in other - one)]
    if lines:
        raise MissedError("\n".join(["the schemas differ", *lines[:20]]))
    if rows_of(theirs) != rows_of(ours):
        raise MissedError(f"rows: {rows_of(theirs)} and {rows_of(ours)}")


def answered(bench: Bench, place: Place, newest: str) -> None:
    """dbctl's questions on a database that the plain command made."""
    for verb, ends in ENDS.items():
        done = bench.dbctl(place, verb)
        if done.code not in ends or "Traceback" in done.err:
            raise MissedError(f"dbctl {verb}: {done}")
    current = bench.dbctl(place, "--json", "current").json["revision"]
    told = bench.run(place, *place.words, "current").out
    if current != [newest] or newest not in told:
        raise MissedError(f"dbctl says {current}, the plain command {told}")


def taken(times: Times, tool: str, package: str = "") -> float:
    """Seconds that upgrades took beyond a run with nothing to do."""
    runs = [run for run in times if run.tool == tool and package in ("", run.package)]
    signs = {"upgrade": 1, "nothing": -1}
    return sum(signs[run.what] * times[run] for run in runs)


def ratio(times: Times, package: str = "") -> float:
    """Seconds of dbctl's upgrades to one of the plain command's."""
    ours, theirs = (taken(times, tool, package) for tool in ("dbctl", "alembic"))
    return ours / max(theirs, 0.001)


def tried(bench: Bench, packages: tuple[Package, ...], times: Times) -> list[str]:
    """Compare and time every package; what is not as with plain Alembic."""
    missed = []
    for package in packages:
        try:
            for dialect in package.dialects:
                timed(bench, package, dialect, times, first=True)
                say(f"{package.name}, {dialect}: the same schema ({package.shape})")
        except MissedError as error:
            missed.append(f"{package.name}: {error}")
    return missed


def content(folder: Path) -> str:
    """A hash of all files below, without what Python compiles."""
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            made.update(f"{path}\0".encode() + path.read_bytes())
    return made.hexdigest()


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    """Try every package; 1 when one of them is not as with plain Alembic, or slower."""
    packages = tuple(one for one in PACKAGES if not names or one.name in names)
    times: Times = {}
    with bench(packages) as made:
        before = content(made.site)
        missed = tried(made, packages, times)
        for _ in range(ROUNDS - 1):
            if missed or ratio(times) <= LIMIT:
                break
            for package in packages:
                for dialect in package.dialects:
                    timed(made, package, dialect, times, first=False)
        if content(made.site) != before:
            missed.append("files of a package were changed")
    for line in missed:
        say(line)
    for run, seconds in sorted(times.items()) if ratio(times) > LIMIT else ():
        say(f"{run.package:15} {run.dialect:10} {run.tool:7} {run.what:7} {seconds:.2f}")
    say(f"wall time of dbctl's upgrades, Alembic's is 1: {ratio(times):.2f} (<= {LIMIT})")
    say(f"{len(packages) - len(missed)} passed, {len(missed)} failed")
    return int(bool(missed) or ratio(times) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
