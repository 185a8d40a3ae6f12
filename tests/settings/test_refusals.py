"""Settings that cannot be used: said in a line, with the place, and never with the value."""

from pathlib import Path

import pytest

from dbctl import Settings
from dbctl.database.server import address
from dbctl.errors import ConfigurationError

SECRET = "s3cr3t-Zq9"  # not anybody's password


def refusal(**flags: str) -> ConfigurationError:
    """The error that loading ends with."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(**flags)  # type: ignore[arg-type]  # the flags of this module are texts
    assert caught.value.exit_code == 3
    return caught.value


NAMES = [
    ("DBCTL_POOLSIZE", "DBCTL_POOL_SIZE"),
    ("DBCTL_CONECT_TIMEOUT", "DBCTL_CONNECT_TIMEOUT"),
    ("DBCTL_DATABASE_URL", "DBCTL_TEST_DATABASE_URL"),
    ("DBCTL_Url", "DBCTL_URL"),
]


@pytest.mark.parametrize(("name", "meant"), NAMES, ids=[name for name, _ in NAMES])
def test_an_unknown_variable_is_refused(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, SECRET)
    found = refusal()
    assert name in found.message
    assert found.hint == f"did you mean {meant}?"
    assert SECRET not in found.message


@pytest.mark.parametrize("file", [".env", ".env.dev"])
def test_an_unknown_variable_in_a_file_is_refused_with_the_file(file: str, tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    (tmp_path / file).write_text(f"DBCTL_POOLSIZE={SECRET}\n")
    found = refusal(env="dev", url="sqlite:///x.db")
    assert found.message == f"unknown variable DBCTL_POOLSIZE in {file}"


def test_a_variable_far_from_every_name_points_to_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBCTL_ZZZZZZ", "1")
    assert "config show" in refusal().hint


TABLES = [
    ("[tool.dbctl]\npoolsize = 5", "[tool.dbctl]", "pool_size"),
    ("[tool.dbctl.env.local]\nlock_time = 1", "[tool.dbctl.env.local]", "lock_timeout"),
    ("[tool.dbctl]\nseed = 'x'", "[tool.dbctl]", "seeds"),
]


@pytest.mark.parametrize(
    ("text", "table", "meant"), TABLES, ids=[row[1] + row[2] for row in TABLES]
)
def test_an_unknown_key_is_refused(text: str, table: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    found = refusal()
    assert found.message.endswith(f"in {table}")
    assert found.hint == f"did you mean {meant}?"


VALUES = [
    ("pool_size", "DBCTL_POOL_SIZE", SECRET),
    ("pool_size", "DBCTL_POOL_SIZE", "-1"),
    ("connect_timeout", "DBCTL_CONNECT_TIMEOUT", "0"),
    ("connect_timeout", "DBCTL_CONNECT_TIMEOUT", "nan"),
    ("lock_timeout", "DBCTL_LOCK_TIMEOUT", "inf"),
    ("ssl", "DBCTL_SSL", SECRET),
    ("echo", "DBCTL_ECHO", SECRET),
    ("max_overflow", "DBCTL_MAX_OVERFLOW", "99999999999999999999999"),
]


@pytest.mark.parametrize(("field", "name", "value"), VALUES, ids=[f"{r[1]}={r[2]}" for r in VALUES])
def test_a_value_is_refused_by_name_and_place_without_the_value(
    field: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    found = refusal()
    assert found.message.startswith(f"{field} (from {name}): ")
    assert SECRET not in f"{found.message} {found.hint} {found.__cause__} {found.__context__}"


BROKEN = {
    "syntax": "[tool.dbctl\n",
    "encoding": "# \xff\n",
    "dbctl is no table": "[tool]\ndbctl = 3\n",
    "tool is no table": "tool = 3\n",
    "env is no table": '[tool.dbctl]\nenv = "prd"\n',
    "one env is no table": '[tool.dbctl.env]\nlocal = "x"\n',
    "url is a number": "[tool.dbctl]\nurl = 5\n",
    "url is a table": f'[tool.dbctl.url]\nurl = "{SECRET}"\n',
    "alembic is no table": "[tool]\nalembic = 3\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_pyproject_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    found = refusal()
    assert SECRET not in found.message
    assert "pyproject.toml" in found.message or "[tool" in found.message


INI = {
    "no section": f"sqlalchemy.url = {SECRET}\n",
    "twice": f"[alembic]\na = {SECRET}\na = {SECRET}\n",
    "encoding": f"[alembic]\na = \xff{SECRET}\n",
}


@pytest.mark.parametrize("text", INI.values(), ids=INI)
def test_a_broken_ini_file_is_refused_without_its_content(text: str, tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_bytes(text.encode("latin-1"))
    found = refusal()
    assert "alembic.ini" in found.message
    # --debug prints the cause.
    assert SECRET not in f"{found.message} {found.hint} {found.__cause__}"


PERCENT = {
    "raw": f"postgresql://me:%41{SECRET}@h/x",
    "filled in by env.py": f"postgresql://%(DB_USER)s:{SECRET}@h/x",
}


@pytest.mark.parametrize("url", PERCENT.values(), ids=PERCENT)
def test_an_ini_url_that_env_py_must_fill_is_no_url(url: str, tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text(f"[alembic]\nsqlalchemy.url = {url}\n")
    with pytest.raises(ConfigurationError, match="% that is not doubled") as caught:
        address(Settings.load())
    assert SECRET not in f"{caught.value.message} {caught.value.__cause__}"
    assert address(Settings.load(url="postgresql://h/y")).name == "y"


@pytest.mark.parametrize("env", ["tst", "prd"])
@pytest.mark.parametrize("place", ["pyproject.toml", "alembic.ini"])
def test_a_url_for_everybody_is_none_for_tests_or_production(
    env: str, place: str, tmp_path: Path
) -> None:
    texts = {
        "pyproject.toml": "[tool.dbctl]\nurl = '{}'",
        "alembic.ini": "[alembic]\nsqlalchemy.url = {}",
    }
    (tmp_path / place).write_text(texts[place].format("sqlite:///shared.db"))
    with pytest.raises(ConfigurationError, match=f"{env} has no database URL"):
        Settings.load(env=env)


def test_nothing_said_for_everybody_opens_production(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.dbctl]\nprotected = false\n")
    assert Settings.load(env="prd", url="postgresql://h/x").protected


def test_a_percent_sign_that_is_doubled_is_read(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nsqlalchemy.url = postgresql://me:a%%40b@h/x\n"
    )
    assert Settings.load().url.get_secret_value() == "postgresql://me:a%40b@h/x"


def test_an_env_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    (tmp_path / ".env").write_bytes(b"DATABASE_URL=\xff" + SECRET.encode())
    found = refusal()
    assert ".env" in found.message
    assert SECRET not in found.message
