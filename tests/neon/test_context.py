"""Which account, which project, which branch."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.neon.standin import StandIn
from tests.runner import Finished

Run = Callable[..., Finished]
LIST = ("--json", "neon", "branch", "list")


def without(neon: StandIn, *names: str) -> dict[str, str]:
    return {name: value for name, value in neon.env.items() if name not in names}


def ended(done: Finished) -> tuple[int, str]:
    return done.code, done.json["error"]["kind"]


def test_a_missing_key_is_named(neon: StandIn, quick: Run) -> None:
    done = quick(*LIST, env=without(neon, "NEON_API_KEY"))
    assert ended(done) == (3, "configuration")
    assert "NEON_API_KEY" in done.json["error"]["hint"]


@pytest.mark.parametrize("key", ["two words", "line\nend", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused_unread(key: str, neon: StandIn, quick: Run) -> None:
    done = quick(*LIST, env=neon.env | {"NEON_API_KEY": key})
    assert ended(done) == (3, "configuration")
    assert key not in done.out
    assert neon.requests == []


def test_the_settings_own_name_wins(neon: StandIn, quick: Run) -> None:
    env = neon.env | {"NEON_PROJECT_ID": "nobody", "DBCTL_NEON_PROJECT_ID": neon.project_id}
    assert quick(*LIST, env=env).code == 0


def test_the_only_project_needs_no_name(neon: StandIn, quick: Run) -> None:
    assert quick(*LIST, env=without(neon, "NEON_PROJECT_ID")).json["project"] == neon.project_id


def test_several_projects_are_a_question_with_its_choices(neon: StandIn, quick: Run) -> None:
    neon.add_projects(2)
    env = without(neon, "NEON_PROJECT_ID")
    done = quick("--json", "neon", "branch", "create", "pr-1", env=env)
    assert ended(done) == (3, "configuration")
    assert neon.project_id in done.json["error"]["message"]
    assert all(method == "GET" for method, _, _ in neon.requests)
    assert quick(*LIST, "--project-id", neon.project_id, env=env).code == 0


def test_a_file_further_up_says_project_and_branch(
    neon: StandIn, quick: Run, tmp_path: Path
) -> None:
    quick("neon", "branch", "create", "pr-1", env=neon.env)
    said = {"orgId": "org-x", "projectId": neon.project_id, "branch": "pr-1"}
    (tmp_path / ".neon").write_text(json.dumps(said))
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    env = without(neon, "NEON_PROJECT_ID")
    assert quick(*LIST, cwd=below, env=env).json["project"] == neon.project_id
    assert quick("--json", "neon", "branch", "url", cwd=below, env=env).json["name"] == "pr-1"


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_broken_file_is_named(text: str, neon: StandIn, quick: Run) -> None:
    Path(".neon").write_text(text)
    done = quick(*LIST, env=neon.env)
    assert ended(done) == (3, "configuration")
    assert ".neon" in done.json["error"]["message"]


@pytest.mark.parametrize("host", ["http://neon.example/api/v2", "ftp://127.0.0.1", "https://"])
def test_the_key_goes_nowhere_where_it_can_be_read(host: str, neon: StandIn, quick: Run) -> None:
    done = quick(*LIST, env=neon.env | {"NEON_API_HOST": host})
    assert ended(done) == (3, "configuration")


def test_an_environment_needs_no_database_url_yet(neon: StandIn, quick: Run) -> None:
    assert quick(*LIST, "--env", "dev", env=neon.env).code == 0
    assert quick("--json", "status", "--env", "dev", env=neon.env).code == 3


def test_the_branch_of_the_url_must_be_the_branch_that_is_named(neon: StandIn, quick: Run) -> None:
    quick("neon", "branch", "create", "pr-1", env=neon.env)
    checkout = Path(__file__).parents[2]
    for branch, code in (("pr-1", 0), ("main", 5), ("nobody", 1)):
        env = neon.env | {"DATABASE_URL": neon.uri("pr-1"), "NEON_BRANCH": branch}
        done = quick("--json", "--env", "dev", "upgrade", cwd=checkout, env=env)
        assert done.code == code, done


def test_a_compute_of_nobody_is_refused_before_a_migration(neon: StandIn, quick: Run) -> None:
    url = "postgresql://u:p@ep-no-body-12345678.localhost:1/x"
    env = neon.env | {"DATABASE_URL": url, "NEON_BRANCH": "main"}
    assert quick("--json", "--env", "dev", "upgrade", env=env).code == 5


def test_another_database_is_not_neons_affair(neon: StandIn, quick: Run, sqlite_url: str) -> None:
    env = neon.env | {"DATABASE_URL": sqlite_url, "NEON_BRANCH": "main"}
    checkout = Path(__file__).parents[2]
    assert quick("--json", "up", cwd=checkout, env=env).code == 0
    assert neon.requests == []
