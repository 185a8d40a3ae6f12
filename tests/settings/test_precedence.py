"""Who has the last word about a setting, and that the settings remember who it was."""

from pathlib import Path

import pytest

from dbctl import Settings
from tests.settings.places import PLACES, Said, said, url_at


def loaded(words: Said, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of `dev` when `words` are said."""
    words.write(folder)
    for name, value in words.variables.items():
        monkeypatch.setenv(name, value)
    return Settings.load(env="dev", url=words.flag)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_is_heard_and_remembered(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = loaded(said([place]), tmp_path, monkeypatch)
    assert settings.url.get_secret_value() == url_at(place)
    assert settings.sources["url"] == place


@pytest.mark.parametrize("place", PLACES)
def test_each_place_outranks_all_below_it(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = loaded(said(PLACES[PLACES.index(place) :]), tmp_path, monkeypatch)
    assert settings.url.get_secret_value() == url_at(place)
    assert settings.sources["url"] == place


SIZES = (
    ("DBCTL_POOL_SIZE", None),
    ("DBCTL_POOL_SIZE in .env.dev", (".env.dev", "DBCTL_POOL_SIZE={}")),
    ("DBCTL_POOL_SIZE in .env", (".env", "DBCTL_POOL_SIZE={}")),
    ("[tool.dbctl.env.dev]", ("pyproject.toml", "[tool.dbctl.env.dev]\npool_size = {}")),
    ("[tool.dbctl]", ("pyproject.toml", "[tool.dbctl]\npool_size = {}")),
)


@pytest.mark.parametrize("at", range(len(SIZES)), ids=[place for place, _ in SIZES])
def test_other_settings_have_the_same_order(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Said(variables={"DATABASE_URL": "postgresql://h/x"})
    for number, (_, place) in list(enumerate(SIZES))[at:]:
        if place is None:
            words.variables["DBCTL_POOL_SIZE"] = str(20 + number)
        else:
            words.add(place[0], place[1].format(20 + number))
    settings = loaded(words, tmp_path, monkeypatch)
    assert (settings.pool_size, settings.sources["pool_size"]) == (20 + at, SIZES[at][0])


def test_what_nobody_says_has_its_default_and_no_source() -> None:
    settings = Settings.load()
    assert (settings.env, settings.pool_size, settings.connect_timeout) == ("local", 5, 10)
    assert "pool_size" not in settings.sources
    assert settings.sources["env"] == "default"


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DBCTL_POOL_SIZE", "")
    settings = Settings.load()
    assert settings.url.get_secret_value() == "sqlite+aiosqlite:///data.db"
    assert settings.pool_size == 5


@pytest.mark.parametrize("flag", ["tst", None], ids=["flag", "variable"])
def test_the_flag_names_the_environment_before_the_variable(
    flag: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBCTL_ENV", "dev")
    monkeypatch.setenv("DBCTL_URL", "postgresql://h/x")
    settings = Settings.load(env=flag)
    expected = ("tst", "--env") if flag else ("dev", "DBCTL_ENV")
    assert (settings.env, settings.sources["env"]) == expected
    assert settings.env_said


def test_the_env_file_names_the_environment_last(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    (tmp_path / ".env").write_text("DBCTL_ENV=dev\nDATABASE_URL=postgresql://h/x\n")
    settings = Settings.load()
    assert (settings.env, settings.sources["env"]) == ("dev", ".env")


def test_the_placeholder_of_alembic_init_is_nobodys_database(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nsqlalchemy.url = driver://user:pass@localhost/dbname\n"
    )
    assert Settings.load().url.get_secret_value() == "sqlite+aiosqlite:///data.db"


def test_the_table_tool_alembic_is_heard_behind_the_ini(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.alembic]\n"sqlalchemy.url" = "postgresql://h/flat"\n'
    )
    settings = Settings.load(env="dev")
    assert settings.url.get_secret_value() == "postgresql://h/flat"
    assert settings.sources["url"] == "[tool.alembic]"
