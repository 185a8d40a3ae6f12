"""Which branches of the code are merged, as far as the git repository around knows."""

import re
from dataclasses import dataclass
from pathlib import Path

from dbctl import git
from dbctl.errors import ConfigurationError

# `Merge pull request #12 from ...` and `Add posts (#12)` of a squashed one.
_NUMBERS = re.compile(r"^Merge pull request #(\d+)\b|\(#(\d+)\)$", re.MULTILINE)
_NUMBER = re.compile(r"(?:pr|pull|preview/pr|mr)[-_/]?(\d+)(?:[-_/].*)?", re.IGNORECASE)
SECONDS = 60


@dataclass(frozen=True)
class Merged:
    """Names of merged git branches, and numbers of merged pull requests."""

    branches: frozenset[str]
    numbers: frozenset[str]

    def holds(self, name: str, pattern: str | None) -> bool:
        """Whether the database branch `name` belongs to something that is merged.

        Its name is the git branch's, or that with what stands before the * of `pattern`, or a
        pull request's: pr-12, preview/pr-12-add-posts.
        """
        prefix = (pattern or "").split("*", 1)[0]
        if {name, name.removeprefix(prefix)} & self.branches:
            return True
        number = _NUMBER.fullmatch(name)
        return number is not None and number[1] in self.numbers


def read(folder: Path) -> Merged:
    """Ask the repository around `folder`, against its main branch. Raises ConfigurationError."""
    main = _main(folder)
    listed = _git(folder, "branch", "--all", "--merged", main, "--format=%(refname)")
    names = {_short(line) for line in listed.splitlines()} - {_short(main), "HEAD"}
    subjects = _git(folder, "log", "--format=%s", main)
    numbers = {first or second for first, second in _NUMBERS.findall(subjects)}
    return Merged(frozenset(names), frozenset(numbers))


def _main(folder: Path) -> str:
    """The branch that others are merged into: what the remote says, else main or master."""
    names = _git(folder, "for-each-ref", "--format=%(refname)").splitlines()
    wanted = [
        f"refs/{place}/{name}"
        for name in ("HEAD", "main", "master")
        for place in ("remotes/origin", "heads")
    ]
    for name in wanted:
        if name in names:
            return name
    raise ConfigurationError(
        "nobody knows what --merged means here: git has no origin/HEAD, main or master",
        hint="git remote set-head origin --auto",
    )


def _short(ref: str) -> str:
    """refs/heads/x and refs/remotes/origin/x are x."""
    parts = ref.split("/")
    return "/".join(parts[3:] if parts[1:2] == ["remotes"] else parts[2:])


def _git(folder: Path, *arguments: str) -> str:
    try:
        return git.text(folder, *arguments, limit=SECONDS)
    except git.GitError as error:
        raise ConfigurationError(
            f"--merged needs git and a repository: {error}", hint="leave --merged out"
        ) from None
