"""A snapshot is taken, the database is damaged, the snapshot is put back: all is as it was."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from dbctl.database.consent import Consent
from dbctl.database.url import Url
from dbctl.snapshot import store
from tests.marks import looked, marked
from tests.schema import rows_of, schema_of
from tests.snapshot.conftest import CHECKOUT, Run, beside, damage, run


def state(url: str) -> tuple[Any, ...]:
    """Schema, rows, version and mark."""
    users = run(url, "SELECT * FROM users ORDER BY 1")
    return schema_of(url), rows_of(url), looked(url).at, looked(url).mark, users


def manifest(home: Path, name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((home / name / "manifest.json").read_text())
    return said


def test_a_damaged_database_is_brought_back(snap: Run, sample_url: str, home: Path) -> None:
    before = state(sample_url)
    assert snap(sample_url, "create", "one").code == 0
    damage(sample_url)
    done = snap(sample_url, "restore", "one")
    assert done.code == 0, done
    assert state(sample_url) == before
    assert snap(sample_url, "create", "two").code == 0
    first, second = manifest(home, "one"), manifest(home, "two")
    assert first["content"]["tables"] == second["content"]["tables"]
    assert first["content"]["schema"] == second["content"]["schema"]


def test_the_manifest_says_what_was_kept(snap: Run, taken: str, home: Path) -> None:
    said, look = manifest(home, "one"), looked(taken)
    assert look.mark
    assert said["origin"]["uuid"] == look.mark.uuid
    assert said["origin"]["environment"] == "local"
    assert said["origin"]["revision"] == list(look.at)
    assert {name: one["rows"] for name, one in said["content"]["tables"].items()} == rows_of(taken)
    assert said["content"]["server_version"] == look.place.server_version
    assert all(len(one["sha256"]) == 64 and one["bytes"] for one in said["files"])


def test_nobody_else_may_read_it_and_git_leaves_it_alone(taken: str, home: Path) -> None:
    files = [one for one in (home / "one").rglob("*") if one.is_file()]
    assert files
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == stat.S_IMODE((home / "one").stat().st_mode) == 0o700
    assert (home / ".gitignore").read_text() == "*\n"


def test_a_whole_snapshot_is_whole_and_leaves_nothing(snap: Run, taken: str) -> None:
    before = state(taken)
    done = snap(taken, "verify", "one")
    assert (done.code, done.json["ok"], done.json["differences"]) == (0, True, []), done
    assert done.json["rows"] == sum(rows_of(taken).values())
    assert (beside(taken), state(taken)) == ([], before)


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("part", ["first", "middle", "last", "manifest.json"])
def test_a_flipped_bit_is_found(snap: Run, taken: str, home: Path, part: str) -> None:
    files = {one.name: one.bytes for one in store.read(home, "one").files}
    name = max(files, key=lambda one: files[one]) if part != "manifest.json" else part
    size = (home / "one" / name).stat().st_size
    flip(home / "one" / name, {"first": 0, "last": size - 1}.get(part, size // 2))
    done = snap(taken, "verify", "one")
    assert (done.code, done.json["ok"]) == (1, False), done
    assert done.json["differences"][0]["object"] == name


def test_a_file_that_is_missing_is_found(snap: Run, taken: str, home: Path) -> None:
    name = store.read(home, "one").files[0].name
    (home / "one" / name).unlink()
    done = snap(taken, "verify", "one")
    assert done.code == 1
    assert done.json["differences"][0]["found"] == "is missing"


def rewritten(home: Path, change: tuple[str, str, Any]) -> None:
    """A manifest that says another thing and is whole in itself."""
    path = home / "one" / "manifest.json"
    said = json.loads(path.read_text())
    part, name, value = change
    said["content"][part][name] = value
    said.pop("seal")
    path.write_text(json.dumps({**said, "seal": store._seal(said)}))


CHANGES = {
    "rows": ("tables", "items", {"rows": 23, "checksum": "x"}),
    "checksum": ("tables", "items", {"rows": 24, "checksum": "x"}),
    "schema": ("schema", "column users.email", "jsonb"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_database_that_is_not_what_was_kept_is_found_and_never_swapped_in(
    snap: Run, taken: str, home: Path, kind: str
) -> None:
    rewritten(home, CHANGES[kind])
    before = state(taken)
    found = snap(taken, "verify", "one").json["differences"]
    assert [one["kind"] for one in found] == [kind]
    done = snap(taken, "restore", "one")
    assert (done.code, done.json["error"]["kind"]) == (9, "damaged"), done
    assert (state(taken), beside(taken)) == (before, [])


def test_a_damaged_snapshot_is_not_restored(snap: Run, taken: str, home: Path) -> None:
    flip(home / "one" / store.read(home, "one").files[0].name, 20)
    before = state(taken)
    assert snap(taken, "restore", "one").code == 9
    assert (state(taken), beside(taken)) == (before, [])


def test_what_was_replaced_is_kept_until_it_is_dropped(snap: Run, taken: str) -> None:
    damage(taken)
    old = snap(taken, "restore", "one").json["old"]
    assert beside(taken) == [old]
    assert [one["name"] for one in snap(taken, "list").json["kept"]] == [old]
    url = Url.parse(taken)
    there = url.named(str(url.file.with_name(old)) if url.file else old).text
    assert rows_of(there)["posts"] == 0
    assert snap(taken, "delete", old).code == 5
    assert snap(taken, "drop-old").json["databases"] == [old]
    assert (beside(taken), snap(taken, "list").json["kept"]) == ([], [])


def test_what_was_replaced_can_be_dropped_at_once(snap: Run, taken: str) -> None:
    assert snap(taken, "restore", "one", "--drop-old").json["old"] is None
    assert beside(taken) == []


def test_a_database_that_is_gone_is_made_again(snap: Run, taken: str, quick: Run) -> None:
    before = state(taken)
    assert quick("--url", taken, "--yes", "database", "drop", cwd=CHECKOUT).code == 0
    done = snap(taken, "restore", "one")
    assert (done.code, done.json["old"], done.json["from"]) == (0, None, []), done
    assert state(taken) == before


def test_it_is_asked_before_anything_is_replaced(quick: Run, taken: str, home: Path) -> None:
    env = {"DBCTL_SNAPSHOTS": str(home)}
    done = quick("--url", taken, "snapshot", "restore", "one", cwd=CHECKOUT, env=env)
    assert done.code == 5
    assert "would be replaced, and kept: 7 tables with 43 rows" in done.err
    assert beside(taken) == []


def test_a_restore_relies_on_more_than_its_question(
    snap: Run, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(taken, "prd")
    assert snap(taken, "create", "two", env="prd").code == 0
    monkeypatch.setattr("dbctl.cli.ask.agree", lambda *_: Consent(yes=True))
    monkeypatch.setattr("dbctl.cli.snapshot.agree", lambda *_: Consent(yes=True))
    assert snap(taken, "restore", "two", env="prd").code == 5
    assert beside(taken) == []


def test_a_protected_database_demands_more_than_a_yes(snap: Run, sample_url: str) -> None:
    marked(sample_url, "prd")
    assert snap(sample_url, "create", "one", env="prd").code == 0
    assert snap(sample_url, "restore", "one", env="prd").code == 5
    assert beside(sample_url) == []
    parsed = Url.parse(sample_url)
    name = parsed.file.name if parsed.file else parsed.name
    more = {"DBCTL_ALLOW_DESTRUCTIVE": name}
    words = ("restore", "one", "--confirm-name", name)
    assert snap(sample_url, *words, env="prd", more=more).code == 0
    assert snap(sample_url, "drop-old", env="prd").code == 5
    done = snap(sample_url, "drop-old", "--confirm-name", name, env="prd", more=more)
    assert len(done.json["databases"]) == 1


def test_a_snapshot_of_another_environment_is_not_restored(snap: Run, sample_url: str) -> None:
    marked(sample_url, "prd")
    assert snap(sample_url, "create", "one", env="prd").code == 0
    marked(sample_url, "local")
    done = snap(sample_url, "restore", "one")
    assert done.code == 5
    assert "one is a snapshot of prd" in done.json["error"]["message"]


@pytest.mark.parametrize(("of", "onto"), [("branch", "local"), ("local", "branch")])
def test_a_branch_never_takes_the_place_of_a_database_nor_the_other_way_round(
    snap: Run, sample_sqlite_url: str, of: str, onto: str
) -> None:
    marked(sample_sqlite_url, of)
    assert snap(sample_sqlite_url, "create", "one").code == 0
    assert snap(sample_sqlite_url, "restore", "one").code == 0
    marked(sample_sqlite_url, onto)
    done = snap(sample_sqlite_url, "restore", "one")
    assert done.code == 5, done
    assert f"one is a snapshot of {of}, and this is {onto}" in done.json["error"]["message"]


def test_a_database_of_another_environment_is_not_replaced(snap: Run, taken: str) -> None:
    marked(taken, "prd")
    done = snap(taken, "restore", "one")
    assert (done.code, beside(taken)) == (5, [])
    assert "is marked prd" in done.json["error"]["message"]


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "", "x" * 101, "a.partial"])
def test_a_name_that_is_no_file_name_is_refused(
    snap: Run, sample_sqlite_url: str, name: str
) -> None:
    assert snap(sample_sqlite_url, "create", name).code == 2


def test_two_snapshots_never_have_one_name(snap: Run, sample_sqlite_url: str, home: Path) -> None:
    assert snap(sample_sqlite_url, "create", "one").code == 0
    done = snap(sample_sqlite_url, "create", "one")
    assert (done.code, done.json["error"]["kind"]) == (1, "taken")
    several = [snap(sample_sqlite_url, "create").json["snapshot"]["name"] for _ in range(3)]
    assert sorted(["one", *several]) == list(store.names(home))
