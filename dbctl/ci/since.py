"""The files that a change adds, as git tells."""

import os
import subprocess
from pathlib import Path

from dbctl.errors import ConfigurationError
from dbctl.project import Project

SECONDS = 30


def files(project: Project, base: str) -> frozenset[Path]:
    """The files under the project that are not in the git ref `base`, committed or not.

    Raises ConfigurationError without git, or where it does not know `base`.
    """
    top = Path(_git(project.root, "rev-parse", "--show-toplevel").strip())
    fork = _fork(project.root, base)
    names = _git(project.root, "diff", "--name-only", "-z", "--diff-filter=AR", fork)
    fresh = _git(project.root, "ls-files", "--others", "--exclude-standard", "--full-name", "-z")
    return frozenset((top / one).resolve() for one in (names + fresh).split("\0") if one)


def _fork(folder: Path, base: str) -> str:
    """Where the change began: what others merged meanwhile is not its own."""
    _git(folder, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", base=base)
    try:
        return _git(folder, "merge-base", base, "HEAD").strip()
    except ConfigurationError:
        return base


def _git(folder: Path, *words: str, base: str = "") -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - words of our own
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's git
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or "").strip().splitlines()[-1:]
        reason = f"git does not know {base}" if base else f"git: {''.join(said) or error}"
        raise ConfigurationError(
            reason,
            hint="fetch it first: a checkout of one commit has no other (fetch-depth: 0)",
        ) from None
    return done.stdout
