"""Which commit brought a revision file that is not here: somewhere in git's history it may be."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dbctl import git

LIMIT = 3.0  # seconds; a history without end is not worth waiting for
SHOWN = 3  # branches


@dataclass(frozen=True)
class Origin:
    """The commit that added the file, the branches that have it; `file` starts at the top."""

    commit: str
    file: str
    branches: tuple[str, ...]


def origin(revision: str, folder: Path) -> Origin | None:
    """The commit on any branch that added `revision` to `folder`; None when git knows of none."""
    if not revision.isprintable() or not folder.is_dir():
        return None
    added = ("--all", f"-S{revision}", "--diff-filter=A", "--name-only", "--format=%x09%h")
    found = _git(folder, "log", *added, "--", ".")
    # The oldest one: what follows a revision names it too.
    commit, _, files = found.rpartition("\t")[2].partition("\n")
    named = [line for line in files.split("\n") if line]
    if not commit or not named:
        return None
    refs = ("refs/heads", "refs/remotes")
    branches = _git(
        folder, "for-each-ref", f"--contains={commit}", "--format=%(refname:short)", *refs
    )
    return Origin(commit, named[0], tuple(branches.split()))


def whereabouts(revision: str, folders: Iterable[Path]) -> tuple[str, str]:
    """Which commit has a revision, on which branches, and the command that brings its file back.

    Both are "" when git knows of none.
    """
    for folder in folders:
        if found := origin(revision, folder):
            more = f" and {len(found.branches) - SHOWN} more" if found.branches[SHOWN:] else ""
            on = f" on {', '.join(found.branches[:SHOWN])}{more}" if found.branches else ""
            fix = f"git checkout {found.commit} -- {shlex.quote(f':/{found.file}')}"
            return f"commit {found.commit}{on} has {found.file}", fix
    return "", ""


def _git(folder: Path, *words: str) -> str:
    """What git prints; "" when it is not there, fails, or needs too long."""
    try:
        return git.text(folder, "-c", "log.showSignature=false", *words, limit=LIMIT)
    except git.GitError:
        return ""
