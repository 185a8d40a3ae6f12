"""docs/neon.md is what happens: its recipes run against the stand-in."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from dbctl.neon.api import PATIENCE
from dbctl.settings import Settings
from tests.neon.standin import StandIn
from tests.neon.test_secrets import assigned
from tests.runner import Finished

Run = Callable[..., Finished]
CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "neon.md").read_text(encoding="utf-8")
NUMBER = "${{ github.event.number }}"


def steps(job: str) -> list[list[str]]:
    """The words of every `run: dbctl ...` of a job of the workflow."""
    text = PAGE.split(f"\n  {job}:\n", 1)[1].split("\n  cleanup:", 1)[0].split("```", 1)[0]
    lines = re.findall(r"run: dbctl (.*)", text)
    return [shlex.split(line.replace(NUMBER, "12")) for line in lines]


@pytest.fixture
def github(neon: StandIn, tmp_path: Path) -> Callable[[], dict[str, str]]:
    """The environment of the next step, as GitHub's runner has it."""
    files = {name: tmp_path / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}

    def environment() -> dict[str, str]:
        said = assigned(files["GITHUB_ENV"]) if files["GITHUB_ENV"].exists() else {}
        places = {name: str(path) for name, path in files.items()}
        return neon.env | places | {"DBCTL_ENV": "dev"} | said

    return environment


def test_the_workflow_can_run_on_every_push(
    neon: StandIn, quick: Run, github: Callable[[], dict[str, str]]
) -> None:
    for words in [*steps("database"), *steps("database")]:
        done = quick(*words, cwd=CHECKOUT, env=github())
        assert done.code == 0, done
    assert neon.run("pr-12", "SELECT count(*) FROM alembic_version") == [(1,)]
    assert neon.run("main", "SELECT to_regclass('alembic_version')::text") == [(None,)]
    for words in [*steps("cleanup"), *steps("cleanup")]:
        assert quick(*words, env=github()).code == 0
    assert neon.names == ["main"]


def lines(heading: str) -> list[list[str]]:
    """The words of every dbctl line below a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [shlex.split(line)[1:] for line in section.splitlines() if line.startswith("dbctl ")]


def test_the_developer_s_lines_work(neon: StandIn, quick: Run) -> None:
    create, url, diff, reset, restore = lines("A branch for every developer")
    neon.snapshot_now("main")
    neon.clock.advance(3 * 3600)
    for words in (create, create, url, diff, [*reset, "--yes"]):
        assert quick(*words, env=neon.env).code == 0
    assert neon.names == ["dev-ana", "dev-ana-before", "main"]
    assert restore[-1].startswith("^parent@")


def test_what_is_left_over_can_be_pruned(neon: StandIn, quick: Run) -> None:
    older, _ = lines("A branch for every pull request")
    quick("neon", "branch", "create", "pr-1", "--no-compute", env=neon.env)
    assert "pr-1" not in quick(*older, env=neon.env).out
    assert neon.names == ["main", "pr-1"]


def test_the_numbers_of_the_page_are_the_code_s() -> None:
    fields = Settings.model_fields
    assert fields["pool_pre_ping"].default is True
    assert fields["pool_recycle"].default < 300
    assert PATIENCE == 60
    assert fields["neon_api_host"].default in PAGE
