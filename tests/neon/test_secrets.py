"""The key and the passwords appear nowhere but where somebody asked for them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import runner
from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]
LINES: dict[str, tuple[str, ...]] = {
    "create": ("branch", "create", "pr-2"),
    "reuse": ("branch", "create", "pr-1", "--if-exists", "reuse"),
    "taken": ("branch", "create", "pr-1"),
    "url": ("branch", "url", "pr-1"),
    "env": ("branch", "url", "pr-1", "--format", "env"),
    "json": ("branch", "url", "pr-1", "--format", "json"),
    "asyncpg": ("branch", "url", "pr-1", "--format", "asyncpg"),
    "role": ("roles", "create", "bob", "--branch", "pr-1"),
    "password": ("roles", "reset-password", "neondb_owner", "--branch", "pr-1"),
    "list": ("roles", "list", "--branch", "pr-1"),
    "api": ("api", "GET", "/projects/{project_id}/branches"),
    "reset": ("branch", "reset", "pr-1"),
    "missing": ("branch", "url", "nobody"),
}
LOUD = {
    "plain": (),
    "json": ("--json",),
    "loud": ("-vv",),
    "debug": ("--debug",),
    "log": ("--debug", "--log-format", "json"),
}


def secrets(neon: StandIn) -> set[str]:
    """The key and every password there is."""
    roles = [role for one in neon.project.branches.values() for role in one.roles.values()]
    return {neon.key, *(role.password for role in roles)}


def printed(done: Finished) -> str:
    return done.out + done.err


@pytest.fixture
def branch(neon: StandIn, quick: Run) -> str:
    done = quick("neon", "branch", "create", "pr-1", env=neon.env)
    assert done.code == 0, done
    return "pr-1"


@pytest.mark.parametrize("loud", LOUD.values(), ids=LOUD)
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_no_output_holds_a_secret(
    line: tuple[str, ...], loud: tuple[str, ...], branch: str, neon: StandIn, quick: Run
) -> None:
    before = secrets(neon)
    text = printed(quick("--yes", *loud, "neon", *line, env=neon.env))
    assert text
    assert [one for one in before | secrets(neon) if one in text] == []


@pytest.mark.parametrize("status", [401, 500])
def test_no_error_repeats_the_key(status: int, neon: StandIn, quick: Run) -> None:
    neon.faults.answer(status, times=9, message=f"no such key: {neon.key}")
    done = quick("--debug", "neon", "branch", "list", env=neon.env)
    assert done.code == 9
    assert neon.key not in printed(done)


def test_the_configuration_does_not_show_the_key(neon: StandIn, quick: Run) -> None:
    for words in (("config", "show"), ("--json", "config", "show")):
        done = quick(*words, env=neon.env)
        assert "neon_api_key" in done.out
        assert neon.key not in printed(done)


def test_a_revealed_url_is_all_that_is_revealed(branch: str, neon: StandIn, quick: Run) -> None:
    done = quick("neon", "branch", "url", branch, "--reveal", env=neon.env)
    assert done.out == neon.uri(branch) + "\n"
    assert neon.key not in printed(done)


def test_no_process_has_a_secret_in_its_arguments(neon: StandIn) -> None:
    neon.operations.seconds = 0.5
    command = [sys.executable, "-m", "dbctl", "neon", "branch", "create", "pr-1"]
    running = subprocess.Popen(
        command,
        env=runner.environment(neon.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    seen = ""
    while running.poll() is None:
        seen += "".join(arguments())
        time.sleep(0.05)
    assert running.returncode == 0
    assert "branch\0create" in seen
    assert [one for one in secrets(neon) if one in seen] == []


def arguments() -> Iterator[str]:
    """The command lines of all processes, where there is /proc."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield (folder / "cmdline").read_text(errors="replace")
        except OSError:
            continue


def test_github_is_told_what_to_mask_before_anything_else(
    branch: str, neon: StandIn, quick: Run, tmp_path: Path
) -> None:
    files = {name: str(tmp_path / name) for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
    line = ("neon", "branch", "create", branch, "--if-exists", "reuse", "--format", "github")
    done = quick(*line, env=neon.env | files)
    masks = [one for one in done.lines if one.startswith("::add-mask::")]
    assert done.lines[: len(masks)] == masks
    masked = {one.removeprefix("::add-mask::") for one in masks}
    assert {neon.role(branch).password, neon.uri(branch)} <= masked
    rest = "\n".join(done.lines[len(masks) :])
    assert neon.role(branch).password not in rest + done.err


def test_github_gets_variables_and_outputs(
    branch: str, neon: StandIn, quick: Run, tmp_path: Path
) -> None:
    files = {name: str(tmp_path / name) for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
    Path(files["GITHUB_ENV"]).write_text("EARLIER=1\n")
    line = ("neon", "branch", "create", branch, "--if-exists", "reuse", "--format", "github")
    assert quick(*line, env=neon.env | files).code == 0
    env, output = (assigned(Path(one)) for one in files.values())
    assert env["DATABASE_URL"] == neon.uri(branch, pooled=True)
    assert env["DATABASE_URL_UNPOOLED"] == neon.uri(branch) == output["db_url"]
    assert (output["branch"], output["branch_id"]) == (branch, neon.branch(branch).id)
    assert output["created"] == "false"


def assigned(file: Path) -> dict[str, str]:
    """What GitHub's runner reads from such a file."""
    pairs = re.findall(r"^(\w+)<<(\S+)\n(.*?)\n\2$", file.read_text(), re.DOTALL | re.MULTILINE)
    return {name: value for name, _, value in pairs}


def test_github_s_format_needs_github(neon: StandIn, quick: Run) -> None:
    line = ("--json", "neon", "branch", "create", "pr-1", "--format", "github")
    done = quick(*line, env=neon.env)
    assert (done.code, neon.requests) == (3, [])


def test_an_environment_file_can_be_read_by_a_shell(
    branch: str, neon: StandIn, quick: Run, tmp_path: Path
) -> None:
    done = quick("neon", "branch", "url", branch, "--format", "env", "--reveal", env=neon.env)
    script = f'{done.out}\nprintf "%s %s" "$DATABASE_URL" "$DATABASE_URL_UNPOOLED"'
    said = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert said.stdout.split() == [neon.uri(branch, pooled=True), neon.uri(branch)]
