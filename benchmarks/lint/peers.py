"""The programs that judge a case: dbctl's two commands, and the linters that others publish.

Each says of a case whether it is dangerous. What a tool says about `downgrade()`, about the first
revision and about style (the names in ADVICE) is not counted against it.
"""

import io
import json
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command

from tests import runner
from tests.lint import cases, running
from tests.lint.cases import Case
from tests.projects.make import Project

# Opinions on style, and on what a session or a role should have set.
ADVICE = {
    "squawk": (
        "prefer-robust-stmts,prefer-text-field,prefer-bigint-over-int,prefer-bigint-over-smallint,"
        "prefer-identity,prefer-timestamptz,require-lock-timeout,require-statement-timeout"
    ),
    "localtools": ("missing-lock-timeout", "missing-statement-timeout"),
}
LIMIT = 120
# Between `rNNNN.py` and `def downgrade` is what the upgrade does.
DOWN = re.compile(r"^def downgrade", re.MULTILINE)


class SilentError(Exception):
    """The tool could not judge the case: a no, or a yes where Alembic itself ends in an error."""


@dataclass(frozen=True)
class Files:
    """A case on disk: its project, and the SQL of its revisions where Alembic can write it.

    `graph` when the files do not fit together, so that Alembic runs none of them.
    """

    case: Case
    project: Project
    sql: Path | None
    graph: bool = False

    def counts(self, path: str, line: int) -> bool:
        """Whether a finding there is about what the case's upgrades do."""
        name = Path(path).name
        found = [file for file in self.case.files if file.name == name]
        if not found:
            return False
        down = DOWN.search(text := found[0].read_text(encoding="utf-8"))
        return down is None or line <= text[: down.start()].count("\n")


Judge = Callable[[Path, Files], bool]


@dataclass(frozen=True)
class Peer:
    """A linter on the index: its package, its program, and how to ask it."""

    package: str
    program: str
    judge: Judge
    dialects: tuple[str, ...] = ("postgresql",)


def written(case: Case, root: Path) -> Files:
    """The case in the new folder `root`."""
    url = "postgresql://nobody@localhost/none" if case.dialect == "postgresql" else "sqlite:///a.db"
    project = cases.project(case, root, url)
    made: list[str] = []
    failed = running.failure(lambda: made.append(_sql(project)))
    if failed:
        return Files(case, project, None, graph=failed in {"CommandError", "KeyError"})
    return Files(case, project, project.write("revisions.sql", made[0]))


def _sql(project: Project) -> str:
    config = running.config(project)
    config.output_buffer = text = io.StringIO()
    command.upgrade(config, f"{cases.FIRST}:head", sql=True)
    # Alembic's own bookkeeping is none of the case's.
    lines = text.getvalue().splitlines()
    return "\n".join(line for line in lines if "alembic_version" not in line) + "\n"


def installed(peer: Peer, folder: Path) -> Path | None:
    """The peer's program in an environment of its own, None when it cannot be installed."""
    home = folder / peer.package
    if not home.exists():
        venv.create(home, with_pip=True)
        words = [str(home / "bin" / "pip"), "install", "--quiet", peer.package]
        subprocess.run(words, check=False, capture_output=True)
    program = home / "bin" / peer.program
    return program if program.exists() else None


def version(peer: Peer, folder: Path) -> str:
    """The installed version of the peer."""
    python = folder / peer.package / "bin" / "python"
    ask = f"from importlib.metadata import version; print(version({peer.package!r}))"
    done = subprocess.run([python, "-c", ask], check=False, capture_output=True, text=True)
    return done.stdout.strip()


def _output(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        capture_output=True,
        check=False,
        text=True,
        timeout=LIMIT,
        env=runner.environment({"PYTHONPATH": str(cwd), "NO_COLOR": "1", "COLUMNS": "200"}),
    )


def _json(text: str) -> Any:  # noqa: ANN401 - as json.loads
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise SilentError(text[:200]) from None


def _squawk(program: Path, files: Files) -> bool:
    if files.sql is None:
        raise SilentError
    words = ("--reporter", "json", "--pg-version", "18.0", "--exclude", ADVICE["squawk"], files.sql)
    return bool(_json(_output(program, *map(str, words), cwd=files.project.root).stdout or "[]"))


def _localtools(program: Path, files: Files) -> bool:
    if files.sql is None:
        raise SilentError
    words = ("check", str(files.sql), "--pg", "18", "--format", "json")
    said = _json(_output(program, *words, cwd=files.project.root).stdout)
    findings = (
        one for file in said["files"] for at in file["statements"] for one in at["findings"]
    )
    return any(
        one["severity"] in {"medium", "high"} and one["rule"] not in ADVICE["localtools"]
        for one in map(_named, findings)
    )


def _named(finding: dict[str, Any]) -> dict[str, str]:
    """The rule and the severity, however the version calls them."""
    rule = finding.get("rule") or finding.get("id") or ""
    return {"rule": rule, "severity": finding.get("severity") or finding.get("risk") or ""}


def _guard(program: Path, files: Files) -> bool:
    said = _output(program, "--format", "json", files.project.versions, cwd=files.project.root)
    return any(files.counts(one["path"], one["line"]) for one in _json(said.stdout))


def _zdm(program: Path, files: Files) -> bool:
    words = ("--output-format", "json", str(files.project.versions))
    said = _json(_output(program, *words, cwd=files.project.root).stdout)
    return any(files.counts(one["path"], one["line"]) for one in said["diagnostics"])


def _oneport(program: Path, files: Files) -> bool:
    found = []
    for file in files.case.files:
        path = files.project.versions / file.name
        said = _json(_output(program, "check", path, "-f", "json", cwd=files.project.root).stdout)
        found += [files.counts(file.name, one["location"]["line"]) for one in said["findings"]]
    return any(found)


def _lockcheck(program: Path, files: Files) -> bool:
    said = _output(program, files.project.versions, cwd=files.project.root)
    return any(files.counts(path, line) for path, line in _listed(said.stdout))


def _listed(text: str) -> Iterator[tuple[str, int]]:
    """Each finding of a list of files with `line  code  text` below them."""
    path = ""
    for line in text.splitlines():
        if line.endswith(".py"):
            path = line
        elif found := re.match(r"\s+(\d+)\s+LC\d+", line):
            yield path, int(found[1])


def _migrationiq(program: Path, files: Files) -> bool:
    """One run a file: the list names no file."""
    root = files.project.root
    for file in (files.project.versions).glob("*.py"):
        if file.name == "r0001.py":
            file.unlink()
    said = _output(program, "lint", "-f", "alembic", cwd=root)
    lines = [int(found) for found in re.findall(r"Line ~(\d+)", said.stdout)]
    return any(files.counts(file.name, line) for file in files.case.files for line in lines)


def _migration_linter(program: Path, files: Files) -> bool:
    words = ("-c", "alembic.ini", "-d", files.case.dialect, "-s", cases.FIRST, "--no-cache")
    said = _output(program, *words, cwd=files.project.root)
    if "*** Summary ***" not in said.stdout:
        raise SilentError(said.stderr[-200:])
    return bool(re.search(r"\.\.\. (WARNING|ERR)", said.stdout))


PEERS = (
    Peer("squawk-cli", "squawk", _squawk),
    Peer(
        "localtools-postgres-migration-checker",
        "localtools-postgres-migration-checker",
        _localtools,
    ),
    Peer("alembic-guard", "alembic-guard", _guard),
    Peer("alembic-migration-linter", "alembic-lint", _migration_linter, ("postgresql", "sqlite")),
    Peer("lockcheck", "lockcheck", _lockcheck),
    Peer("zdm", "zdm", _zdm),
    Peer("oneport-migrate", "oneport-migrate", _oneport),
    Peer("migrationiq", "migrationiq", _migrationiq, ("postgresql", "sqlite")),
)


@dataclass
class Verdicts:
    """What one tool said: the cases that it calls dangerous, and those it could not judge."""

    tool: str
    dangerous: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)

    def note_silence(self, name: str, *, graph: bool) -> None:
        """The tool ended in an error; where the files do not fit together, that says so."""
        (self.dangerous if graph else self.silent).add(name)


def asked(peer: Peer, program: Path, verdicts: Verdicts, files: Files) -> None:
    """Note what the peer says of the case."""
    verdicts.judged.add(files.case.name)
    try:
        if peer.judge(program, files):
            verdicts.dangerous.add(files.case.name)
    except (SilentError, subprocess.TimeoutExpired, KeyError):
        verdicts.note_silence(files.case.name, graph=files.graph)


def dbctl(*words: str, cwd: Path) -> Any:  # noqa: ANN401 - as json.loads
    """The JSON that dbctl prints; SilentError for an exit code that is no answer."""
    done = _output(sys.executable, "-m", "dbctl", *words, cwd=cwd)
    if done.returncode not in {0, 1}:
        raise SilentError(f"exit {done.returncode}: {done.stderr[:300]}")
    return _json(done.stdout)
