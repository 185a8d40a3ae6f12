"""`dbctl seed` as a person types it: what it asks, what it refuses, what it shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runner import Finished
from tests.schema import rows_of

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., Finished]


@pytest.fixture
def seed(quick: Run, sample_url: str) -> Run:
    """`seed(*words, before=())`: dbctl seed on the sample."""

    def run(*words: str, before: tuple[str, ...] = ()) -> Finished:
        return quick("--url", sample_url, *before, "seed", *words, cwd=CHECKOUT)

    return run


def test_the_second_run_changes_nothing_and_says_so(seed: Run) -> None:
    done = seed()
    assert (done.code, "nothing changed" in done.out) == (0, True)
    assert all(len(line) <= 80 for line in done.lines)
    files = seed("--json").json["files"]
    assert [(one["inserted"], one["updated"]) for one in files] == [(0, 0)] * 3
    assert [one["unchanged"] for one in files] == [8, 24, 10]


def test_a_dry_run_is_said_to_be_one(seed: Run, sample_url: str) -> None:
    done = seed("--dry-run", "--replace")
    assert (done.code, "42 rows would be written" in done.out) == (0, True)
    assert rows_of(sample_url)["users"] == 8


def test_only_takes_files_and_tables(seed: Run) -> None:
    done = seed("--json", "--only", "posts", "--only", "01_users.csv")
    assert [one["table"] for one in done.json["files"]] == ["users", "posts"]
    refused = seed("--only", "nothing", "--json")
    assert (refused.code, refused.json["error"]["kind"]) == (1, "not_found")


def test_replacing_asks_and_says_what_would_be_lost(seed: Run, sample_url: str) -> None:
    done = seed("--replace", "--only", "items")
    assert done.code == 5
    assert "items: 24 rows" in done.err
    assert "--yes" in done.err
    assert rows_of(sample_url)["items"] == 24


def test_replacing_with_a_yes_replaces(seed: Run, sample_url: str) -> None:
    done = seed("--replace", "--yes", "--json")
    assert (done.code, done.json["rows"]) == (0, 42)
    assert rows_of(sample_url)["items"] == 24


def test_replacing_is_refused_where_it_is_protected(seed: Run, sample_url: str) -> None:
    before = rows_of(sample_url)
    done = seed("--replace", "--yes", "--json", before=("--env", "prd"))
    assert (done.code, done.json["error"]["kind"]) == (5, "refused")
    assert rows_of(sample_url) == before


def test_replacing_is_refused_where_rows_of_other_tables_point(seed: Run, sample_url: str) -> None:
    done = seed("--replace", "--yes", "--json", "--only", "users")
    assert (done.code, done.json["error"]["kind"]) == (5, "refused")
    assert "point at users" in done.json["error"]["message"]
    assert rows_of(sample_url)["users"] == 8


def test_status_before_anything_was_loaded(quick: Run, database_url: str) -> None:
    assert quick("--url", database_url, "up", "--no-seed", cwd=CHECKOUT).code == 0
    done = quick("--url", database_url, "seed", "status", cwd=CHECKOUT)
    assert (done.code, done.out.count(" new ")) == (0, 3)
    assert done.lines[-1] == "next: dbctl seed"


def test_the_options_of_the_run_are_no_options_of_a_verb(seed: Run) -> None:
    assert seed("status", "--dry-run").code == 2
    assert seed("nonsense").code == 2


def test_progress_is_for_a_terminal(seed: Run) -> None:
    assert seed().err == ""


def test_many_statements_are_logged_once(seed: Run) -> None:
    counted = seed("--json", before=("-v",)).err.count(" ms  SELECT file, hash, rows, loaded")
    assert counted == 1
