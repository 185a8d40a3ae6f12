"""`dbctl repair`: it lists what is wrong with a command for each, and each command mends it."""

import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dbctl.cli.views import repair as repair_views
from dbctl.migrate import mend
from tests.migrate.bad_days import edit, ledger, owned, slip_in
from tests.migrate.conftest import Run
from tests.migrate.test_upgrade import asked, versions
from tests.projects.make import Project, driven, make, table
from tests.runner import Finished
from tests.schema import rows_of, schema_of

Break = Callable[[Project, str], object]


@pytest.fixture
def upgraded(run: Run, chain: Project) -> Project:
    """A project whose database dbctl has brought to r3."""
    assert run("upgrade").code == 0
    return chain


def began(direction: str) -> Break:
    """A revision that began, committed a part, and was interrupted."""

    def broken(_: Project, url: str) -> None:
        step = owned(url, "step")
        columns = "history text, revision text, direction text, started text"
        asked(url, f"CREATE TABLE IF NOT EXISTS {step} ({columns})")
        row = f"('alembic_version', 'r3', '{direction}', '2025-01-01T00:00:00Z')"
        asked(url, f"INSERT INTO {step} VALUES {row}")
        if direction == "upgrade":
            asked(url, "UPDATE alembic_version SET version_num = 'r2'")

    return broken


def sql(statement: str) -> Break:
    return lambda _, url: asked(url, statement)


# The fault: how it is made, its kind and object, the options that mend it.
FAULTS: dict[str, tuple[Break, str, str, list[str]]] = {
    "edited": (lambda p, _: edit(p), "edited", "r2", ["--accept r2"]),
    "slipped in": (
        lambda p, _: slip_in(p),
        *("slipped_in", "r2b", ["--apply r2b", "--mark-applied r2b"]),
    ),
    "an ancestor": (
        sql("INSERT INTO alembic_version VALUES ('r1')"),
        *("ancestor_row", "r1", ["--remove-ancestor"]),
    ),
    "began": (began("upgrade"), "step", "r3", ["--finish r3", "--undo r3"]),
    "began to go down": (began("downgrade"), "step", "r3", ["--finish r3", "--undo r3"]),
    "leftover": (
        sql("CREATE TABLE _alembic_tmp_t1 (id INTEGER)"),
        *("leftover", "_alembic_tmp_t1", ["--leftover _alembic_tmp_t1"]),
    ),
    "leftover alone": (
        sql("ALTER TABLE t1 RENAME TO _alembic_tmp_t1"),
        *("leftover", "_alembic_tmp_t1", ["--leftover _alembic_tmp_t1"]),
    ),
}


def findings(done: Finished) -> list[tuple[str, str]]:
    return [(one["kind"], one["object"].strip('"')) for one in done.json["findings"]]


def unquoted(words: list[str]) -> list[str]:
    return [word.strip('"') for word in words]


def test_where_nothing_is_wrong_it_says_so(run: Run, upgraded: Project) -> None:
    done = run("repair")
    assert (done.code, done.json["findings"], done.json["done"]) == (0, [], [])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_alone_it_lists_the_fault_with_its_commands_and_changes_nothing(
    run: Run, upgraded: Project, database_url: str, fault: tuple[Break, str, str, list[str]]
) -> None:
    breaks, kind, name, options = fault
    breaks(upgraded, database_url)
    before = schema_of(database_url), versions(database_url), ledger(database_url)
    done = run("repair")
    assert (done.code, findings(done)) == (1, [(kind, name)])
    fixes = [unquoted(shlex.split(one)) for one in done.json["findings"][0]["fixes"]]
    assert fixes == [["dbctl", "repair", *option.split()] for option in options]
    assert (schema_of(database_url), versions(database_url), ledger(database_url)) == before


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_without_a_terminal_an_option_needs_a_yes(
    run: Run, upgraded: Project, database_url: str, fault: tuple[Break, str, str, list[str]]
) -> None:
    fault[0](upgraded, database_url)
    before = schema_of(database_url), versions(database_url), ledger(database_url)
    for one in run("repair").json["findings"][0]["fixes"]:
        done = run(*shlex.split(one)[1:])
        assert (done.code, "--yes" in done.json["error"]["hint"]) == (5, True)
    assert (schema_of(database_url), versions(database_url), ledger(database_url)) == before


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
def test_a_command_that_is_offered_mends_the_fault(
    run: Run,
    upgraded: Project,
    database_url: str,
    fault: tuple[Break, str, str, list[str]],
    which: int,
) -> None:
    fault[0](upgraded, database_url)
    words = shlex.split(run("repair").json["findings"][0]["fixes"][which])
    done = run("--yes", *words[1:])
    assert (done.code, findings(done), len(done.json["done"])) == (0, [], 1), str(done)
    assert run("repair").code == 0


def mended(run: Run, *options: str) -> None:
    done = run("--yes", "repair", *options)
    assert done.code == 0, str(done)


def test_apply_runs_the_revision_and_leaves_the_version_alone(
    run: Run, upgraded: Project, database_url: str
) -> None:
    slip_in(upgraded)
    mended(run, "--apply", "r2b")
    assert versions(database_url) == ["r3"]
    assert "t_r2b" in rows_of(database_url)
    assert ledger(database_url)[-1] == ("r2b", "upgrade")
    assert run("--yes", "downgrade", "base").code == 0


def test_apply_of_one_that_fails_leaves_nothing(
    run: Run, upgraded: Project, database_url: str
) -> None:
    slip_in(upgraded)
    upgraded.revision("r2b", "r2", up=f'{table("half")}\nop.execute("NONSENSE")')
    before = schema_of(database_url)
    done = run("--yes", "repair", "--apply", "r2b")
    assert (done.code, "r2b failed" in done.json["error"]["message"]) == (6, True), str(done)
    assert (schema_of(database_url), versions(database_url)) == (before, ["r3"])


def test_of_two_that_were_slipped_in_the_lower_one_comes_first(
    run: Run, upgraded: Project, database_url: str
) -> None:
    slip_in(upgraded, "r2b")
    slip_in(upgraded, "r2a", below="r2b")
    refused = run("--yes", "repair", "--apply", "r2b")
    assert (refused.code, refused.json["error"]["hint"]) == (5, "first: dbctl repair --apply r2a")
    mended(run, "--apply", "r2a")
    mended(run, "--apply", "r2b")
    assert run("upgrade").json["already_there"]
    assert {"t_r2a", "t_r2b"} <= set(rows_of(database_url))


def test_mark_applied_runs_nothing(run: Run, upgraded: Project, database_url: str) -> None:
    slip_in(upgraded)
    mended(run, "--mark-applied", "r2b")
    assert "t_r2b" not in rows_of(database_url)
    assert run("upgrade").code == 0


def test_remove_ancestor_leaves_the_newer_row(
    run: Run, upgraded: Project, database_url: str
) -> None:
    asked(database_url, "INSERT INTO alembic_version VALUES ('r1')")
    assert run("upgrade").code == 3
    mended(run, "--remove-ancestor")
    assert versions(database_url) == ["r3"]


@pytest.mark.parametrize(
    ("began_to", "option", "at"),
    [
        ("upgrade", "--finish", ["r3"]),
        ("upgrade", "--undo", ["r2"]),
        ("downgrade", "--finish", ["r2"]),
        ("downgrade", "--undo", ["r3"]),
    ],
)
def test_a_revision_that_began_ends_where_it_is_said(
    upgraded: Project, run: Run, database_url: str, *, began_to: str, option: str, at: list[str]
) -> None:
    began(began_to)(upgraded, database_url)
    mended(run, option, "r3")
    assert versions(database_url) == at
    assert asked(database_url, f"SELECT * FROM {owned(database_url, 'step')}") == []


def test_a_leftover_is_dropped_where_its_table_stands_and_renamed_where_not(
    run: Run, upgraded: Project, database_url: str
) -> None:
    asked(database_url, "ALTER TABLE t1 RENAME TO _alembic_tmp_t1")
    asked(database_url, "CREATE TABLE _alembic_tmp_t2 (id INTEGER)")
    names = {one["object"].strip('"'): one["object"] for one in run("repair").json["findings"]}
    for name in ("_alembic_tmp_t1", "_alembic_tmp_t2"):
        mended(run, "--leftover", names[name])
    rows = rows_of(database_url)
    assert (rows["t1"], rows["t2"]) == (1, 1)
    assert not any(name.startswith("_alembic") for name in rows)


def test_before_a_leftover_is_dropped_its_rows_are_said(
    quick: Run, upgraded: Project, database_url: str
) -> None:
    asked(database_url, "CREATE TABLE _alembic_tmp_t2 (id INTEGER)")
    asked(database_url, "INSERT INTO _alembic_tmp_t2 VALUES (1), (2)")
    (found,) = quick("--json", "repair", cwd=upgraded.root).json["findings"]
    done = quick("repair", "--leftover", found["object"], cwd=upgraded.root)
    assert (done.code, "_alembic_tmp_t2" in rows_of(database_url)) == (5, True)
    assert "1 table with 2 rows" in done.err


@pytest.mark.parametrize(
    "option",
    ["--accept", "--apply", "--mark-applied", "--finish", "--undo", "--drop-index", "--leftover"],
)
def test_what_is_not_wrong_cannot_be_mended(
    run: Run, upgraded: Project, database_url: str, option: str
) -> None:
    before = schema_of(database_url), ledger(database_url)
    done = run("--yes", "repair", option, "t1")
    assert (done.code, done.json["error"]["kind"]) == (1, "not_found"), str(done)
    assert (schema_of(database_url), ledger(database_url)) == before


def test_an_unknown_revision_and_tables_without_a_version_are_listed(
    run: Run, upgraded: Project, database_url: str
) -> None:
    asked(database_url, "UPDATE alembic_version SET version_num = 'gone99'")
    assert findings(run("repair")) == [("unknown", "gone99")]
    asked(database_url, "DELETE FROM alembic_version")
    (one,) = run("repair").json["findings"]
    assert (one["kind"], one["fixes"]) == ("unversioned", ["dbctl adopt"])


def test_an_invalid_index_is_dropped(quick: Run, tmp_path: Path, postgres_url: str) -> None:
    project = make(tmp_path / "mine", url=driven(postgres_url))
    asked(postgres_url, "CREATE TABLE t (a int)")
    asked(postgres_url, "INSERT INTO t VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        asked(postgres_url, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
    listed = quick("--json", "repair", cwd=project.root)
    assert findings(listed) == [("invalid_index", "i")]
    assert quick("--yes", "repair", "--drop-index", "i", cwd=project.root).code == 0
    assert asked(postgres_url, "SELECT FROM pg_class WHERE relname = 'i'") == []


def marked(url: str, key: str = "environment") -> Any:
    found = asked(url, f"SELECT value FROM {owned(url, 'mark')} WHERE key = '{key}'")
    return found[0][0] if found else None


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]


@pytest.fixture
def copied(upgraded: Project, database_url: str) -> Project:
    """The project with a dump of production on a laptop: it still says `prd`."""
    asked(database_url, f"UPDATE {owned(database_url, 'mark')} SET value = 'prd'"
          " WHERE key = 'environment'")  # fmt: skip
    return upgraded


def test_a_copy_of_production_is_refused_until_it_is_marked_anew(
    run: Run, copied: Project, database_url: str
) -> None:
    uuid = marked(database_url, "uuid")
    assert run("--yes", "downgrade", "r2").code == 5
    assert run("--yes", "reset").code == 5
    listed = run("repair")
    assert (listed.code, findings(listed)) == (1, [("mark", "local")])
    done = run("repair", "--mark", "local", "--confirm-name", name_of(database_url))
    assert (done.code, done.json["findings"]) == (0, []), str(done)
    assert marked(database_url) == "local"
    assert marked(database_url, "uuid") not in (uuid, None)
    assert run("--yes", "downgrade", "r2").code == 0


@pytest.mark.parametrize("words", [[], ["--yes"], ["--confirm-name", "other"]], ids=str)
def test_to_mark_anew_the_name_must_be_said(
    run: Run, copied: Project, database_url: str, words: list[str]
) -> None:
    done = run("repair", "--mark", "local", *words)
    assert done.code == 5, str(done)
    assert marked(database_url) == "prd"


def test_an_environment_that_there_is_not_cannot_be_marked(
    run: Run, copied: Project, database_url: str
) -> None:
    done = run("repair", "--mark", "lokal", "--confirm-name", name_of(database_url))
    assert (done.code, "lokal" in done.json["error"]["message"]) == (3, True)
    assert marked(database_url) == "prd"


def test_nothing_else_is_mended_in_another_environments_database(
    run: Run, copied: Project, database_url: str
) -> None:
    edit(copied)
    before = ledger(database_url)
    assert run("--yes", "repair", "--accept", "r2").code == 5
    assert ledger(database_url) == before


def test_several_things_are_mended_in_one_go(run: Run, copied: Project, database_url: str) -> None:
    edit(copied)
    slip_in(copied)
    words = ("--mark", "local", "--confirm-name", name_of(database_url))
    done = run("--yes", "repair", *words, "--accept", "r2", "--apply", "r2b")
    assert (done.code, len(done.json["done"]), done.json["findings"]) == (0, 3, []), str(done)


def test_a_person_sees_each_command_on_a_line_of_its_own(
    quick: Run, upgraded: Project, database_url: str
) -> None:
    slip_in(upgraded)
    edit(upgraded)
    done = quick("repair", cwd=upgraded.root)
    assert "  fix: dbctl repair --apply r2b" in done.lines
    assert "   or: dbctl repair --mark-applied r2b" in done.lines
    assert "  fix: dbctl repair --accept r2" in done.lines


def test_the_bundled_sample_is_kept_out_of_somebodys_database(
    quick: Run, database_url: str, tmp_path: Path
) -> None:
    asked(database_url, "CREATE TABLE users (id INTEGER)")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for command in (("repair",), ("adopt", "--yes")):
        assert quick("--url", database_url, *command, cwd=elsewhere).code == 5


def test_a_file_is_left_as_it_is_by_a_look(quick: Run, tmp_path: Path) -> None:
    project = make(tmp_path / "mine", url="sqlite:///db.sqlite")
    with closing(sqlite3.connect(project.root / "db.sqlite")) as file:
        file.execute("CREATE TABLE t (a)")
    before = (project.root / "db.sqlite").read_bytes()
    assert quick("repair", cwd=project.root).code == 0
    assert (project.root / "db.sqlite").read_bytes() == before


PAGE = Path(__file__).parents[2] / "docs" / "recovery.md"


@pytest.mark.parametrize("kind", repair_views.KINDS)
def test_every_finding_is_on_the_page_for_bad_days(kind: str) -> None:
    assert f"| `{kind}` |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("option", [*mend.MENDERS, "mark"])
def test_every_option_is_on_the_page_for_bad_days(option: str) -> None:
    assert f"`--{option.replace('_', '-')}" in PAGE.read_text(encoding="utf-8")
