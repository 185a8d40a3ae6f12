"""What was checked, one step after the other; a step that fails does not end the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from dbctl.ci.failing import note
from dbctl.ci.model import CiStep, Note, Outcome
from dbctl.ci.runner import Runner
from dbctl.errors import DbctlError, StoppedError
from dbctl.project import Project


class Result(NamedTuple):
    """How a step came out, in a line."""

    outcome: Outcome
    detail: str


@dataclass
class Book:
    """The steps of a check, and the remarks that were made."""

    runner: Runner
    project: Project
    steps: list[CiStep] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def step(self, name: str, work: Callable[[], Result]) -> bool:
        """Do a step and write down how it came out; False when it failed."""
        started = time.monotonic()
        try:
            outcome, detail = work()
        except StoppedError:
            raise
        except DbctlError as error:
            outcome, detail = "failed", error.message.splitlines()[0]
            self.remark(note(error, self.project))
        seconds = round(time.monotonic() - started, 3)
        self.steps.append(CiStep(name, outcome, detail, seconds))
        return outcome != "failed"

    def skip(self, name: str, why: str) -> None:
        """Write down that a step was left out, and why."""
        self.steps.append(CiStep(name, "skipped", why, 0.0))

    def remark(self, remark: Note) -> None:
        """Show a remark, and keep it."""
        self.runner.annotate(remark)
        self.notes.append(remark)

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(one.outcome != "failed" for one in self.steps)
