"""Environments: which database each one means, and which one it must never mean."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from dbctl import Settings
from dbctl.database.server import address
from dbctl.errors import ConfigurationError

PLAIN = "postgresql://app@db.test/app"
TEST = "postgresql://app@db.test/app_test"


@pytest.mark.parametrize("env", ["dev", "tst", "prd", "qa"])
def test_only_local_has_a_default_database(env: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.dbctl.env.qa]\n")
    with pytest.raises(ConfigurationError, match=f"{env} has no database URL") as caught:
        Settings.load(env=env)
    assert caught.value.exit_code == 3
    assert "DATABASE_URL" in caught.value.hint


@pytest.mark.parametrize(("env", "protected"), [("local", False), ("dev", False), ("prd", True)])
def test_prd_alone_is_protected(env: str, protected: bool) -> None:
    assert Settings.load(env=env, url=PLAIN).protected is protected


def test_no_variable_opens_prd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBCTL_PROTECTED", "false")
    assert Settings.load(env="prd", url=PLAIN).protected


def test_an_environment_of_ones_own_can_be_protected(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.dbctl.env.live]\nurl = "{PLAIN}"\nprotected = true\n'
    )
    assert Settings.load(env="live").protected


@pytest.mark.parametrize("place", ["process", ".env.tst", ".env"])
def test_a_test_run_takes_the_test_database(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    monkeypatch.setenv("DATABASE_URL", PLAIN)
    if place == "process":
        monkeypatch.setenv("TEST_DATABASE_URL", TEST)
    else:
        (tmp_path / place).write_text(f"TEST_DATABASE_URL={TEST}\n")
    assert Settings.load(env="tst").url.get_secret_value() == TEST
    assert Settings.load(env="dev").url.get_secret_value() == PLAIN


APPLICATION = {
    "DATABASE_URL": {"DATABASE_URL": PLAIN},
    "POSTGRES": {"POSTGRES_HOST": "db.test", "POSTGRES_DB": "app"},
}


@pytest.mark.parametrize("variables", APPLICATION.values(), ids=APPLICATION)
@pytest.mark.parametrize("place", ["process", ".env"])
def test_a_test_run_never_lands_in_the_applications_database(
    variables: dict[str, str], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    if place == "process":
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
    else:
        (tmp_path / place).write_text("".join(f"{k}={v}\n" for k, v in variables.items()))
    with pytest.raises(ConfigurationError, match="tst has no database URL"):
        Settings.load(env="tst")


@pytest.mark.parametrize("variables", APPLICATION.values(), ids=APPLICATION)
def test_the_test_environments_own_file_may_use_the_plain_names(
    variables: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    (tmp_path / ".env.tst").write_text("".join(f"{k}={v}\n" for k, v in variables.items()))
    assert address(Settings.load(env="tst")).name == "app"


@pytest.mark.parametrize(
    ("env", "hint"), [("prod", "did you mean prd?"), ("zzz", "[tool.dbctl.env.zzz]")]
)
def test_an_unknown_environment_is_refused(env: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=f"there is no environment '{env}'") as caught:
        Settings.load(env=env, url=PLAIN)
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["[tool.dbctl.env.qa]\n", "[tool.dbctl]\n"], ids=["toml", "file"])
def test_a_project_defines_environments_in_its_table_or_by_a_file(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    if "qa" not in text:
        (tmp_path / ".env.qa").write_text(f"DATABASE_URL={PLAIN}\n")
    assert Settings.load(env="qa", url=PLAIN).env == "qa"


ODD = ["p@ss/w:rd?", "%41%", "#&=+ ü'\"", "{x}$HOME"]


@pytest.mark.parametrize("password", ODD)
def test_postgres_variables_carry_any_password(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"USER": "a@b", "PASSWORD": password, "HOST": "db.test", "PORT": "6000", "DB": "my/app"}
    for name, value in said.items():
        monkeypatch.setenv(f"POSTGRES_{name}", value)
    url = address(Settings.load())
    assert (url.user, url.password, url.name) == ("a@b", password, "my/app")
    assert (url.host, url.port) == ("db.test", 6000)


def test_postgres_variables_have_the_servers_own_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_DB", "app")
    assert Settings.load().url.get_secret_value() == "postgresql://postgres@localhost:5432/app"


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_PORT"])
def test_a_login_alone_names_no_database(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "5432")
    assert Settings.load().url.get_secret_value().startswith("sqlite")


def test_a_relative_file_is_the_same_from_every_folder(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.dbctl]\nurl = "sqlite:///var/app.db"\n')
    deep = tmp_path / "src" / "deep"
    deep.mkdir(parents=True)
    files = {address(Settings.load(cwd=folder)).file for folder in (tmp_path, deep)}
    assert files == {tmp_path / "var" / "app.db"}


def test_a_relative_file_of_the_flag_starts_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert address(Settings.load(url="sqlite:///x.db")).file == tmp_path / "deep" / "x.db"


def test_the_default_file_lies_beside_the_project_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.dbctl]\nmetadata = "models:Base"\n')
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert address(Settings.load()).file == tmp_path / "data.db"


def test_a_project_that_never_heard_of_dbctl_has_no_default_database(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = m\n")
    with pytest.raises(ConfigurationError, match="no database URL is known") as caught:
        address(Settings.load())
    assert "DATABASE_URL" in caught.value.hint
    assert address(Settings.load(url=PLAIN)).name == "app"


def test_the_default_file_without_a_project_lies_in_the_current_folder(tmp_path: Path) -> None:
    settings = Settings.load()
    assert settings.project.bundled
    assert address(settings).file == tmp_path / "data.db"


def test_settings_cannot_be_changed() -> None:
    settings = Settings.load()
    with pytest.raises(ValidationError, match="frozen"):
        settings.pool_size = 7


def test_a_settings_object_shows_no_secret() -> None:
    settings = Settings.load(url="postgresql://me:s3cr3t-Zq9@db.test/app")
    assert "s3cr3t" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_reading_settings_leaves_the_environment_alone(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    (tmp_path / ".env").write_text(f"DATABASE_URL={PLAIN}\n")
    before = dict(os.environ)
    Settings.load()
    assert dict(os.environ) == before
