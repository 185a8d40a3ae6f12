"""Which branch the project's commands act on, and how it follows git."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.branch.place import Place
from tests.runner import Finished, environment

FILE = Path(".dbctl", "branch.json")
SECRET = "zebra"


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """`git(*words)` in the project's folder, which is a repository with one commit on `main`."""

    def run(*words: str) -> str:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        done = subprocess.run(
            ["git", *who, *words],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout + done.stderr

    run("init", "-q", "-b", "main")
    run("commit", "-q", "--allow-empty", "-m", "first")
    return run


def url_shown(place: Place) -> dict[str, str]:
    settings = place.json("config", "show")["settings"]
    found: dict[str, str] = next(one for one in settings if one["name"] == "url")
    return found


def test_config_says_where_the_url_comes_from(place: Place) -> None:
    place("branch", "create", "task")
    place("branch", "use", "task")
    assert url_shown(place)["source"] == ".dbctl/branch.json"
    assert [one["name"] for one in place.json("branch", "list")["branches"] if one["in_use"]] == [
        "task"
    ]
    assert place.json("branch", "create", "other")["parent"] == place.main
    text = (place.folder / FILE).read_text()
    assert place.url("task").split("@")[0].split("//")[1].partition(":")[2] not in text or (
        place.provider == "sqlite"
    )
    place("branch", "delete", "task", "--yes")
    assert url_shown(place)["source"] != ".dbctl/branch.json"


@pytest.mark.parametrize("words", [["--url", "sqlite:///other.db"], []], ids=["flag", "variable"])
def test_what_is_said_on_the_line_is_stronger(
    sqlite_place: Place, sample_sqlite_url: str, words: list[str]
) -> None:
    sqlite_place("branch", "create", "task")
    sqlite_place("branch", "use", "task")
    env = {} if words else {"DBCTL_URL": sample_sqlite_url}
    there = Place("sqlite", "", sqlite_place.folder, {**sqlite_place.env, **env})
    assert url_shown_with(there, *words)["source"] in ("--url", "DBCTL_URL")
    refused = there.tried("branch", "use", "task", *words)
    assert refused.code in (4, 5), str(refused)


def url_shown_with(place: Place, *words: str) -> dict[str, str]:
    settings = place.json("config", "show", *words)["settings"]
    found: dict[str, str] = next(one for one in settings if one["name"] == "url")
    return found


def test_a_branch_of_another_database_is_not_taken(sqlite_place: Place, tmp_path: Path) -> None:
    sqlite_place("branch", "create", "task")
    sqlite_place("branch", "use", "task")
    moved = {"DATABASE_URL": f"sqlite:///{tmp_path / 'another.db'}"}
    done = Place("sqlite", "", tmp_path, moved).tried("status")
    assert done.code == 3, str(done)
    assert "branch use --off" in done.err, str(done)


def test_another_environment_has_its_own(sqlite_place: Place) -> None:
    sqlite_place("branch", "create", "task")
    sqlite_place("branch", "use", "task")
    assert sqlite_place.tried("--json", "status", "--env", "dev").json["branch"] is None


def test_a_broken_file_is_named(sqlite_place: Place, tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir()
    for text in ("{", "[]", '{"local": {"x": 1}}'):
        (tmp_path / FILE).write_text(text)
        done = sqlite_place.tried("status")
        assert done.code == 3, str(done)
        assert "branch.json" in done.err, str(done)


def test_one_of_the_three_has_to_be_said(sqlite_place: Place) -> None:
    for words in ([], ["task", "--off"], ["--auto", "--off"]):
        assert sqlite_place.tried("branch", "use", *words).code == 2


def test_auto_follows_git(place: Place, git: Callable[..., str]) -> None:
    assert place.json("branch", "use", "--auto")["name"] is None
    git("switch", "-q", "-c", "feature/x")
    assert place.json("branch", "use", "--auto")["created"]
    assert not place.json("branch", "use", "--auto")["changed"]
    assert place.json("branch", "show")["git"] == ("" if place.provider == "neon" else "feature/x")
    git("switch", "-q", "--detach")
    assert place.json("branch", "use", "--auto")["name"] == "feature/x"
    git("switch", "-q", "main")
    assert place.json("branch", "use", "--auto")["name"] is None


def test_without_a_repository_auto_says_so(sqlite_place: Place) -> None:
    done = sqlite_place.tried("branch", "use", "--auto")
    assert done.code == 3
    assert "repository" in done.err


def test_a_checkout_takes_the_database_along(
    dbctl: Callable[..., Finished], tmp_path: Path, git: Callable[..., str]
) -> None:
    assert dbctl("up", cwd=tmp_path).code == 0
    assert dbctl("branch", "hook", "install", cwd=tmp_path).code == 0
    assert "nothing to do" in dbctl("branch", "hook", "install", cwd=tmp_path).out
    assert "feature/x" in git("checkout", "-q", "-b", "feature/x")
    assert dbctl("--json", "status", cwd=tmp_path).json["branch"] == "feature/x"
    git("checkout", "-q", "main")
    assert dbctl("--json", "status", cwd=tmp_path).json["branch"] is None


def test_the_hook_leaves_other_lines_alone(
    sqlite_place: Place, tmp_path: Path, git: Callable[..., str]
) -> None:
    hook = tmp_path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho mine\n")
    sqlite_place("branch", "hook", "install")
    assert "echo mine" in hook.read_text()
    assert "use --auto" in hook.read_text()
    sqlite_place("branch", "hook", "remove")
    assert hook.read_text() == "#!/bin/sh\necho mine\n"
    hook.write_text("#!/usr/bin/env python3\n")
    assert sqlite_place.tried("branch", "hook", "install").code == 5
