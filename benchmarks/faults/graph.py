"""Faults of the revision graph: what plain Alembic makes of each, and what dbctl says.

Run from the checkout: python -m benchmarks.faults.graph [NAME ...]. Each fault is made twice, in
two copies of a small project on SQLite. Exits 1 when dbctl misses one.
"""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.projects.make import Project, make, table

WIDTH = 100


@dataclass(frozen=True)
class Fault:
    """How it is made, the command to both, and dbctl's exit code with words of its message."""

    make: Callable[[Project], object]
    theirs: str
    ours: str
    code: int
    words: tuple[str, ...]


def sql(project: Project, statement: str) -> None:
    """Change the database behind everybody's back."""
    with closing(sqlite3.connect(project.root / "db.sqlite")) as file, file:
        file.execute(statement)


def missing(project: Project) -> None:
    """The middle file of the history is deleted."""
    (project.versions / "r2_.py").unlink()


def twins(project: Project) -> None:
    """Two files have one id: a merge took both sides of a rename."""
    shutil.copy(project.versions / "r2_.py", project.versions / "copy_of_r2.py")


def circle(project: Project) -> None:
    """The first revision follows the last."""
    project.revision("r1", "r3")


def unknown(project: Project) -> None:
    """The database was migrated from another git branch."""
    sql(project, "UPDATE alembic_version SET version_num = 'r9'")


def emptied(project: Project) -> None:
    """The version table lost its row; the schema is there."""
    sql(project, "DELETE FROM alembic_version")


def ancestor(project: Project) -> None:
    """The version table has a row, and one of a revision that it follows."""
    sql(project, "INSERT INTO alembic_version VALUES ('r1')")


def two_heads(project: Project) -> None:
    """Two branches, both applied."""
    project.revision("s2", "r1", up=table("s2"), undo='op.drop_table("s2")')
    assert run(project, "dbctl", "upgrade heads")[0] == 0


def edited(project: Project) -> None:
    """An applied file does something else now."""
    project.revision("r2", "r1", up=table("other"), undo='op.drop_table("other")')


def slipped(project: Project) -> None:
    """A revision is merged in below the one that is applied: nothing will ever run it."""
    project.revision("r2b", "r2", up=table("t2b"), undo='op.drop_table("t2b")')
    project.revision("r3", "r2b", up=table("t3"), undo='op.drop_table("t3")')


FAULTS = {
    "middle file missing": Fault(missing, "upgrade head", "upgrade", 3, ("r3_.py", "r2")),
    "one id twice": Fault(twins, "upgrade head", "upgrade", 3, ("copy_of_r2.py", "r2_.py", "r2")),
    "a circle": Fault(circle, "upgrade head", "upgrade", 3, ("r1_.py", "r2_.py", "r3_.py")),
    "unknown revision in the database": Fault(unknown, "upgrade head", "upgrade", 3, ("r9",)),
    "empty version table": Fault(emptied, "upgrade head", "upgrade", 3, ("t1", "dbctl adopt")),
    "an ancestor's row": Fault(
        ancestor, "downgrade -1", "-y downgrade -1", 3, ("r3", "r1", "dbctl repair")
    ),
    "downgrade -1 with two heads": Fault(
        two_heads, "downgrade -1", "-y downgrade -1", 3, ("r3", "s2", "from which")
    ),
    "an applied file edited": Fault(edited, "upgrade head", "repair", 1, ("edited", "r2_.py")),
    "slipped in below what is applied": Fault(
        slipped, "upgrade head", "upgrade", 3, ("r2b_.py", "dbctl repair")
    ),
}


def main(names: list[str]) -> int:
    """Make every fault, or those that are named."""
    missed = [name for name in names or FAULTS if not shown(name, FAULTS[name])]
    print(f"{len(names or FAULTS) - len(missed)} said by dbctl, missed: {missed or 'none'}")
    return 1 if missed else 0


def shown(name: str, fault: Fault) -> bool:
    """Print what both say of a fault; whether dbctl says what it should."""
    with tempfile.TemporaryDirectory() as folder:
        theirs, ours = prepared(Path(folder) / "theirs"), prepared(Path(folder) / "ours")
        fault.make(theirs)
        fault.make(ours)
        before = run(theirs, "alembic", fault.theirs)
        after = run(ours, "dbctl", fault.ours)
    print(f"{name}: {fault.make.__doc__}")
    for tool, (code, text) in (("alembic", before), ("dbctl", after)):
        print(f"  {tool:<8} exit {code}  {text.replace(folder, '')[:WIDTH]}")
    said = after[1]
    return after[0] == fault.code and all(word in said for word in fault.words)


def prepared(root: Path) -> Project:
    """A project with three revisions, all of them applied by dbctl."""
    project = make(root, url="sqlite:///db.sqlite")
    project.chain()
    (root / "db.sqlite").touch()
    assert run(project, "dbctl", "upgrade")[0] == 0
    return project


def run(project: Project, tool: str, words: str) -> tuple[int, str]:
    """The exit code of a command, and what it complains of."""
    command = [sys.executable, "-W", "ignore", "-m", tool, *words.split()]
    done = subprocess.run(
        command, cwd=project.root, capture_output=True, check=False, encoding="utf-8"
    )
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("error:", "hint:", "edited", "  "))]
    failed = [line for line in lines if "Error" in line or line.startswith("FAILED")]
    return done.returncode, " | ".join(told if tool == "dbctl" else failed[-1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
