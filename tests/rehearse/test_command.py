"""The command: a copy that comes and goes, the original as it was, verdicts and reports."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dbctl.database.url import Url
from tests.projects.make import Project, driven
from tests.rehearse.conftest import ROWS, SQLITE
from tests.runner import Finished
from tests.schema import rows_of, schema_of
from tests.servers.server import Server

Run = Callable[..., Finished]
DANGEROUS = {
    "up": 'op.execute("ALTER TABLE authors ADD r float DEFAULT random()")',
    "undo": 'op.drop_column("authors", "r")',
}
SAFE = {
    "up": 'op.create_table("t", sa.Column("i", sa.Integer()))',
    "undo": 'op.drop_table("t")',
}
# A revision that fails when somebody is connected to the original while it runs.
ALONE = """\
found = op.get_bind().execute(sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'")).scalar()
assert not found, "somebody is connected to the original"
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The library, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"library_{request.param}_url"))


@pytest.fixture
def run(quick: Run, home: Project) -> Run:
    """`run(url, *args)`: the command inside the project."""

    def command(url: str, *args: str) -> Finished:
        return quick("rehearse", "--url", driven(url), *args, cwd=home.root)

    return command


def copies(server: Server, url: str) -> list[str]:
    """Databases beside the library's that rehearsals made; their names begin as its own does."""
    name = (Url.parse(url).name or "")[:16]
    found = [one for (one,) in server.run("SELECT datname FROM pg_database")]
    return [one for one in found if one.startswith(name) and "rehearse" in one]


def test_a_safe_revision_is_exit_0(run: Run, home: Project, url: str) -> None:
    home.revision("r2", "r1", **SAFE)
    done = run(url, "--json")
    assert done.code == 0, str(done)
    (revision,) = done.json["revisions"]
    assert (done.json["verdict"], revision["round_trip"]) == ("safe", "same")
    assert (done.json["from"], done.json["to"]) == (["r1"], ["r2"])


def test_a_loss_is_exit_1_and_the_original_keeps_it(run: Run, home: Project, url: str) -> None:
    before = schema_of(url), rows_of(url)
    home.revision("r2", "r1", up='op.drop_table("books")', undo="raise NotImplementedError")
    done = run(url, "--json")
    assert (done.code, done.json["verdict"]) == (1, "risky")
    lost = done.json["revisions"][0]["lost"][0]
    assert (lost["relation"], lost["column"], lost["values"]) == ("books", None, ROWS)
    assert (schema_of(url), rows_of(url)) == before


def test_a_failing_revision_ends_it(run: Run, home: Project, url: str) -> None:
    home.revision("r2", "r1", up='op.drop_table("nothing")')
    home.revision("r3", "r2", **SAFE)
    done = run(url, "--json")
    assert (done.code, done.json["verdict"]) == (1, "failed")
    assert [one["verdict"] for one in done.json["revisions"]] == ["failed"]
    assert done.json["notes"] == ["not run: r3"]


def test_nothing_pending_is_safe(run: Run, url: str) -> None:
    done = run(url)
    assert done.code == 0
    assert "nothing is pending" in done.out


def test_the_copy_is_gone_afterwards(
    run: Run, home: Project, library_postgres_url: str, server: Server
) -> None:
    home.revision("r2", "r1", **DANGEROUS)
    assert run(library_postgres_url).code == 1
    assert copies(server, library_postgres_url) == []


def test_nobody_is_connected_to_the_original_meanwhile(
    run: Run, home: Project, library_postgres_url: str
) -> None:
    name = Url.parse(library_postgres_url).name
    home.revision("r2", "r1", up=ALONE.format(name), undo=ALONE.format(name))
    done = run(library_postgres_url, "--json", "--load")
    assert done.code == 0, str(done)


def test_keep_leaves_the_copy_and_says_its_name(
    run: Run, quick: Run, home: Project, library_sqlite_url: str
) -> None:
    home.revision("r2", "r1", **SAFE)
    done = run(library_sqlite_url, "--json", "--keep")
    listed = quick("--url", library_sqlite_url, "--json", "branch", "list", cwd=home.root)
    names = [one["name"] for one in listed.json["branches"]]
    assert (done.json["kept"], done.json["branch"] in names) == (True, True)


def test_the_view_shows_lines_locks_and_reasons(
    run: Run, home: Project, library_postgres_url: str
) -> None:
    home.revision("r2", "r1", **DANGEROUS)
    done = run(library_postgres_url)
    assert done.lines[0].startswith("RISKY  1 of 1 revision not safe")
    assert ":16" in done.out
    assert "rewrites authors" in done.out
    assert "blocks reads and writes" in done.out
    assert max(map(len, done.lines[:6])) <= 80


HOSTILE = "</td><script>alert(1)</script>|`x` [a](javascript:b)"


@pytest.mark.parametrize("ending", [".md", ".html", ".json"])
def test_a_report_is_written_and_holds_no_code(
    run: Run, home: Project, library_sqlite_url: str, tmp_path: Path, ending: str
) -> None:
    home.revision("r2", "r1", message=HOSTILE, **SAFE)
    file = tmp_path / f"report{ending}"
    assert run(library_sqlite_url, "--report", str(file)).code == 0
    text = file.read_text(encoding="utf-8")
    assert "r2" in text
    assert "<script>" not in text or json.loads(text)["verdict"] == "safe"
    assert "http" not in text or ending == ".json"


def test_an_unknown_kind_of_report_is_refused_before_anything_runs(
    run: Run, library_sqlite_url: str
) -> None:
    done = run(library_sqlite_url, "--report", "report.pdf")
    assert (done.code, "pdf" in done.err) == (2, True)


def test_from_may_be_another_database(run: Run, home: Project, tmp_path: Path) -> None:
    other, empty = tmp_path / "other.db", tmp_path / "empty.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.executescript(SQLITE)
    home.revision("r2", "r1", up='op.drop_table("books")', undo="raise NotImplementedError")
    done = run(f"sqlite:///{empty}", "--json", "--from", f"sqlite:///{other}")
    assert done.json["revisions"][0]["lost"][0]["values"] == ROWS
    assert not empty.exists()


def test_from_may_be_a_branch_or_a_snapshot(
    run: Run, quick: Run, home: Project, library_sqlite_url: str
) -> None:
    place = ("--url", library_sqlite_url)
    for words in (("branch", "create", "mine"), ("snapshot", "create", "kept")):
        assert quick(*words, *place, cwd=home.root).code == 0
    home.revision("r2", "r1", up='op.drop_table("books")', undo="raise NotImplementedError")
    for source in ("branch:mine", "snapshot:kept"):
        done = run(library_sqlite_url, "--json", "--from", source)
        assert done.json["revisions"][0]["lost"][0]["values"] == ROWS, str(done)


def test_an_unknown_source_is_a_usage_error(run: Run, library_sqlite_url: str) -> None:
    done = run(library_sqlite_url, "--from", "nowhere")
    assert (done.code, "branch:NAME" in done.err) == (2, True)


def test_a_copy_without_rows_knows_the_originals(
    run: Run, home: Project, library_postgres_url: str
) -> None:
    home.revision("r2", "r1", **DANGEROUS)
    done = run(library_postgres_url, "--json", "--schema-only", "--generate", "authors=20")
    (revision,) = done.json["revisions"]
    assert (done.json["verdict"], revision["rewrites"]) == ("risky", ["authors"])
    assert done.json["scaled"] is True
    assert revision["estimate"] > revision["seconds"]


LOCKED = {
    "up": 'op.execute("LOCK authors")\nop.execute("SELECT pg_sleep(0.4)")',
    "undo": "pass",
}


def test_load_meets_the_lock(run: Run, home: Project, library_postgres_url: str) -> None:
    home.revision("r2", "r1", **LOCKED)
    load = run(library_postgres_url, "--json", "--load").json["load"]
    worst = {(one["relation"], one["kind"]): one["seconds"] for one in load["stalls"]}
    assert set(worst) == {("authors", "reads"), ("authors", "writes")}
    assert all(0.3 < seconds < 2 for seconds in worst.values()), worst
    assert load["operations"] > 10


def test_load_on_sqlite_meets_the_one_lock(
    run: Run, home: Project, library_sqlite_url: str
) -> None:
    body = 'op.execute("UPDATE books SET title = 1")\nimport time\ntime.sleep(0.4)'
    home.revision("r2", "r1", up=body)
    load = run(library_sqlite_url, "--json", "--load").json["load"]
    worst = {(one["relation"], one["kind"]): one["seconds"] for one in load["stalls"]}
    assert worst["books", "writes"] > 0.3


BREAKS = {
    "renamed": ('op.alter_column("authors", "name", new_column_name="title")', "select"),
    "required": (
        'op.add_column("authors", sa.Column("n", sa.Text(), server_default="x", nullable=False))\n'
        'op.alter_column("authors", "n", server_default=None)',
        "insert",
    ),
    "optional": ('op.add_column("authors", sa.Column("n", sa.Text()))', None),
}


@pytest.mark.parametrize("case", BREAKS)
@pytest.mark.parametrize("at", [(), ("--app-at", "HEAD")], ids=["schema", "models"])
def test_code_that_runs_now_must_go_on(
    run: Run, home: Project, library_postgres_url: str, case: str, at: tuple[str, ...]
) -> None:
    committed(home)
    up, action = BREAKS[case]
    home.revision("r2", "r1", up=up, undo="raise NotImplementedError")
    done = run(library_postgres_url, "--json", "--no-round-trip", *at)
    breaks = [(one["table"], one["action"]) for one in done.json["app"]["breaks"]]
    assert breaks == ([("authors", action)] if action else []), str(done)
    assert done.json["verdict"] == ("risky" if action else "safe")


def committed(project: Project) -> None:
    """The project in a repository, with one commit."""
    (project.root / ".git").rmdir()
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=project.root, check=True)


def test_an_unknown_git_reference_is_refused_at_once(
    run: Run, home: Project, library_sqlite_url: str
) -> None:
    done = run(library_sqlite_url, "--app-at", "nowhere")
    assert (done.code, "git knows no" in done.err) == (2, True)


def test_what_lint_says_is_confirmed_or_dismissed(
    run: Run, home: Project, library_postgres_url: str
) -> None:
    index = 'op.create_index("ix_{0}", "{0}", ["name"])'
    home.revision("r2", "r1", up=f"{index.format('authors')}\n{index.format('shelves')}")
    found = run(library_postgres_url, "--json").json["lint"]
    said = {(one["table"], one["line"]): one["measured"] for one in found if one["table"]}
    assert said["authors", 16] == "confirmed", found
    assert said["shelves", 17] == "dismissed", found
