"""What dbctl says of the cases: lint, and rehearsal with everything that it measures."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers import Files, SilentError, Verdicts, dbctl

from tests import runner
from tests.lint import cases
from tests.lint.cases import Case
from tests.lint.effects import STRONG
from tests.lint.on_postgres import Postgres
from tests.lint.on_sqlite import Sqlite

Facts = set[tuple[str, ...]]


def linted(verdicts: Verdicts, files: Files) -> list[str]:
    """Note whether `dbctl lint` finds an error or a warning; all rules that it names, hints too."""
    verdicts.judged.add(files.case.name)
    mine = {file.name for file in files.case.files}
    # In this process: two hundred starts would take longer than all the rest.
    done = runner.in_process("--json", "lint", f"{cases.FIRST}:heads", cwd=files.project.root)
    if done.code not in {0, 1}:
        verdicts.note_silence(files.case.name, graph=files.graph)
        return []
    said = done.json
    found = [one for one in said["findings"] if Path(one["file"] or "").name in mine | {""}]
    if any(one["level"] in {"error", "warning"} for one in found):
        verdicts.dangerous.add(files.case.name)
    return sorted({one["rule"] for one in found})


@dataclass
class Measured:
    """What rehearsal says of locks, rewrites and losses, beside what is so."""

    said: dict[str, Facts] = field(default_factory=dict)
    true: dict[str, Facts] = field(default_factory=dict)

    def note(self, name: str, said: Facts, true: Facts) -> None:
        """Keep both for one case."""
        self.said[name], self.true[name] = said, true

    @property
    def wrong(self) -> list[str]:
        """The cases where they are not the same, with the difference."""
        return [
            f"{name}: missed {sorted(true - said)}, more {sorted(said - true)}"
            for name, true in self.true.items()
            if (said := self.said[name]) != true
        ]

    @property
    def rate(self) -> float:
        """The share of all facts, said or true, that are both."""
        both = sum(len(true & self.said[name]) for name, true in self.true.items())
        every = sum(len(true | self.said[name]) for name, true in self.true.items())
        return both / every if every else 1.0


class Rehearsals:
    """Rehearses cases one by one, and keeps the verdicts and what was seen."""

    def __init__(self) -> None:
        self.verdicts = Verdicts("dbctl rehearse")
        self.facts = {name: Measured() for name in ("locks", "rewrites", "losses")}

    def add(
        self, case: Case, place: Postgres | Sqlite, folder: Path, label: dict[str, Any]
    ) -> None:
        """Rehearse the case on a database with its rows; `folder` must not exist."""
        self.verdicts.judged.add(case.name)
        graph = label.get("failure") in {"CommandError", "KeyError"}
        try:
            with place.copy(case, folder) as project:
                said = dbctl("--json", "rehearse", cwd=project.root)
        except (SilentError, subprocess.TimeoutExpired):
            self.verdicts.note_silence(case.name, graph=graph)
            return
        if said["verdict"] != "safe":
            self.verdicts.dangerous.add(case.name)
        if not label.get("failure"):
            self._note(case, said["revisions"], label)

    def _note(self, case: Case, revisions: list[dict[str, Any]], label: dict[str, Any]) -> None:
        lost: Facts = {(one["relation"], one["column"]) for one in label.get("lost", [])}
        said = {_lost(one) for at in revisions for one in at["lost"]}
        self.facts["losses"].note(case.name, said, lost)
        if case.dialect == "postgresql":
            rewritten: Facts = {(name,) for name in label.get("rewrites", [])}
            said = {(name.removeprefix("public."),) for at in revisions for name in at["rewrites"]}
            self.facts["rewrites"].note(case.name, said, rewritten)
            held = set(label.get("locks", {}).items())
            self.facts["locks"].note(case.name, _locks(revisions), held)


def _lost(said: dict[str, Any]) -> tuple[str, ...]:
    return (said["relation"].removeprefix("public."), said["column"] or "")


def _locks(revisions: list[dict[str, Any]]) -> Facts:
    """The strongest mode on each relation, as the labels have it."""
    found: dict[str, str] = {}
    for lock in (lock for at in revisions for lock in at["locks"] if lock["mode"] in STRONG):
        name = lock["relation"].removeprefix("public.")
        found[name] = max(found.get(name, lock["mode"]), lock["mode"], key=STRONG.index)
    return set(found.items())
