"""`dbctl users`, `items` and `posts`, on both databases, as somebody types them."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import runner
from tests.cli.test_imports import RUN, TYPER, imported
from tests.cli.test_questions import terminal
from tests.projects.make import Project
from tests.runner import Finished

Run = Callable[..., Finished]
Say = Callable[..., Finished]
NEW = ["users", "create", "--username", "bob", "--email", "Bob@Example.com"]


@pytest.fixture
def say(quick: Run, sample_url: str) -> Say:
    """`say(*words, stdin=)` on the filled sample, once on each database."""

    def run(*words: str, stdin: str | None = None) -> Finished:
        return quick(*words, "--url", sample_url, stdin=stdin)

    return run


@pytest.fixture
def on_file(quick: Run, sample_sqlite_url: str) -> Say:
    """The same on SQLite alone, for what does not depend on the database."""

    def run(*words: str, stdin: str | None = None) -> Finished:
        return quick(*words, "--url", sample_sqlite_url, stdin=stdin)

    return run


def test_an_account_is_opened_with_a_password_from_stdin(say: Say) -> None:
    done = say(*NEW, "--full-name", "Bob", "--password-stdin", "--json", stdin="correct horse\n")
    assert done.code == 0, done
    row = done.json
    assert (row["id"], row["username"], row["email"]) == (9, "bob", "bob@example.com")
    assert (row["balance"], row["is_superuser"], row["deleted_at"]) == ("0.00", False, None)
    assert not {"password", "hashed_password"} & row.keys()
    assert "$argon2" not in done.out + done.err


def test_a_generated_password_is_printed_once(say: Say) -> None:
    row = say(*NEW, "--generate-password", "--superuser", "--json").json
    assert (len(row["password"]), row["is_superuser"]) == (24, True)
    assert row["password"] not in say("users", "show", "9", "--json").out
    shown = say("users", "password", "9", "--generate-password").lines
    (line,) = [line for line in shown if line.startswith("password")]
    assert len(line.split()[1]) == 24
    assert row["password"] not in line


PASSWORDS = {
    "short": ("short\n", 2, "password"),
    "long": ("x" * 129, 2, "password"),
    "empty": ("", 2, "stdin"),
    "two lines": ("correct horse\nbattery\n", 2, "one line"),
    "endless": ("x" * 100_000, 2, "stdin"),
    "NUL": ("correct\0horse", 2, "NUL"),
}


@pytest.mark.parametrize(("typed", "code", "said"), PASSWORDS.values(), ids=PASSWORDS)
def test_a_password_that_is_none_is_usage(typed: str, code: int, said: str, on_file: Say) -> None:
    done = on_file(*NEW, "--password-stdin", stdin=typed)
    assert (done.code, said in done.err) == (code, True), done
    assert typed.strip() == "" or typed.strip()[:9] not in done.err


@pytest.mark.parametrize("line", [NEW, ["users", "password", "1"]], ids=" ".join)
def test_without_a_terminal_nobody_can_be_asked_for_a_password(
    line: list[str], on_file: Say
) -> None:
    done = on_file(*line)
    assert done.code == 5
    assert "hint: add --password-stdin or --generate-password" in done.err
    assert on_file(*line, "--password-stdin", "--generate-password").code == 2


TYPED = {
    "twice": ([b"correct horse\n", b"correct horse\n"], 0),
    "a slip": ([b"correct\n", b"wrong\n", b"correct horse\n", b"correct horse\n"], 0),
    "short": ([b"short\n", b"short\n"], 2),
    "never the same": ([b"1\n", b"2\n"] * 3, 5),
    "the end": ([b"\x04"], 5),
}


@pytest.mark.parametrize(("keys", "code"), TYPED.values(), ids=TYPED)
def test_a_password_is_typed_twice_and_not_shown(
    keys: list[bytes], code: int, sample_sqlite_url: str, tmp_path: Path
) -> None:
    line = ["users", "password", "1", "--url", sample_sqlite_url]
    with terminal(Project(tmp_path), *line) as at:
        for number, typed in enumerate(keys):
            prompt = "again: " if number % 2 else "password: "
            at.until(prompt, times=number // 2 + 1)
            os.write(at.keyboard, typed)
        assert at.process.wait(timeout=20) == code
    assert "horse" not in at.written + (tmp_path / "out").read_text()


def test_a_taken_name_is_said(say: Say) -> None:
    more = ["--generate-password", "--json"]
    taken = say("users", "create", "--username", "amara", "--email", "new@example.com", *more)
    assert (taken.code, taken.json["error"]["kind"]) == (1, "taken")
    assert "username is taken" in taken.json["error"]["message"]
    taken = say("users", "create", "--username", "new", "--email", "AMARA@example.com", *more)
    assert "email is taken" in taken.json["error"]["message"]
    renamed = say("users", "update", "1", "--username", "amara")
    assert (renamed.code, "username is taken" in renamed.err) == (1, True)


BAD = {
    "address": ["--username", "bob", "--email", "bob"],
    "no dot": ["--username", "bob", "--email", "bob@localhost"],
    "short": ["--username", "b", "--email", "bob@example.com"],
    "space": ["--username", "b ob", "--email", "bob@example.com"],
    "missing": ["--username", "bob"],
    "NUL": ["--username", "bob", "--email", "bob@example.com", "--full-name", "a\0b"],
    "surrogate": ["--username", "bob", "--email", "bob@example.com", "--full-name", "\udcff"],
    "long": ["--username", "bob", "--email", "bob@example.com", "--full-name", "x" * 1_000_000],
}


@pytest.mark.parametrize("more", BAD.values(), ids=BAD)
def test_what_is_no_account_is_usage(more: list[str], on_file: Say) -> None:
    done = on_file("users", "create", *more, "--generate-password")
    assert done.code == 2, done
    assert len(done.err) < 500
    assert on_file("users", "list", "--count", "--json").json["count"] == 8


def every(say: Say, *line: str) -> list[dict[str, Any]]:
    """The rows of all pages."""
    rows: list[dict[str, Any]] = []
    after: list[str] = []
    while True:
        page = say(*line, *after, "--json").json
        rows += page["rows"]
        if page["next"] is None:
            return rows
        after = ["--after", page["next"]]


@pytest.mark.parametrize("sort", ["id", "-balance", "full_name", "-created_at", "email"])
def test_a_list_is_the_same_page_by_page(say: Say, sort: str) -> None:
    whole = say("users", "list", "--sort", sort, "--json").json
    assert (len(whole["rows"]), whole["next"]) == (8, None)
    assert every(say, "users", "list", "--limit", "3", "--sort", sort) == whole["rows"]
    assert "count" not in whole
    assert "hashed_password" not in whole["rows"][0]


def test_a_list_can_be_searched_counted_and_narrowed(say: Say) -> None:
    found = say("users", "list", "--search", "EXAMPLE.ORG", "--limit", "1", "--count", "--json")
    assert (found.json["count"], len(found.json["rows"])) == (3, 1)
    assert say("users", "list", "--search", "%", "--json").json["rows"] == []
    items = every(say, "items", "list", "--owner", "2", "--limit", "3")
    assert {row["owner_id"] for row in items} == {2}
    assert every(say, "posts", "list", "--search", "kiln", "--author", "2")


@pytest.mark.parametrize(
    "more",
    [
        ["--limit", "0"], ["--limit", "1001"], ["--limit", "x"], ["--after", "x"],
        ["--sort", "nothing"], ["--sort", "hashed_password"], ["--deleted", "--all"],
        ["--search", "\udcff"], ["--search", "x" * 100_000], ["--search", "a\0"],
    ],
    ids=lambda more: " ".join(more)[:20],
)  # fmt: skip
def test_a_list_that_cannot_be_is_usage(more: list[str], on_file: Say) -> None:
    done = on_file("users", "list", *more)
    assert done.code == 2, done


def test_a_cursor_leads_on_in_another_process(say: Say, sample_url: str) -> None:
    first = say("users", "list", "--limit", "5", "--json").json
    line = ["users", "list", "--after", first["next"], "--json", "--url", sample_url]
    rest = runner.dbctl(*line)
    assert [row["id"] for row in rest.json["rows"]] == [6, 7, 8]


def test_a_user_is_shown_with_what_is_theirs(say: Say) -> None:
    row = say("users", "show", "2", "--json").json
    assert (row["username"], row["data"]) == ("amara", None)
    assert {item["owner_id"] for item in row["items"]["rows"]} == {2}
    assert row["posts"]["next"] is None
    assert say("items", "show", "4", "--json").json["owner"]["username"] == "amara"
    assert say("posts", "show", "2", "--json").json["author"]["username"] == "amara"


def test_a_row_goes_into_the_bin_and_comes_back(say: Say) -> None:
    assert say("items", "delete", "4", "--json").json["deleted_at"] is not None
    for line in (["show", "4"], ["delete", "4"], ["update", "4", "--title", "x"]):
        done = say("items", *line)
        assert (done.code, "was deleted" in done.err) == (1, True), done
    assert say("items", "show", "4", "--deleted").code == 0
    assert [row["id"] for row in say("items", "list", "--deleted", "--json").json["rows"]] == [4]
    assert say("items", "list", "--all", "--count", "--json").json["count"] == 24
    assert say("items", "restore", "4", "--json").json["deleted_at"] is None
    assert say("items", "restore", "4").code == 1


def test_a_change_touches_what_was_said(say: Say) -> None:
    before = say("users", "show", "8", "--json").json
    after = say("users", "update", "8", "--full-name", "O", "--active", "--json").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed - {"updated_at"} == {"full_name", "is_active"}
    assert say("users", "update", "8", "--full-name", "", "--json").json["full_name"] is None
    assert say("users", "update", "8").code == 2


def test_an_item_is_offered_and_changed(say: Say) -> None:
    made = say("items", "create", "--owner", "1", "--title", "Key", "--price", "2.5", "--json").json
    assert (made["id"], made["price"], made["description"]) == (25, "2.50", None)
    said = ["--price", "3", "--description", "d"]
    changed = say("items", "update", "25", *said, "--json").json
    assert (changed["title"], changed["price"], changed["description"]) == ("Key", "3.00", "d")
    for more in (["--price", "-1"], ["--price", "1.001"], ["--price", "NaN"], ["--title", " "]):
        assert say("items", "update", "25", *more).code == 2
    assert say("items", "create", "--owner", "99", "--title", "K", "--price", "1").code == 1


def test_a_post_is_published_and_changed(say: Say) -> None:
    line = ["posts", "create", "--author", "1", "--title", "Ærø & Malmö", "--content", "-"]
    made = say(*line, "--json", stdin="first\nsecond\n").json
    assert (made["slug"], made["content"]) == ("aero-malmoe", "first\nsecond\n")
    assert say(*line, "--json", stdin="x").json["slug"] == "aero-malmoe--2"
    assert say(*line, "--slug", "aero-malmoe", stdin="x").code == 1
    update = ["posts", "update", str(made["id"])]
    assert say(*update, "--slug", "Not One").code == 2
    assert say(*update, "--title", "T", "--json").json["slug"] == made["slug"]


def test_a_purge_asks_and_says_who_is_in_the_way(say: Say) -> None:
    refused = say("users", "purge", "8")
    assert (refused.code, "hint: add --yes" in refused.err) == (5, True)
    assert (say("users", "purge", "1", "--yes").code) == 1
    made = say(*NEW, "--generate-password", "--json").json
    done = say("users", "purge", str(made["id"]), "--yes", "--json")
    assert done.json == {"table": "users", "id": made["id"]}
    assert say("users", "show", str(made["id"]), "--deleted").code == 1
    assert say("users", "purge", str(made["id"]), "--yes").code == 1


def test_money_goes_from_one_to_another(say: Say) -> None:
    done = say("users", "transfer", "1", "2", "40", "--json").json
    assert done["amount"] == "40.00"
    assert (done["source"]["balance"], done["target"]["balance"]) == ("1200.00", "358.50")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["1", "1", "5"], 2), (["1", "2", "0"], 2), (["1", "2", "0.001"], 2), (["1", "2", "x"], 2),
        (["1", "2", "NaN"], 2), (["1", "2", "1e400"], 2), (["1", "2", "1240.01"], 1),
        (["1", "99", "1"], 1), (["99", "1", "1"], 1), (["1", str(2**63), "1"], 1),
        (["1", "2", "--", "-5"], 2), (["1", "x", "5"], 2), (["9" * 5000, "2", "5"], 2),
    ],
    ids=lambda one: " ".join(one)[:20] if isinstance(one, list) else "",
)  # fmt: skip
def test_money_that_cannot_go_stays(line: list[str], code: int, on_file: Say) -> None:
    done = on_file("users", "transfer", *line)
    assert done.code == code, done
    assert on_file("users", "show", "1", "--json").json["balance"] == "1240.00"


@pytest.mark.parametrize("noun", ["users", "items", "posts"])
@pytest.mark.parametrize("id_", ["0", "99", str(2**31), str(2**63), str(10**400)])
def test_a_number_that_is_no_id_is_not_found(noun: str, id_: str, on_file: Say) -> None:
    for verb in ("show", "delete", "restore"):
        done = on_file(noun, verb, id_)
        assert (done.code, "there is no" in done.err) == (1, True), done


HOSTILE = {
    "markup": "[/b][red]x", "colour": "\x1b[31mred", "title": "\x1b]0;t\x07", "percent": "100%s",
    "quotes": "a'b\"c", "lines": "a\nerror: b", "direction": "\u202egnp.exe", "zero": "a\u200bb",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_are_called_is_text(text: str, say: Say) -> None:
    assert say("users", "update", "2", "--full-name", text, "--json").json["full_name"] == text
    assert say("items", "update", "4", "--title", text, "--json").json["title"] == text
    for line in (
        ["users", "list"],
        ["users", "show", "2"],
        ["items", "list"],
        ["items", "show", "4"],
    ):
        done = say(*line)
        assert done.code == 0
        assert {c for c in done.out + done.err if not c.isprintable()} <= {"\n"}
    assert say("users", "list", "--search", text, "--json").json["rows"][0]["id"] == 2


def test_the_place_is_said_before_a_write(say: Say) -> None:
    done = say("items", "delete", "1")
    assert done.error_lines[0].startswith("local: ")
    assert "at 22e87ea39f22" in done.error_lines[0]
    assert say("items", "restore", "1", "-q").err == ""


def test_a_file_that_is_missing_is_not_made(quick: Run, tmp_path: Path) -> None:
    for line in (["users", "list"], ["users", "delete", "1"]):
        done = quick(*line, cwd=tmp_path)
        assert (done.code, "dbctl up" in done.err) == (4, True), done
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_said(quick: Run, closed_port: int) -> None:
    done = quick("users", "list", "--url", f"postgresql://x@127.0.0.1:{closed_port}/x")
    assert (done.code, "connection refused" in done.err) == (4, True)


def test_somebody_elses_users_are_left_alone(quick: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data.db")) as connection:
        connection.execute("CREATE TABLE users (id integer)")
    for line in (["users", "list"], ["users", "delete", "1"]):
        assert quick(*line, cwd=tmp_path).code == 5


def test_a_database_that_is_behind_is_said(quick: Run, database_url: str) -> None:
    for line in (["database", "create"], ["upgrade", "e60d6aa39df4"]):
        assert quick(*line, "--url", database_url).code == 0
    done = quick("items", "list", "--url", database_url)
    assert (done.code, "lacks a table" in done.err) == (1, True), done


def test_a_locked_file_is_waited_for_and_then_said(sample_sqlite_url: str, quick: Run) -> None:
    file = sample_sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        line = ["users", "transfer", "1", "2", "1", "--url", f"{sample_sqlite_url}?timeout=0.3"]
        done = quick(*line)
        other.execute("ROLLBACK")
    assert (done.code, "locked" in done.err) == (8, True), done


def test_ten_processes_at_once_lose_nothing(sample_sqlite_url: str, quick: Run) -> None:
    line = [sys.executable, "-m", "dbctl", "users", "transfer", "1", "2", "1", "-q"]
    here = [
        subprocess.Popen(
            [*line, "--url", sample_sqlite_url],
            env=runner.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(10)
    ]
    assert [(one.communicate()[1], one.returncode) for one in here] == [(b"", 0)] * 10
    shown = quick("users", "show", "1", "--json", "--url", sample_sqlite_url).json
    assert shown["balance"] == "1230.00"


def test_a_list_imports_what_it_needs(sample_sqlite_url: str, tmp_path: Path) -> None:
    found = imported(
        RUN.format(line=["users", "list", "--json", "--url", sample_sqlite_url]), tmp_path
    )
    unwanted = {"asyncpg", "psycopg", "rich", "httpx", "mako"}
    assert not found & (unwanted - imported(TYPER, tmp_path)), "old Typers bring Rich"
