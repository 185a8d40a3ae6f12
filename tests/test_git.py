"""git is asked about a folder, wherever and under whichever hook the question is put."""

import subprocess
from pathlib import Path

import pytest

from dbctl import git


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two repositories, each on a branch of its own name."""
    made = []
    for name in ("one", "other"):
        subprocess.run(["git", "init", "-q", "-b", name, str(tmp_path / name)], check=True)
        made.append(tmp_path / name)
    return made[0], made[1]


def test_the_variables_of_a_hook_lead_nowhere_else(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(two[1] / ".git"))
    assert git.text(two[0], "symbolic-ref", "--short", "HEAD").strip() == "one"


def test_a_no_is_what_git_calls_fatal(two: tuple[Path, Path]) -> None:
    with pytest.raises(git.GitError, match=r"^not a git repository"):
        git.text(two[0].parent, "status")
    with pytest.raises(git.GitError, match=r"^ambiguous argument 'gone'"):  # of three lines
        git.text(two[0], "rev-parse", "gone")


def test_without_git_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(git.NoGitError, match="not installed"):
        git.text(tmp_path, "status")


def test_how_git_is_configured_stays(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "/somewhere")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert git.text(two[0], "config", "--get-all", "safe.directory").split()[-1:] == ["/somewhere"]


def test_a_no_without_a_word_has_no_reason(two: tuple[Path, Path]) -> None:
    with pytest.raises(git.GitError) as said:
        git.text(two[0], "config", "--get", "there.is.none")
    assert said.value.said == ""
    assert str(said.value)


def test_who_needs_too_long_is_stopped(two: tuple[Path, Path]) -> None:
    with pytest.raises(git.GitError, match=r"longer than 0\.2 s"):
        git.text(two[0], "-c", "alias.rest=!sleep 5", "rest", limit=0.2)
