"""Wall seconds of `dbctl lint` on a history of 300 revisions, beside one of 1 revision.

`python benchmarks/lint/speed.py [RUNS] [REVISIONS]` prints one line a dialect and exits 1 when the
long history takes 3 s more than the short one.
"""

import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from tests import runner  # noqa: E402
from tests.lint.cases import all_cases  # noqa: E402
from tests.projects import envs  # noqa: E402
from tests.projects.make import Project, make  # noqa: E402

DBCTL = str(Path(sysconfig.get_path("scripts")) / "dbctl")
LIMIT = 3.0
URLS = {"postgresql": "postgresql+psycopg://nobody@localhost/none", "sqlite": "sqlite:///a.db"}


def history(root: Path, dialect: str, count: int) -> Project:
    """A project with `count` revisions: those of the corpus, again and again, in one line."""
    project = make(root, env=envs.SYNC, url=URLS[dialect])
    cases = [one for one in all_cases().values() if one.dialect == dialect and len(one.files) == 1]
    before = (cases[0].before / "r0001.py").read_text(encoding="utf-8")
    texts = [before, *(cases[at % len(cases)].texts[0] for at in range(count - 1))]
    for number, text in enumerate(texts):
        down = f"'x{number - 1:04}'" if number else "None"
        lines = text.splitlines()
        kept = [line for line in lines if not line.startswith(("revision =", "down_revision ="))]
        head = f"\nrevision = 'x{number:04}'\ndown_revision = {down}\n"
        project.write(f"migrations/versions/x{number:04}.py", "\n".join(kept) + head)
    return project


def seconds(project: Project) -> float:
    """One run. Raises SystemExit when lint gives no answer."""
    started = time.perf_counter()
    done = subprocess.run(
        [DBCTL, "--json", "lint"],
        cwd=project.root,
        env=runner.environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stdout[-500:] + done.stderr[-500:])
    return time.perf_counter() - started


def measured(home: Path, dialect: str, runs: int, count: int) -> bool:
    """Print a line, and say whether the limit is kept."""
    projects = [history(home / f"{dialect}{size}", dialect, size) for size in (1, count)]
    times = [[seconds(project) for project in projects] for _ in range(runs + 1)][1:]
    short, long = (statistics.median(column) for column in zip(*times, strict=True))
    kept = bool(long - short <= LIMIT)
    told = f"{long:.2f} - {short:.2f} = {long - short:.2f} s"
    print(f"{dialect}: {count} revisions  {told}  limit {LIMIT} {'kept' if kept else 'MISSED'}")
    return kept


def main() -> int:
    """Run both dialects. Returns the exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    with tempfile.TemporaryDirectory() as home:
        kept = [measured(Path(home), dialect, runs, count) for dialect in URLS]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
