"""A job on a runner: its variables, its files, and what the next step is told."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.neon.conftest import neon
from tests.projects.make import AUTHORS, Project, make
from tests.runner import Finished

__all__ = ["neon"]

Run = Callable[..., Finished]
HANDED = re.compile(r"^(?P<name>\w+)<<(?P<end>\S+)\n(?P<value>.*?)\n(?P=end)$", re.M | re.S)


@dataclass
class Job:
    """A job of GitHub Actions for a pull request."""

    quick: Run
    project: Project
    temp: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("env", "output", "summary"):
            (self.temp / name).touch()
        event = self.temp / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 12}}))
        self.env |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF": "refs/pull/12/merge",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_ENV": str(self.temp / "env"),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
        }

    def step(self, *words: str, **more: str) -> Finished:
        """One step, with what the steps before it handed on."""
        env = {**self.env, **self.handed("env"), **more}
        return self.quick("ci", *words, cwd=self.project.root, env=env)

    def handed(self, name: str) -> dict[str, str]:
        """What was written for the next steps; the last word counts."""
        found = HANDED.finditer((self.temp / name).read_text())
        return {one["name"]: one["value"] for one in found}


@pytest.fixture
def job(quick: Run, tmp_path: Path) -> Job:
    """A job in a project whose revisions make what its models say, and one row of seed."""
    project = make(tmp_path / "project")
    project.revision("r1", up=AUTHORS, undo='op.drop_table("authors")')
    project.write("pyproject.toml", '[tool.dbctl]\nmetadata = "models:Base"\n')
    project.write("seeds/authors.csv", "id,name\n1,Ann\n")
    (tmp_path / "runner").mkdir()
    return Job(quick, project, tmp_path / "runner")
