"""What a protected database demands before something goes: each consent, by itself and together."""

import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg
import pytest

from dbctl import loop
from dbctl.database import guard
from dbctl.database.condition import Use
from dbctl.database.consent import Consent, Demand, Loss
from dbctl.database.server import server
from dbctl.database.url import Url
from dbctl.errors import ProviderError, RefusedError
from dbctl.pipeline import databases, tables, up
from dbctl.settings import Settings
from tests.marks import looked, marked, prepared
from tests.pipeline.test_guard import DESTROY as GUARDED
from tests.projects import envs
from tests.projects.make import Project, make
from tests.runner import Finished
from tests.schema import rows_of, schema_of

CHECKOUT = Path(__file__).parents[2]
DESTROY = {**GUARDED, "seed": ("seed", "--replace")}
Run = Callable[..., Finished]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project of its own, nothing applied."""
    made = make(tmp_path / "shop")
    made.chain()
    made.write("pyproject.toml", '[tool.dbctl]\nmetadata = "models:Base"\n')
    return made


@pytest.fixture
def production(sample_url: str) -> str:
    """The sample's database, marked as production."""
    return marked(sample_url, "prd")


def name_of(url: str) -> str:
    """What the guard calls the database."""
    parsed = Url.parse(url)
    return parsed.file.name if parsed.file else parsed.name


def consents(url: str) -> dict[str, tuple[dict[str, str], tuple[str, ...]]]:
    """What a protected database demands: variables and words."""
    name = name_of(url)
    return {
        "variable": ({"DBCTL_ALLOW_DESTRUCTIVE": name}, ()),
        "name": ({}, ("--confirm-name", name)),
        "snapshot": ({}, ("--no-snapshot",)),
    }


def destroyed(
    quick: Run, url: str, command: tuple[str, ...], given: Iterable[str], *more: str
) -> Finished:
    """The command in production with these consents."""
    said = consents(url)
    env = {key: value for one in given for key, value in said[one][0].items()}
    words = [word for one in given for word in said[one][1]]
    return quick("--env", "prd", "--url", url, *more, *command, *words, cwd=CHECKOUT, env=env)


MISSING = {
    "variable": "without DBCTL_ALLOW_DESTRUCTIVE=",
    "name": "without the name ",
}


@pytest.mark.parametrize("left_out", MISSING)
@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_each_consent_that_is_missing_is_a_refusal(
    quick: Run, production: str, command: tuple[str, ...], left_out: str
) -> None:
    before = schema_of(production), rows_of(production), looked(production)
    given = [one for one in consents(production) if one != left_out]
    done = destroyed(quick, production, command, given, "--yes", "--json")
    assert (done.code, done.json["error"]["kind"]) == (5, "refused"), done
    assert MISSING[left_out] in done.json["error"]["message"]
    assert ";" not in done.json["error"]["message"]  # nothing else is
    assert (schema_of(production), rows_of(production), looked(production)) == before


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_every_consent_together_opens_it(
    quick: Run, production: str, command: tuple[str, ...]
) -> None:
    done = destroyed(quick, production, command, consents(production))
    assert done.code == 0, done
    if command != ("database", "drop"):
        assert rows_of(production).get("items", 0) == (24 if "seed" in command else 0)


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_the_hint_of_a_refusal_is_the_command_that_does_it(
    quick: Run, sample_sqlite_url: str, command: tuple[str, ...]
) -> None:
    marked(sample_sqlite_url, "prd")
    done = destroyed(quick, sample_sqlite_url, command, ["snapshot"], "--json")
    variable, dbctl, *words = shlex.split(done.json["error"]["hint"])
    env = dict([variable.split("=", 1)])
    assert dbctl == "dbctl"
    assert quick(*words, cwd=CHECKOUT, env=env).code == 0


WRONG = {
    "another name": ({}, {"name": ("--confirm-name", "other")}, "not other"),
    "the variable for another": ({"DBCTL_ALLOW_DESTRUCTIVE": "other"}, {}, "it names other"),
    "the variable says true": ({"DBCTL_ALLOW_DESTRUCTIVE": "true"}, {}, "it names true"),
}


@pytest.mark.parametrize(("env", "words", "said"), WRONG.values(), ids=WRONG)
def test_consent_to_another_database_is_none(
    quick: Run, production: str, env: dict[str, str], words: dict[str, tuple[str, ...]], said: str
) -> None:
    given = consents(production)
    line = [word for one in given for word in words.get(one, given[one][1])]
    both = given["variable"][0] | env
    done = quick(
        "--env", "prd", "--url", production, "tables", "drop", *line, cwd=CHECKOUT, env=both
    )
    assert done.code == 5
    assert said in done.err
    assert rows_of(production)["users"] == 8


@pytest.mark.parametrize("loads", [False, True], ids=["as it is", "env.py loads it"])
@pytest.mark.parametrize("file", [".env", ".env.prd"])
def test_consent_never_comes_from_a_file(quick: Run, shop: Project, file: str, loads: bool) -> None:
    loading = f"import dotenv\ndotenv.load_dotenv({file!r})\nversion_table = 'alembic_version'\n"
    shop.write("migrations/env.py", (loading if loads else "") + envs.SYNC)
    url = f"sqlite:///{shop.root / 'data.db'}"
    assert quick("--env", "prd", "--url", url, "up", cwd=shop.root).code == 0
    shop.write(file, "DBCTL_ALLOW_DESTRUCTIVE=data.db\n")
    words = ("--confirm-name", "data.db", "--no-snapshot")
    done = quick("--env", "prd", "--url", url, "downgrade", "base", *words, cwd=shop.root)
    assert done.code == 5, done
    assert "DBCTL_ALLOW_DESTRUCTIVE=data.db in the environment" in done.err
    assert looked(url).at


def test_consent_in_pyproject_is_an_unknown_key(quick: Run, shop: Project) -> None:
    shop.write("pyproject.toml", '[tool.dbctl]\nallow_destructive = "data.db"\n')
    assert quick("--url", "sqlite:///data.db", "up", cwd=shop.root).code == 3


def test_a_name_that_is_not_the_databases_is_refused_anywhere(quick: Run, sample_url: str) -> None:
    words = ("--confirm-name", "other", "--yes")
    done = quick("--url", sample_url, "tables", "drop", *words, cwd=CHECKOUT)
    assert done.code == 5
    assert "not other" in done.err
    assert rows_of(sample_url)["users"] == 8


TABLE = '[tool.dbctl]\nmetadata = "models:Base"\n[tool.dbctl.env.live]\nprotected = true\n'


def test_a_marked_database_stays_protected_whatever_a_variable_says(
    quick: Run, database_url: str, shop: Project
) -> None:
    shop.write("pyproject.toml", TABLE)
    words = ("--env", "live", "--url", database_url)
    assert quick(*words, "up", cwd=shop.root).code == 0
    env = {"DBCTL_PROTECTED": "false"}
    done = quick(*words, "--yes", "downgrade", "base", cwd=shop.root, env=env)
    assert done.code == 5, done
    assert "it is marked live, which is protected" in done.err


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback address counts as another machine's."""
    monkeypatch.setattr("dbctl.database.url.LOOPBACK", ())


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_an_unmarked_remote_database_with_tables_is_protected(
    quick: Run, sample_postgres_url: str, remote: None, command: tuple[str, ...]
) -> None:
    prepared(sample_postgres_url, "DROP SCHEMA dbctl CASCADE")
    words = ("--env", "dev", "--url", sample_postgres_url, "--yes")
    done = quick(*words, *command, cwd=CHECKOUT)
    assert done.code == 5, done
    assert "has tables and no mark of dbctl's, so it is protected" in done.err
    assert rows_of(sample_postgres_url)["users"] == 8


def test_a_remote_database_that_dbctl_marked_wants_a_yes(
    quick: Run, sample_postgres_url: str, remote: None
) -> None:
    marked(sample_postgres_url, "dev")
    words = ("--env", "dev", "--url", sample_postgres_url, "--yes")
    assert quick(*words, "tables", "drop", cwd=CHECKOUT).code == 0


def test_an_empty_remote_database_wants_a_yes(quick: Run, postgres_url: str, remote: None) -> None:
    words = ("--env", "dev", "--url", postgres_url, "--yes")
    assert quick(*words, "database", "drop", cwd=CHECKOUT).code == 0


def acted(settings: Settings) -> dict[str, Callable[[Consent], object]]:
    """What destroys, called without the command line."""
    drop, truncate = tables.demand(settings), tables.demand(settings, ["items"])
    whole = databases.demand(settings, "drop the database")
    return {
        "drop database": lambda consent: databases.drop(settings, whole, consent),
        "reset": lambda consent: up.reset(settings, whole, consent),
        "drop tables": lambda consent: tables.drop(settings, drop, consent),
        "truncate": lambda consent: tables.truncate(settings, truncate, consent),
    }


@pytest.mark.parametrize("env", ["prd", "dev"])
@pytest.mark.parametrize("act", ["drop database", "reset", "drop tables", "truncate"])
def test_no_room_destroys_without_consent(sample_url: str, act: str, env: str) -> None:
    marked(sample_url, env)
    settings = Settings.load(env=env, url=sample_url, cwd=CHECKOUT)
    before = schema_of(sample_url), rows_of(sample_url)
    with pytest.raises(RefusedError):
        acted(settings)[act](Consent(yes=env == "prd"))
    assert (schema_of(sample_url), rows_of(sample_url)) == before


@pytest.mark.parametrize("command", DESTROY.values(), ids=DESTROY)
def test_no_command_relies_on_its_question_alone(
    quick: Run, production: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("database", "migrate", "pipeline", "seed", "tables"):
        monkeypatch.setattr(f"dbctl.cli.{module}.agree", lambda *_: Consent(yes=True))
    before = schema_of(production), rows_of(production)
    done = destroyed(quick, production, command, [], "--yes")
    assert done.code == 5, done
    assert (schema_of(production), rows_of(production)) == before


def demanded(snapshot: Callable[[], object] | None) -> Demand:
    return Demand("drop it", "app", Loss("prd: x", ()), "prd is protected", "app", snapshot)


def test_a_snapshot_is_made_before_anything_goes() -> None:
    made: list[int] = []
    guard.settle(demanded(lambda: made.append(1)), Consent(name="app"))
    assert made == [1]


def test_no_snapshot_is_made_where_none_is_wanted() -> None:
    made: list[int] = []
    guard.settle(demanded(lambda: made.append(1)), Consent(name="app", no_snapshot=True))
    assert made == []


def test_no_snapshot_is_made_before_everything_else_is_agreed() -> None:
    made: list[int] = []
    with pytest.raises(RefusedError):
        guard.settle(demanded(lambda: made.append(1)), Consent(yes=True))
    assert made == []


def test_a_snapshot_that_fails_lets_nothing_go() -> None:
    def failing() -> None:
        raise ProviderError("no space left")

    with pytest.raises(ProviderError):
        guard.settle(demanded(failing), Consent(name="app"))


def test_host_size_rows_and_other_applications_are_shown_first(
    quick: Run, sample_postgres_url: str
) -> None:
    with psycopg.connect(sample_postgres_url, application_name="web \x1b[31m") as _:
        done = quick("--url", sample_postgres_url, "tables", "drop", cwd=CHECKOUT)
    where, total, *rest = done.error_lines
    assert re.fullmatch(r"local: postgresql .*:\d+/\w+, \d+(\.\d)? MB", where)
    assert total == "would be lost: 6 tables with 42 rows"
    assert rest[0] == "  items: 24 rows"
    assert "connected now: 1 other session" in rest
    assert any(line.startswith("  web ") and line.endswith(": 1 session") for line in rest)
    assert "\x1b" not in done.err


def test_an_ordinary_role_sees_the_sessions_of_others_too(
    ordinary_url: str, postgres_url: str
) -> None:
    async def use() -> Use:
        async with server(Settings.load(url=ordinary_url)).open() as session:
            return await session.use()

    with psycopg.connect(postgres_url, application_name="web"):
        found = loop.run(use())
    assert [one.application for one in found.clients] == ["web"]
    assert found.bytes
    assert found.bytes > 1_000_000


def test_what_is_shown_fits_eighty_columns(quick: Run, sample_postgres_url: str) -> None:
    with psycopg.connect(sample_postgres_url, application_name="w" * 63, user=None):
        done = quick("--url", sample_postgres_url, "tables", "drop", cwd=CHECKOUT)
    assert max(map(len, done.error_lines)) <= 80
