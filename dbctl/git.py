"""What git says of a folder's repository."""

import os
import subprocess
from pathlib import Path
from typing import Literal

LIMIT = 10.0  # seconds
# What a hook runs with, also for a `git -C` elsewhere. How git is configured stays as it is.
NAMING = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)


class GitError(Exception):
    """git says no, or needs too long; `said` is what it calls fatal, "" where it says nothing."""

    def __init__(self, said: str) -> None:
        super().__init__(said or "it says no, and not why")
        self.said = said


class NoGitError(GitError):
    """There is no git."""


def output(folder: Path, *words: str, limit: float = LIMIT) -> bytes:
    """What git prints about the repository of `folder`. Raises GitError."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMING}
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
    except subprocess.TimeoutExpired:
        raise GitError(f"it needs longer than {limit:g} s") from None
    except subprocess.CalledProcessError as error:
        raise GitError(_reason(error.stderr)) from None
    except OSError as error:
        raise GitError(error.strerror or str(error)) from None
    return done.stdout


def _reason(said: bytes) -> str:
    """The line git calls fatal, or its last one."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    fatal = (line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: "))
    return next(fatal, "".join(lines[-1:]))


def text(
    folder: Path,
    *words: str,
    limit: float = LIMIT,
    errors: Literal["replace", "surrogateescape"] = "replace",
) -> str:
    """The same as text; `surrogateescape` keeps names of files whatever their bytes are."""
    return output(folder, *words, limit=limit).decode("utf-8", errors)
