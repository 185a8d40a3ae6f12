"""Where a pipeline runs: what its machine says, and how to tell its next steps and its readers.

Workflow commands go to stderr, which runners read as well: stdout is the result's.
Sources: GitHub's "Workflow commands for GitHub Actions" and "Variables reference", GitLab's
"Predefined CI/CD variables reference" and "Pass an environment variable to another job".
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dbctl.ci.model import Note, RunnerName
from dbctl.errors import ConfigurationError
from dbctl.neon.formats import delimited

DOTENV = "dbctl.env"
SECRET_FILE = 0o600
SHORTEST_SECRET = 8  # a mask for a shorter word would blacken half of the log


class Runner(Protocol):
    """One kind of machine that runs pipelines."""

    @property
    def name(self) -> RunnerName:
        """How dbctl calls it."""
        ...

    @property
    def change(self) -> str | None:
        """The number of the pull or merge request, None for another run."""
        ...

    @property
    def target(self) -> str | None:
        """The git ref that the change is to be merged into."""
        ...

    @property
    def ref(self) -> str:
        """The git branch or tag that is built, "" where nobody says it."""
        ...

    def mask(self, secrets: Iterable[str]) -> None:
        """Keep these out of the log from now on, where the machine can."""
        ...

    def hand_on(self, variables: Mapping[str, str], outputs: Mapping[str, str]) -> tuple[str, ...]:
        """Set variables and outputs for the next steps; what they were written to.

        Raises ConfigurationError when that cannot be written.
        """
        ...

    def annotate(self, note: Note) -> None:
        """Show a note beside the line that it is about."""
        ...

    def summarise(self, markdown: str) -> str | None:
        """Show a page of the run; where, None when this machine has no such page."""
        ...


@dataclass(frozen=True)
class GitHub:
    """GitHub Actions, and what is compatible with it."""

    environment: Mapping[str, str]
    name: RunnerName = "github"

    @property
    def change(self) -> str | None:
        """From the event, which is there when a request is closed, too; else from the ref."""
        event = self._event()
        number = event.get("pull_request", {}).get("number") or event.get("number")
        if isinstance(number, int):
            return str(number)
        found = re.fullmatch(r"refs/pull/(\d+)/\w+", self.environment.get("GITHUB_REF", ""))
        return found[1] if found else None

    def _event(self) -> dict[str, Any]:
        """What happened, as GitHub wrote it down; nothing where it did not."""
        try:
            found = json.loads(Path(self.environment["GITHUB_EVENT_PATH"]).read_bytes())
        except (KeyError, OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def target(self) -> str | None:
        """As `actions/checkout` fetches it."""
        base = self.environment.get("GITHUB_BASE_REF")
        return f"origin/{base}" if base else None

    @property
    def ref(self) -> str:
        """The branch of the request, or what is built."""
        variables = self.environment
        return variables.get("GITHUB_HEAD_REF") or variables.get("GITHUB_REF_NAME", "")

    def mask(self, secrets: Iterable[str]) -> None:
        """Line by line, as the runner compares them."""
        for line in _lines(secrets):
            _say(f"::add-mask::{_escaped(line)}")

    def hand_on(self, variables: Mapping[str, str], outputs: Mapping[str, str]) -> tuple[str, ...]:
        """Through the two files that GitHub reads after the step."""
        written = []
        for name, values in (("GITHUB_ENV", variables), ("GITHUB_OUTPUT", outputs)):
            if path := self.environment.get(name):
                _append(Path(path), delimited(values), name)
                written.append(name)
        return tuple(written)

    def annotate(self, note: Note) -> None:
        """A workflow command."""
        place = {"file": note.file, "line": note.line, "title": note.title or None}
        said = ",".join(f"{key}={_property(one)}" for key, one in place.items() if one is not None)
        _say(f"::{note.level} {said}::{_escaped(note.message)}".replace(" ::", "::", 1))

    def summarise(self, markdown: str) -> str | None:
        """The step's summary."""
        if path := self.environment.get("GITHUB_STEP_SUMMARY"):
            _append(Path(path), f"{markdown}\n", "GITHUB_STEP_SUMMARY")
            return "GITHUB_STEP_SUMMARY"
        return None


@dataclass(frozen=True)
class Plain:
    """Any machine: variables go into a file that a shell or `artifacts:reports:dotenv` reads."""

    environment: Mapping[str, str]
    name: RunnerName = "generic"
    file: Path = Path(DOTENV)

    @property
    def change(self) -> str | None:
        """GitLab's number; others say it with --name."""
        return self.environment.get("CI_MERGE_REQUEST_IID")

    @property
    def target(self) -> str | None:
        """GitLab's; elsewhere --against says it."""
        base = self.environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
        return f"origin/{base}" if base else None

    @property
    def ref(self) -> str:
        """The branch that is built."""
        return self.environment.get("CI_COMMIT_REF_NAME", "")

    def mask(self, secrets: Iterable[str]) -> None:
        """Nothing can be masked here while a job runs: nothing secret is printed."""

    def hand_on(self, variables: Mapping[str, str], outputs: Mapping[str, str]) -> tuple[str, ...]:
        """A file that only its owner may read; variables of another run in it are replaced."""
        del outputs
        kept = _kept(self.file, variables)
        lines = [*kept, *(f"{name}={_one_line(value)}" for name, value in variables.items())]
        _replace(self.file, "".join(f"{line}\n" for line in lines))
        return (str(self.file),)

    def annotate(self, note: Note) -> None:
        """A line of the log, as compilers write it."""
        place = ":".join(str(one) for one in (note.file, note.line) if one is not None)
        _say(f"{place or 'dbctl'}: {note.level}: {' '.join(note.message.split())}")

    def summarise(self, markdown: str) -> str | None:  # noqa: ARG002 - the Protocol's
        """There is no such page; `--body FILE` writes it for a later step."""
        return None


def found(environment: Mapping[str, str] = os.environ, file: Path | None = None) -> Runner:
    """The machine that this process runs on. `file` is where a plain one keeps variables."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return GitHub(environment)
    name: RunnerName = "gitlab" if environment.get("GITLAB_CI") == "true" else "generic"
    return Plain(environment, name, file or Path(DOTENV))


def is_secret(value: str | None) -> bool:
    """Whether a value is worth a mask."""
    return value is not None and len(value) >= SHORTEST_SECRET


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()  # before the secret or the error itself can be in the log


def _lines(secrets: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(line for one in secrets for line in one.splitlines() if is_secret(line))


def _escaped(text: str) -> str:
    """A workflow command's value: no line of it may be read as another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _escaped(str(value)).replace(":", "%3A").replace(",", "%2C")


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ConfigurationError("a value with a line end does not fit into a dotenv file")
    return value


def _kept(file: Path, variables: Mapping[str, str]) -> list[str]:
    """The lines of the file that say something else."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if line.partition("=")[0] not in variables]


def _append(path: Path, text: str, name: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {name}: {error.strerror}", hint="is this a step of GitHub Actions?"
        ) from None


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_FILE), "w"
        ) as new:
            new.write(text)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None
