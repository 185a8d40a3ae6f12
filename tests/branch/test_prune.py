"""What nobody needs any more goes, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbctl.branch import throwaway
from dbctl.branch.model import Wish
from dbctl.branch.registry import provider
from dbctl.settings import Settings
from tests.branch.place import Place
from tests.branch.test_use import git

__all__ = ["git"]

Admin = Callable[..., list[tuple[Any, ...]]]


def reasons(place: Place, *words: str) -> dict[str, str]:
    found = place.json("branch", "prune", "--yes", *words)["branches"]
    return {one["name"]: one["reason"] for one in found}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def local(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(f"{request.param}_place")
    return made


def test_expired_branches_go(local: Place) -> None:
    local("branch", "create", "short", "--ttl", "1s")
    local("branch", "create", "long", "--ttl", "400d")
    while not local.json("branch", "show", "short")["expired"]:
        pass
    assert (reasons(local), local.names()) == ({"short": "expired"}, ["long"])


def test_what_a_kill_left_is_shown_and_goes(postgresql_place: Place, admin: Admin) -> None:
    made = postgresql_place.json("branch", "create", "task")["id"]
    admin(f'COMMENT ON DATABASE "{made}" IS NULL')
    assert postgresql_place.names() == [made]
    assert postgresql_place.tried("branch", "use", made).code == 5
    assert reasons(postgresql_place, "--dry-run") == {made: "unfinished"}
    assert postgresql_place.json("branch", "create", "task")["created"]
    assert reasons(postgresql_place) == {}


def test_a_file_that_a_kill_left_is_shown_and_goes(sqlite_place: Place, tmp_path: Path) -> None:
    made = sqlite_place.json("branch", "create", "task")["id"]
    left = tmp_path / ".dbctl" / "branches" / f"{made}.db.12345678.partial"
    left.write_bytes(b"half")
    assert sqlite_place.names() == [left.name, "task"]
    assert reasons(sqlite_place) == {left.name: "unfinished"}
    assert not left.exists()
    assert sqlite_place.names() == ["task"]


def test_filters_must_all_be_true_and_one_in_use_stays(local: Place) -> None:
    for name in ("pr-1", "pr-2", "other"):
        local("branch", "create", name)
    local("branch", "use", "pr-1")
    assert reasons(local, "--match", "pr-*", "--older-than", "1h") == {}
    assert reasons(local, "--match", "pr-*") == {"pr-2": "matched"}
    assert local.names() == ["other", "pr-1"]


def test_merged_branches_go(sqlite_place: Place, git: Callable[..., str]) -> None:
    for name in ("done", "open", "new"):
        git("switch", "-q", "-c", name, "main")
        if name != "new":
            git("commit", "-q", "--allow-empty", "-m", name)
        sqlite_place("branch", "use", "--auto")
    git("switch", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "m", "done")
    git("switch", "-q", "new")
    sqlite_place("branch", "use", "--off")
    assert reasons(sqlite_place, "--merged") == {"done": "merged"}
    assert sqlite_place.names() == ["new", "open"]


@pytest.mark.anyio
async def test_who_was_finished_meanwhile_stays(sample_url: str) -> None:
    branches = provider(Settings.load(url=sample_url))
    seen = (await branches.create(Wish("task"))).branch
    from dataclasses import replace

    assert not await branches.discard(replace(seen, state="unfinished"))
    assert await branches.discard(seen)


@pytest.mark.anyio
async def test_a_throwaway_is_a_branch_that_expires(sample_url: str) -> None:
    settings = Settings.load(url=sample_url)
    made = await throwaway.make(settings, purpose="rehearse")
    (branch,) = [one for one in await made.provider.list() if not one.main]
    assert branch.name == made.name
    assert branch.expires_at
    assert not branch.expired
    assert made.settings.url != settings.url
    assert not made.settings.protected
    await throwaway.remove(settings, made)
    await throwaway.remove(settings, made)
    assert len(await made.provider.list()) == 1
