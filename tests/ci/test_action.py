"""The composite action and the examples: what is written there is run here, as it is written."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import runner
from tests.ci.conftest import Job

CHECKOUT = Path(__file__).parents[2]
ACTION = yaml.safe_load((CHECKOUT / ".github/actions/dbctl/action.yml").read_text())
EXAMPLES = sorted((CHECKOUT / "docs/ci").glob("*.y*ml"))
EXPRESSION = re.compile(r"\$\{\{\s*(?P<name>[^}]+?)\s*\}\}")
COMMAND = re.compile(r"\bdbctl (?!-lifecycle)(?P<words>[^'\"\n|&]+)")


class Action:
    """The action, used by a job with some inputs."""

    def __init__(self, job: Job, **inputs: str) -> None:
        self.job = job
        self.inputs = {k: v.get("default", "") for k, v in ACTION["inputs"].items()} | inputs
        bin_dir = job.temp / "bin"
        bin_dir.mkdir(exist_ok=True)
        _program(bin_dir / "dbctl", f'exec {sys.executable} -m dbctl "$@"')
        _program(bin_dir / "gh", f'printf "%s\\n" "$*" >>{job.temp}/gh; cat {job.temp}/comments')
        (job.temp / "comments").touch()
        self.path = f"{bin_dir}:{os.environ['PATH']}"

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run the step of that name with bash, as the runner does."""
        (step,) = [one for one in ACTION["runs"]["steps"] if one["name"] == name]
        env = {key: self._filled(value) for key, value in step["env"].items()}
        said = {**self.job.env, **self.job.handed("env"), **env, "PATH": self.path}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.job.project.root,
            env=runner.environment(said),
            capture_output=True,
            text=True,
            check=False,
        )

    def _filled(self, text: str) -> str:
        known = {
            **{f"inputs.{name}": value for name, value in self.inputs.items()},
            "runner.temp": str(self.job.temp),
            "github.repository": "acme/shop",
            "github.event.pull_request.number": "12",
        }
        return EXPRESSION.sub(lambda found: known[found["name"]], text)


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_every_step_of_a_pipeline_runs_as_written(job: Job, sqlite_url: str) -> None:
    job.env["DATABASE_URL"] = sqlite_url
    for step in ("setup", "check", "report"):
        done = Action(job, step=step).run("dbctl ci")
        assert done.returncode == 0, (step, done)
    assert "Database changes" in (job.temp / "summary").read_text()
    assert (job.temp / "dbctl-report.md").read_text().startswith("<!-- dbctl ci report -->")


def test_options_are_words_and_never_code(job: Job, sqlite_url: str) -> None:
    job.env["DATABASE_URL"] = sqlite_url
    words = "--no-seed\n--variable\nAPP_URL\n--name=$(touch stolen)`touch stolen`; touch stolen"
    done = Action(job, step="setup", arguments=words).run("dbctl ci")
    assert done.returncode == 0, done
    assert job.handed("env")["APP_URL"] == sqlite_url
    assert not (job.project.root / "stolen").exists()


@pytest.mark.parametrize(
    ("there", "method"),
    [
        ("", "POST repos/acme/shop/issues/12/comments"),
        ("77", "PATCH repos/acme/shop/issues/comments/77"),
    ],
    ids=["first", "again"],
)
def test_a_request_has_one_comment(job: Job, there: str, method: str) -> None:
    action = Action(job, step="report", comment="true")
    (job.temp / "comments").write_text(there)
    assert action.run("Comment").returncode == 0
    asked, written = (job.temp / "gh").read_text().splitlines()
    assert "repos/acme/shop/issues/12/comments" in asked
    assert method in written
    assert f"body=@{job.temp}/dbctl-report.md" in written


def test_no_expression_stands_inside_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert not EXPRESSION.search(step["run"]), step["name"]


def steps(document: Any) -> list[Mapping[str, Any]]:
    """Every step of a workflow."""
    jobs = document.get("jobs", {}) if isinstance(document, dict) else {}
    return [step for one in jobs.values() for step in one["steps"]]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_names_commands_and_inputs_that_exist(path: Path) -> None:
    text = path.read_text()
    for step in steps(yaml.safe_load(text)):
        if "actions/dbctl@" in step.get("uses", ""):
            assert set(step["with"]) <= set(ACTION["inputs"]), step
    lines = [re.sub(r"#.*", "", line) for line in text.splitlines()]
    for found in COMMAND.finditer("\n".join(lines)):
        words = [*found["words"].split(), "--help"]
        assert runner.in_process(*words).code == 0, words


def test_the_hooks_name_commands_that_exist() -> None:
    for hook in yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text()):
        program, *words = hook["entry"].split()
        assert program == "dbctl"
        assert runner.in_process(*words, "--help").code == 0, words


def test_a_job_in_kubernetes_tries_again_only_where_that_helps() -> None:
    (path,) = [one for one in EXAMPLES if one.name.startswith("kubernetes")]
    rules = yaml.safe_load(path.read_text())["spec"]["podFailurePolicy"]["rules"]
    found = {one["action"]: one.get("onExitCodes", {}).get("values") for one in rules}
    assert found["Count"] == [4, 8]
    assert {5, 6, 7} <= set(found["FailJob"])
