"""`neon branch prune`: what nobody needs any more, and nothing else."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]
NAMES = ("pr-1", "pr-2", "pr-old", "dev")


@pytest.fixture
def neon_run(neon: StandIn, quick: Run) -> Run:
    """`neon_run("prune", ...)` in a project with branches."""

    def run(*words: str, yes: bool = True) -> Finished:
        said = ["--yes"] if yes else []
        return quick("--json", *said, "neon", "branch", *words, env=neon.env)

    for name in NAMES:
        assert run("create", name, "--no-compute").code == 0
    neon.branch("pr-old").created_at -= timedelta(days=10)
    return run


def names(done: Finished) -> list[str]:
    assert done.code == 0, done
    return [one["name"] for one in done.json["branches"]]


def test_without_a_filter_nothing_is_pruned(neon: StandIn, neon_run: Run) -> None:
    assert neon_run("prune").code == 2
    assert neon.names == sorted(["main", *NAMES])


def test_a_dry_run_only_shows(neon: StandIn, neon_run: Run) -> None:
    assert names(neon_run("prune", "--match", "pr-*", "--dry-run")) == ["pr-1", "pr-2", "pr-old"]
    assert neon.names == sorted(["main", *NAMES])


def test_all_that_is_said_must_be_true(neon: StandIn, neon_run: Run) -> None:
    assert names(neon_run("prune", "--match", "pr-*", "--older-than", "7d")) == ["pr-old"]
    assert names(neon_run("prune", "--match", "pr-*", "--older-than", "7d")) == []
    assert neon.names == ["dev", "main", "pr-1", "pr-2"]


def test_it_asks(neon: StandIn, neon_run: Run) -> None:
    assert neon_run("prune", "--match", "pr-*", yes=False).code == 5
    assert neon.names == sorted(["main", *NAMES])


def test_default_and_protected_branches_stay(neon: StandIn, neon_run: Run) -> None:
    neon_run("create", "pr-kept", "--protected", "--no-compute")
    assert "pr-kept" not in names(neon_run("prune", "--match", "*"))
    assert neon.names == ["main", "pr-kept"]


def test_a_parent_of_a_branch_that_stays_stays(neon: StandIn, neon_run: Run) -> None:
    neon_run("create", "child", "--parent", "pr-1", "--no-compute")
    assert "pr-1" not in names(neon_run("prune", "--match", "pr-*"))
    assert neon.names == ["child", "dev", "main", "pr-1"]


def test_children_go_before_their_parents(neon: StandIn, neon_run: Run) -> None:
    neon_run("create", "pr-3", "--parent", "pr-1", "--no-compute")
    neon_run("create", "pr-0", "--parent", "pr-3", "--no-compute")
    gone = names(neon_run("prune", "--match", "pr-*"))
    assert gone[:2] == ["pr-0", "pr-3"]
    assert neon.names == ["dev", "main"]


def git(*words: str) -> None:
    own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *own, *words], check=True, capture_output=True, cwd=Path.cwd())


@pytest.fixture
def repository() -> None:
    """`dev` is merged, `pr-old` is not; pull request 1 was merged, 2 was squashed."""
    git("init")
    git("commit", "--allow-empty", "-m", "begin")
    git("branch", "dev")
    git("commit", "--allow-empty", "-m", "Merge pull request #1 from me/posts")
    git("commit", "--allow-empty", "-m", "Add items (#2)")
    git("checkout", "-b", "pr-old")
    git("commit", "--allow-empty", "-m", "on its way, like #old and (#3) it is not")
    git("checkout", "main")


@pytest.mark.usefixtures("repository")
def test_merged_is_what_git_knows(neon_run: Run) -> None:
    assert names(neon_run("prune", "--merged", "--dry-run")) == ["dev", "pr-1", "pr-2"]
    assert names(neon_run("prune", "--merged", "--match", "pr-*", "--dry-run")) == ["pr-1", "pr-2"]


def test_merged_without_a_repository_is_said(neon_run: Run) -> None:
    done = neon_run("prune", "--merged")
    assert (done.code, done.json["error"]["kind"]) == (3, "configuration")
