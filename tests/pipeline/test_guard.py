"""What may not be destroyed, nor filled with the sample: the guard answers before anything else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dbctl.database import guard
from dbctl.settings import Settings
from tests.marks import looked, marked, prepared
from tests.projects.make import Project, make
from tests.runner import Finished
from tests.schema import rows_of, schema_of

CHECKOUT = Path(__file__).parents[2]
REMOTE = "postgresql://u:secret-47@db.example.invalid/x"
DESTROY = {
    "downgrade": ("downgrade", "base"),
    "reset": ("reset",),
    "drop tables": ("tables", "drop"),
    "truncate": ("tables", "truncate", "items"),
    "drop database": ("database", "drop"),
}
FILL = {
    "up": ("up",),
    "upgrade": ("upgrade",),
    "create tables": ("tables", "create"),
    "seed": ("seed",),
    "check": ("check",),
    **DESTROY,
}
Run = Callable[..., Finished]


@pytest.fixture
def somebodys(database_url: str) -> str:
    """A database with tables and rows of somebody who never heard of dbctl."""
    users = "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(90))"
    return prepared(database_url, users, "INSERT INTO users VALUES (1, 'real@example.com')")


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_a_protected_environment_refuses_with_yes_too(
    quick: Run, sample_url: str, command: tuple[str, ...]
) -> None:
    marked(sample_url, "prd")
    before = schema_of(sample_url), rows_of(sample_url)
    words = ("--env", "prd", "--url", sample_url, "--yes", "--json")
    done = quick(*words, *command, cwd=CHECKOUT)
    assert (done.code, done.json["error"]["kind"]) == (5, "refused")
    assert "prd is protected" in done.json["error"]["message"]
    assert (schema_of(sample_url), rows_of(sample_url)) == before


def test_any_environment_can_be_protected(quick: Run, sample_url: str) -> None:
    env = {"DBCTL_PROTECTED": "true"}
    done = quick("--url", sample_url, "--yes", "reset", cwd=CHECKOUT, env=env)
    assert done.code == 5


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_a_remote_server_is_refused_before_anybody_connects(
    quick: Run, command: tuple[str, ...]
) -> None:
    done = quick("--url", REMOTE, "--yes", "--json", *command, cwd=CHECKOUT)
    assert (done.code, done.json["error"]["kind"]) == (5, "refused")
    assert "db.example.invalid" in done.json["error"]["message"]
    assert "secret-47" not in done.out + done.err


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_an_environment_that_was_said_opens_a_remote_server(
    quick: Run, command: tuple[str, ...]
) -> None:
    env = {"DBCTL_CONNECT_TIMEOUT": "2"}
    done = quick("--env", "dev", "--url", REMOTE, "--yes", *command, cwd=CHECKOUT, env=env)
    # It got past the guard: now there is nobody at that address.
    assert done.code == 4, done


@pytest.mark.parametrize("command", FILL.values(), ids=FILL)
def test_without_a_project_somebodys_tables_are_left_alone(
    quick: Run, somebodys: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    before = schema_of(somebodys), rows_of(somebodys)
    done = quick("--url", somebodys, "--yes", "--json", *command, cwd=tmp_path)
    assert (done.code, done.json["error"]["kind"]) == (5, "refused"), done
    assert "dbctl adopt" in done.json["error"]["hint"]
    assert "dbctl init" in done.json["error"]["hint"]
    assert (schema_of(somebodys), rows_of(somebodys)) == before


@pytest.mark.parametrize("command", FILL.values(), ids=FILL)
def test_without_a_project_an_emptied_version_table_opens_nothing(
    quick: Run, somebodys: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    prepared(somebodys, "CREATE TABLE alembic_version (version_num VARCHAR(32))")
    before = schema_of(somebodys), rows_of(somebodys)
    done = quick("--url", somebodys, "--yes", *command, cwd=tmp_path)
    assert done.code == 5, done
    assert (schema_of(somebodys), rows_of(somebodys)) == before


@pytest.mark.parametrize("command", FILL.values(), ids=FILL)
def test_without_a_project_another_projects_version_opens_nothing(
    quick: Run, somebodys: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    prepared(
        somebodys,
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('abcdef012345')",
    )
    before = schema_of(somebodys), rows_of(somebodys)
    done = quick("--url", somebodys, "--yes", *command, cwd=tmp_path)
    assert done.code in (3, 5), done
    assert (schema_of(somebodys), rows_of(somebodys)) == before


def test_without_a_project_an_empty_database_gets_the_sample(
    quick: Run, database_url: str, tmp_path: Path
) -> None:
    assert quick("--url", database_url, "up", cwd=tmp_path).code == 0
    assert rows_of(database_url)["users"] == 8
    assert quick("--url", database_url, "--yes", "reset", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("env", "url", "seeds"),
    [
        (None, "sqlite:///x.db", True),
        (None, "postgresql://u@localhost/x", True),
        (None, "postgresql://u@127.0.0.1/x", True),
        (None, "postgresql://u@[::1]/x", True),
        (None, "postgresql:///x?host=/tmp", True),
        (None, REMOTE, False),
        (None, "postgresql://u@10.0.0.1/x", False),
        (None, "postgresql://u@localhost.example.invalid/x", False),
        (None, "postgresql://u@/x?host=db.example.invalid", False),
        ("dev", REMOTE, True),
        ("local", REMOTE, True),
        ("prd", REMOTE, False),
        ("prd", "sqlite:///x.db", False),
    ],
)
def test_seeding_is_the_default_only_where_it_is_safe(
    env: str | None, url: str, seeds: bool
) -> None:
    settings = Settings.load(env=env, url=url, cwd=CHECKOUT)
    assert guard.seeds_by_default(settings) is seeds


def test_up_in_a_protected_environment_seeds_nothing(quick: Run, database_url: str) -> None:
    words = ("--env", "prd", "--url", database_url, "--json")
    done = quick(*words, "up", cwd=CHECKOUT)
    assert (done.code, done.json["seeded"]) == (0, {})
    assert rows_of(database_url)["users"] == 0


WRITE = {
    "replace": ("seed", "--replace"),
    "stamp": ("stamp", "head"),
    "purge": ("stamp", "--purge", "head"),
    "ensure version": ("ensure-version",),
    **{name: command for name, command in FILL.items() if name != "check"},
}
READ = {
    "status": ("status",),
    "current": ("current",),
    "history": ("history", "--indicate-current"),
    "check": ("check",),
    "plan": ("plan", "base"),
    "list": ("tables", "list"),
}


@pytest.mark.parametrize("command", WRITE.values(), ids=WRITE)
def test_a_database_of_another_environment_is_refused(
    quick: Run, sample_url: str, command: tuple[str, ...]
) -> None:
    marked(sample_url, "prd")
    before = schema_of(sample_url), rows_of(sample_url), looked(sample_url)
    done = quick("--url", sample_url, "--yes", "--json", *command, cwd=CHECKOUT)
    assert (done.code, done.json["error"]["kind"]) == (5, "refused"), done
    assert "is marked prd, and this command runs as local" in done.json["error"]["message"]
    assert "--env prd" in done.json["error"]["hint"]
    assert "dbctl repair" in done.json["error"]["hint"]
    assert (schema_of(sample_url), rows_of(sample_url), looked(sample_url)) == before


@pytest.mark.parametrize("command", READ.values(), ids=READ)
def test_reading_a_database_of_another_environment_is_allowed(
    quick: Run, sample_url: str, command: tuple[str, ...]
) -> None:
    marked(sample_url, "prd")
    assert quick("--url", sample_url, *command, cwd=CHECKOUT).code == 0


@pytest.mark.parametrize("command", ["up", "upgrade", "seed"])
def test_the_right_environment_may_write(quick: Run, sample_url: str, command: str) -> None:
    marked(sample_url, "prd")
    done = quick("--env", "prd", "--url", sample_url, command, cwd=CHECKOUT)
    assert done.code == 0, done


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project with a name, and one revision of its own."""
    made = make(tmp_path / "shop")
    made.chain()
    made.write("pyproject.toml", '[project]\nname = "shop"\n[tool.dbctl]\nmetadata="models:Base"\n')
    return made


def test_an_empty_database_of_another_project_is_refused(
    quick: Run, database_url: str, shop: Project
) -> None:
    marked(prepared(database_url), "local", "blog")
    done = quick("--url", database_url, "up", cwd=shop.root)
    assert done.code == 5, done
    assert "is marked as blog's, and this project is shop" in done.err
    assert rows_of(database_url) == {}


def test_a_project_that_was_renamed_is_known_by_its_revisions(
    quick: Run, database_url: str, shop: Project
) -> None:
    prepared(database_url)
    assert quick("--url", database_url, "upgrade", "+1", cwd=shop.root).code == 0
    marked(database_url, "local", "store")
    assert quick("--url", database_url, "upgrade", cwd=shop.root).code == 0


def test_a_project_without_a_name_is_anybodys(quick: Run, database_url: str, shop: Project) -> None:
    shop.write("pyproject.toml", "[tool.dbctl]\n")
    marked(prepared(database_url), "local", "blog")
    assert quick("--url", database_url, "upgrade", cwd=shop.root).code == 0


FOUND = {
    "prd": ("ok", "prd of blog, uuid-prd"),
    "local": ("warning", "so what writes is refused"),
}


@pytest.mark.parametrize(("env", "found"), FOUND.items(), ids=FOUND)
def test_the_doctor_shows_the_mark(
    quick: Run, sample_url: str, env: str, found: tuple[str, str], tmp_path: Path
) -> None:
    marked(sample_url, "prd", "blog")
    done = quick("--env", env, "--url", sample_url, "--json", "doctor", cwd=tmp_path)
    (mark,) = [one for one in done.json["findings"] if one["check"] == "mark"]
    assert mark["level"] == found[0]
    assert found[1] in mark["detail"]
