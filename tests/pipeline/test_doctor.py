"""`dbctl doctor`: every fault has its line, and the fix that stands there is one."""

import shlex
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.projects import envs
from tests.projects.make import EMPTY_MODELS, Project, driven, make
from tests.runner import Finished
from tests.servers.server import Server

Run = Callable[..., Finished]
Break = Callable[[Project, str], object]


def execute(url: str, *statements: str) -> None:
    """Run statements, each for itself, behind dbctl's back."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split(":///")[1], isolation_level=None)) as file:
            for statement in statements:
                file.execute(statement)
        return
    with psycopg.connect(url, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def found(done: Finished) -> dict[str, Any]:
    """The findings by their check; of several with one name the first."""
    return {one["check"]: one for one in reversed(done.json["findings"])}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A project with the revisions r1 to r3."""
    made = make(tmp_path / "mine", url=driven(database_url))
    made.chain()
    return made


@pytest.fixture
def doctor(quick: Run, project: Project) -> Run:
    """`doctor()`: what it says in the project."""
    return lambda *args: quick("--json", *args, "doctor", cwd=project.root)


@pytest.fixture
def upgraded(dbctl: Run, project: Project) -> Project:
    """The same project, its database at r3."""
    done = dbctl("up", "--no-seed", cwd=project.root)
    assert done.code == 0, str(done)
    return project


def sql(*statements: str) -> Break:
    """A fault of the database."""
    return lambda _, url: execute(url, *statements)


def file(name: str, text: str) -> Break:
    """A fault of a file."""
    return lambda project, _: project.write(name, text)


def two_heads(project: Project, _: str) -> None:
    project.revision("x1", "r2")


def pending(project: Project, _: str) -> None:
    project.revision("r4", "r3")


def twins(project: Project, _: str) -> None:
    project.write("migrations/versions/twin.py", (project.versions / "r2_.py").read_text())


def hole(project: Project, _: str) -> None:
    (project.versions / "r2_.py").unlink()


def circle(project: Project, _: str) -> None:
    project.revision("r1", "r3")


# The fault: how it is made, what says so, how bad it is, words of the detail, words of the fix.
FAULTS: dict[str, tuple[Break, str, str, str, str]] = {
    "no version table": (
        sql("DROP TABLE alembic_version"),
        *("version", "error", "no version table, but there are 3 tables", "dbctl adopt"),
    ),
    "an empty version table": (
        sql("DELETE FROM alembic_version"),
        *("version", "error", "the version table is empty, but there are 3", "dbctl adopt"),
    ),
    "two rows, one below the other": (
        sql("INSERT INTO alembic_version VALUES ('r1')"),
        *("version", "error", "2 rows", "dbctl stamp --purge r3"),
    ),
    "an unknown revision": (
        sql("UPDATE alembic_version SET version_num = 'gone99'"),
        *("version", "error", "gone99, which no file", "--purge"),
    ),
    "several heads": (two_heads, "revisions", "error", "2 heads: r3, x1", "dbctl merge"),
    "one id twice": (twins, "revisions", "error", "twin.py have one id: r2", "delete one"),
    "a missing file": (hole, "revisions", "error", "follows revision r2", "version control"),
    "a circle": (circle, "revisions", "error", "in a circle", ""),
    "a file that is no Python": (
        file("migrations/versions/r4_.py", "revision = 'r4\n"),
        *("revisions", "error", "r4_.py:1", "mend the file"),
    ),
    "a leftover": (
        sql("CREATE TABLE _alembic_tmp_t1 (id INTEGER)"),
        *("leftovers", "error", "_alembic_tmp_t1", "DROP TABLE"),
    ),
    "a leftover that is the table": (
        sql("ALTER TABLE t1 RENAME TO _alembic_tmp_t1"),
        *("leftovers", "error", "is gone", "RENAME TO"),
    ),
    "a broken env.py": (
        file("migrations/env.py", "x = 1\nx / 0\n"),
        *("models", "error", "ZeroDivisionError", "env.py:2"),
    ),
    "no metadata": (
        file("migrations/env.py", envs.NO_METADATA),
        *("models", "warning", "no target_metadata", "target_metadata = Base.metadata"),
    ),
    "empty metadata": (
        file("models.py", EMPTY_MODELS),
        *("models", "error", "no model is loaded", "import the modules"),
    ),
    "pending revisions": (pending, "pending", "warning", "1, the first is r4", "dbctl upgrade"),
}
CURABLE = (
    "two rows, one below the other",
    "several heads",
    "a leftover",
    "a leftover that is the table",
    "pending revisions",
)


def test_nothing_is_wrong_with_a_project_that_works(doctor: Run, upgraded: Project) -> None:
    done = doctor()
    assert done.code == 0, str(done)
    assert done.json["ok"] is True
    # An Alembic without plug-ins is a warning of its own.
    rest = [one for one in done.json["findings"] if one["check"] != "autogenerate"]
    assert {one["level"] for one in rest} == {"ok"}
    assert {"versions", "project", "url", "connection", "version", "models"} <= set(found(done))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_has_its_line_and_its_fix(
    fault: tuple[Break, str, str, str, str], doctor: Run, upgraded: Project, database_url: str
) -> None:
    breaks, check, level, detail, fix = fault
    breaks(upgraded, database_url)
    done = doctor()
    said = found(done)[check]
    assert said["level"] == level
    assert detail in said["detail"]
    assert fix in said["fix"]
    broken = 3 if check == "models" else 1
    assert done.code == (broken if level == "error" else 0)
    assert done.json["ok"] is (level != "error")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_hides_no_other_check(
    fault: tuple[Break, str, str, str, str], doctor: Run, upgraded: Project, database_url: str
) -> None:
    fault[0](upgraded, database_url)
    checks = set(found(doctor()))
    assert {"versions", "project", "url", "revisions", "models", "connection"} <= checks
    assert "version" in checks


@pytest.mark.parametrize("name", CURABLE)
def test_the_fix_cures(
    name: str, doctor: Run, dbctl: Run, upgraded: Project, database_url: str
) -> None:
    breaks, check, *_ = FAULTS[name]
    breaks(upgraded, database_url)
    words = shlex.split(found(doctor())[check]["fix"])
    assert words[0] == "dbctl"
    done = dbctl(*words[1:], cwd=upgraded.root)
    assert done.code == 0, str(done)
    assert found(doctor()).get(check, {"level": "ok"})["level"] == "ok"


def test_an_invalid_index_is_found_and_dropped(
    quick: Run, dbctl: Run, tmp_path: Path, postgres_url: str
) -> None:
    root = make(tmp_path / "mine", url=driven(postgres_url)).root
    execute(postgres_url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        execute(postgres_url, 'CREATE UNIQUE INDEX CONCURRENTLY "My Index" ON t (a)')
    fix = found(quick("--json", "doctor", cwd=root))["indexes"]["fix"]
    done = dbctl(*shlex.split(fix.partition(", then")[0])[1:], cwd=root)
    assert done.code == 0, str(done)
    assert "indexes" not in found(quick("--json", "doctor", cwd=root))


def test_a_leftover_with_a_hostile_name_is_dropped_alone(
    doctor: Run, dbctl: Run, upgraded: Project, database_url: str
) -> None:
    name = "_alembic_tmp_x\"; DROP TABLE t1; --' $(touch pwned)\x1b[31m"
    quoted = name.replace('"', '""')
    execute(
        database_url,
        f'CREATE TABLE "{quoted}" (id INTEGER)',
        f'CREATE TABLE "{quoted[13:]}" (a INTEGER)',
    )
    fix = found(doctor())["leftovers"]["fix"]
    subprocess.run(["sh", "-c", f"set -- {fix}; test $# -eq 4"], check=True, cwd=upgraded.root)
    assert not (upgraded.root / "pwned").exists()
    assert dbctl(*shlex.split(fix)[1:], cwd=upgraded.root).code == 0
    assert "leftovers" not in found(doctor())
    assert "3 tables" not in found(doctor())["version"]["detail"]
    execute(database_url, "SELECT * FROM t1")


def test_a_fault_shows_no_escape_sequence(quick: Run, upgraded: Project, database_url: str) -> None:
    execute(database_url, 'CREATE TABLE "_alembic_tmp_\x1b[31m" (id INTEGER)')
    assert "\x1b" not in quick("doctor", cwd=upgraded.root).out


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_branch_that_has_an_unknown_revision_is_named(
    doctor: Run, upgraded: Project, database_url: str
) -> None:
    (upgraded.root / ".git").rmdir()
    git(upgraded, "init", "-q", "-b", "main")
    commit(upgraded)
    git(upgraded, "checkout", "-q", "-b", "feature/far-away")
    upgraded.revision("far1", "r3")
    upgraded.revision("far2", "far1")
    commit(upgraded)
    git(upgraded, "checkout", "-q", "main")
    execute(database_url, "UPDATE alembic_version SET version_num = 'far1'")
    said = found(doctor())["version"]
    assert "feature/far-away" in said["detail"]
    git(upgraded, *shlex.split(said["fix"])[1:])
    assert found(doctor())["version"]["level"] == "ok"


def git(project: Project, *words: str) -> None:
    """Run git in the project."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *who, *words], cwd=project.root, check=True, capture_output=True)


def commit(project: Project) -> None:
    """Commit all there is."""
    git(project, "add", "-A", "migrations")
    git(project, "commit", "-q", "-m", "x")


def test_without_a_connection_the_files_are_still_looked_at(
    quick: Run, tmp_path: Path, closed_port: int
) -> None:
    project = make(
        tmp_path / "mine", url=f"postgresql+psycopg://u:s3cret@127.0.0.1:{closed_port}/x"
    )
    project.chain()
    twins(project, "")
    done = quick("--json", "doctor", cwd=project.root)
    assert done.code == 1
    assert "connection refused" in found(done)["connection"]["detail"]
    assert "one id: r2" in found(done)["revisions"]["detail"]
    assert found(done)["models"]["level"] == "ok"
    assert "s3cret" not in done.out + done.err


# An env.py that gives its models to `context.configure` only when it is connected.
CONNECTED = envs.SYNC.replace("        target_metadata=target_metadata,\n", "", 1)


def test_models_that_are_given_only_to_a_connection_are_found(
    doctor: Run, upgraded: Project
) -> None:
    assert CONNECTED != envs.SYNC
    upgraded.write("migrations/env.py", CONNECTED)
    assert "1 table in" in found(doctor())["models"]["detail"]
    said = found(doctor("--url", "postgresql://u@127.0.0.1:1/x"))["models"]
    assert said["level"] == "warning"
    assert "only when it is connected" in said["detail"]


def test_a_database_that_does_not_exist_is_made_by_up(
    quick: Run, tmp_path: Path, missing_postgres_url: str
) -> None:
    root = make(tmp_path / "mine", url=driven(missing_postgres_url)).root
    said = found(quick("--json", "doctor", cwd=root))["connection"]
    assert said["level"] == "error"
    assert "dbctl up" in said["fix"]


@pytest.mark.parametrize("words", [(), ("--env", "nope"), ("--url", "mysql://x/y")])
def test_settings_that_cannot_be_read_are_a_finding(
    words: tuple[str, ...], quick: Run, tmp_path: Path
) -> None:
    project = make(tmp_path / "mine", url="sqlite:///x.db")
    project.chain()
    project.write("pyproject.toml", "" if words else '[tool.dbctl]\nmetdata = "x"\n')
    done = quick("--json", *words, "doctor", cwd=project.root)
    assert done.code == 3
    assert found(done)["settings"]["level"] == "error"
    assert "3 in" in found(done)["revisions"]["detail"]


def test_the_project_line_tells_async_from_sync(quick: Run, tmp_path: Path) -> None:
    made = {"one": envs.ASYNC, "two": envs.SYNC}
    said = []
    for name, env in made.items():
        project = make(tmp_path / name, env=env, url="sqlite:///x.db")
        said.append(found(quick("--json", "doctor", cwd=project.root))["project"]["detail"])
    assert "async env.py, aiosqlite" in said[0]
    assert "; sync env.py, pysqlite" in said[1]


def test_a_driver_that_is_missing_names_what_to_install(
    doctor: Run, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbctl.pipeline.doctor.find_spec", lambda _: None)
    said = found(doctor())["driver"]
    assert said["level"] == "error"
    assert said["fix"].startswith("pip install ")


def test_heads_of_named_branches_are_no_fault(doctor: Run, upgraded: Project) -> None:
    upgraded.revision("r1", None, labels="one", up="pass")
    upgraded.revision("z1", None, labels="two")
    assert found(doctor())["revisions"]["level"] == "ok"


# Not an address that dbctl takes for this machine, although it is one.
ELSEWHERE = "127.1"


@pytest.mark.parametrize(
    ("query", "level"),
    [("", "error"), ("?sslmode=prefer", "error"), ("?sslmode=disable", "warning")],
)
def test_a_remote_server_without_tls_is_found(
    query: str, level: str, quick: Run, tmp_path: Path, server: Server
) -> None:
    root = make(tmp_path / "mine").root
    url = server.url().replace("127.0.0.1", ELSEWHERE) + query
    said = found(quick("--json", "--url", url, "doctor", cwd=root))["tls"]
    assert said["level"] == level
    assert said["fix"]


def test_tls_is_shown_with_its_version(quick: Run, tmp_path: Path, tls_server: Server) -> None:
    root = make(tmp_path / "mine").root
    done = quick("--json", "--url", f"{tls_server.url()}?sslmode=require", "doctor", cwd=root)
    assert found(done)["tls"]["level"] == "ok"
    assert "TLSv1" in found(done)["tls"]["detail"]


def test_a_pooler_is_named_with_the_direct_host(quick: Run, tmp_path: Path) -> None:
    root = make(tmp_path / "mine").root
    url = "postgresql://u@ep-a-pooler.eu.invalid/x"
    said = found(quick("--json", "--url", url, "doctor", cwd=root))["pooler"]
    assert said["level"] == "warning"
    assert said["fix"].endswith("ep-a.eu.invalid")


def test_a_version_table_that_may_not_be_read_hides_nothing(
    quick: Run, tmp_path: Path, postgres_url: str, server: Server
) -> None:
    root = make(tmp_path / "mine").root
    name = postgres_url.rsplit("/", 1)[1]
    execute(
        postgres_url,
        "CREATE TABLE alembic_version (version_num text)",
        f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'x'",
    )
    try:
        url = server.url(name).replace(f"{server.user}:{server.password}", f"{name}:x")
        done = quick("--json", "--url", url, "doctor", cwd=root)
    finally:
        execute(postgres_url, f'DROP ROLE "{name}"')
    assert "permission denied" in found(done)["version"]["detail"]
    assert found(done)["tls"]["level"] == "ok"


def test_the_drawing_has_at_most_20_lines_of_80_columns(
    quick: Run, upgraded: Project, database_url: str
) -> None:
    for name in ("an unknown revision", "several heads", "a broken env.py", "a leftover"):
        FAULTS[name][0](upgraded, database_url)
    for number in range(9):
        execute(database_url, f"CREATE TABLE _alembic_tmp_{'x' * 40}{number} (id INTEGER)")
    lines = quick("doctor", cwd=upgraded.root).lines
    assert len(lines) <= 20
    assert all(len(line) <= 80 for line in lines if "fix: " not in line)
    assert {"error"} <= {line.split(" ")[0] for line in lines}


def test_what_is_well_is_drawn_in_full(quick: Run, upgraded: Project) -> None:
    lines = quick("doctor", cwd=upgraded.root).lines
    assert len(lines) <= 20
    assert "..." not in "".join(lines)
    assert all(len(line) <= 80 for line in lines)
