"""What the git repository around knows of the branch of the code, and its post-checkout hook."""

import shlex
import sys
from pathlib import Path

from dbctl.branch.model import Hook
from dbctl.errors import ConfigurationError, ProviderError, RefusedError
from dbctl.git import GitError, text

SHELLS = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env sh", "#!/usr/bin/env bash")
BEGIN, END = "# dbctl branch hook install", "# end of dbctl branch hook"
EXECUTABLE = 0o755


def current(folder: Path) -> str | None:
    """The branch that is checked out, None between branches. Raises ConfigurationError."""
    _git(folder, "rev-parse", "--git-dir")
    try:
        return _git(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    except ConfigurationError:
        return None


def current_or_none(folder: Path) -> str:
    """The branch that is checked out; "" where there is none, or no git."""
    try:
        return current(folder) or ""
    except ConfigurationError:
        return ""


def default(folder: Path) -> str:
    """The branch that others come from: what the remote says, else main or master; "" if none."""
    try:
        return _git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD").partition("/")[2]
    except ConfigurationError:
        names = _git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n")
        here = current(folder)
        return next((one for one in ("main", "master") if one in (*names, here)), "")


def install(root: Path) -> Hook:
    """Let every checkout of a branch end with `branch use --auto`; other lines of the hook stay.

    Raises RefusedError where the hook is no shell script.
    """
    path = _hook(root)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if before and not before.startswith(SHELLS):
        raise RefusedError(
            f"{path} is no shell script: dbctl does not write into it",
            hint="let it run `dbctl branch use --auto` when its third argument is 1",
        )
    text = _without(before) or "#!/bin/sh\n"
    return Hook("install", str(path), _written(path, before, text + _block(root)))


def remove(root: Path) -> Hook:
    """Take dbctl's lines out of the hook; the file goes when nothing else is in it."""
    path = _hook(root)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = _without(before)
    if before and text.strip() in ("", *SHELLS):
        path.unlink()
        return Hook("remove", str(path), changed=True)
    return Hook("remove", str(path), _written(path, before, text))


def _hook(root: Path) -> Path:
    found = Path(_git(root, "rev-parse", "--git-path", "hooks"))
    return (found if found.is_absolute() else root / found) / "post-checkout"


def _block(root: Path) -> str:
    """The hook's lines: only for branches, never for files; a checkout never fails by them."""
    command = shlex.join([sys.executable, "-m", "dbctl", "branch", "use", "--auto"])
    return (
        f'{BEGIN}\nif [ "$3" = 1 ]; then\n  (cd {shlex.quote(str(root))} && {command}) >&2'
        f" || true\nfi\n{END}\n"
    )


def _without(text: str) -> str:
    head, begin, rest = text.partition(f"{BEGIN}\n")
    return head + rest.partition(f"{END}\n")[2] if begin else text


def _written(path: Path, before: str, after: str) -> bool:
    if before == after:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(after, encoding="utf-8")
        path.chmod(EXECUTABLE)
    except OSError as error:
        raise ProviderError(f"cannot write {path}: {error.strerror}") from error
    return True


def _git(folder: Path, *words: str) -> str:
    """What git says. Raises ConfigurationError without git, outside a repository, or on its no."""
    try:
        return text(folder, *words).strip()
    except GitError as error:
        raise ConfigurationError(
            f"this needs git and a repository: {error}", hint="name the branch yourself"
        ) from None
