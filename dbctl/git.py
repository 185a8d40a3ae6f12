"""What git says of a folder's repository."""

import os
import subprocess
from pathlib import Path
from typing import Literal

LIMIT = 10.0  # seconds


class GitError(Exception):
    """git says no, or needs too long; its text is what git calls fatal."""


class NoGitError(GitError):
    """There is no git."""


def output(folder: Path, *words: str, limit: float = LIMIT) -> bytes:
    """What git prints. Raises GitError.

    A hook runs with variables that name its repository, also for a `git -C` elsewhere: they are
    left out, so that `folder` decides.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - words, no shell
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's git
            capture_output=True,
            check=True,
            timeout=limit,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise NoGitError("git is not installed") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(_reason(error)) from None
    return done.stdout


def _reason(error: Exception) -> str:
    """The line git calls fatal, or its last one."""
    said = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip()
    lines = said.splitlines() or [str(error)]
    fatal = (line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: "))
    return next(fatal, lines[-1])


def text(
    folder: Path,
    *words: str,
    limit: float = LIMIT,
    errors: Literal["replace", "surrogateescape"] = "replace",
) -> str:
    """The same as text; `surrogateescape` keeps names of files whatever their bytes are."""
    return output(folder, *words, limit=limit).decode("utf-8", errors)
