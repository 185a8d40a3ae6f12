"""Which project the user stands in."""

import shutil
from pathlib import Path

import pytest

from dbctl import Settings, project
from dbctl.errors import ConfigurationError

MARKS = {
    "[tool.dbctl]": ("pyproject.toml", '[tool.dbctl]\nmetadata = "a:b"\n'),
    "[tool.alembic]": ("pyproject.toml", '[tool.alembic]\nscript_location = "m"\n'),
    "alembic.ini": ("alembic.ini", "[alembic]\nscript_location = m\n"),
}


@pytest.mark.parametrize("mark", MARKS)
def test_a_project_is_found_from_a_folder_deep_inside(mark: str, tmp_path: Path) -> None:
    name, text = MARKS[mark]
    (tmp_path / name).write_text(text)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    found = project.find(deep)
    assert (found.root, found.bundled) == (tmp_path, False)
    assert mark in found.why


def test_the_nearest_project_wins(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "inner"):
        folder.mkdir(exist_ok=True)
        (folder / "alembic.ini").write_text("[alembic]\n")
    assert project.find(tmp_path / "inner").root == tmp_path / "inner"


def test_a_pyproject_without_our_tables_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert project.find(inner).root == tmp_path


@pytest.mark.parametrize("git", ["folder", "file"])
def test_the_search_stops_at_the_repository(git: str, tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    inner = tmp_path / "repository" / "src"
    inner.mkdir(parents=True)
    mark = inner.parent / ".git"
    mark.mkdir() if git == "folder" else mark.write_text("gitdir: elsewhere\n")
    assert project.find(inner).bundled


@pytest.mark.parametrize("name", ["pyproject.toml", "alembic.ini"])
def test_a_named_configuration_file_is_the_project(name: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text("[tool.dbctl]\npool_size = 9\n")
    (other / "alembic.ini").write_text("[alembic]\nscript_location = m\n")
    settings = Settings.load(config=Path("other") / name)
    assert (settings.project.root, settings.pool_size) == (other, 9)
    assert settings.project.script_location == other / "m"


def test_a_configuration_file_of_any_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "second.ini").write_text("[alembic]\nsqlalchemy.url = postgresql://h/second\n")
    (tmp_path / "alembic.ini").write_text("[alembic]\nsqlalchemy.url = postgresql://h/first\n")
    settings = Settings.load(config=Path("second.ini"))
    assert settings.url.get_secret_value() == "postgresql://h/second"
    assert settings.sources["url"] == "second.ini"


def test_the_variable_names_the_configuration_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "second.ini").write_text("[alembic]\nsqlalchemy.url = postgresql://h/second\n")
    monkeypatch.setenv("DBCTL_CONFIG", "second.ini")
    assert Settings.load().url.get_secret_value() == "postgresql://h/second"


def test_a_configuration_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"no such file: .*nowhere\.toml"):
        project.find(Path.cwd(), Path("nowhere.toml"))


def test_without_a_project_the_bundled_sample_is_found(tmp_path: Path) -> None:
    found = project.find(tmp_path)
    assert found.bundled
    assert found.script_location is not None
    assert (found.script_location / "env.py").is_file()
    assert Path(found.tool["seeds"]).is_dir()


def test_the_bundled_samples_variables_are_those_of_the_users_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://h/mine\n")
    assert Settings.load().url.get_secret_value() == "postgresql://h/mine"


LOCATIONS = {
    "beside the ini": "script_location = m",
    "from here": "script_location = %(here)s/m",
    "in a package": "script_location = pack:m",
}


@pytest.mark.parametrize("line", LOCATIONS.values(), ids=LOCATIONS)
def test_the_migrations_folder_is_found_however_it_is_written(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alembic.ini").write_text(f"[alembic]\n{line}\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "pack" / "m" if "pack" in line else tmp_path / "m"
    assert project.find(tmp_path).script_location == folder


def test_a_package_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = no_such_package.x:m\n")
    with pytest.raises(ConfigurationError, match="no_such_package"):
        _ = project.find(tmp_path).script_location


def test_the_sample_is_a_project_like_any_other_in_its_checkout(tmp_path: Path) -> None:
    checkout = Path(project.__file__).parent.parent
    if not (checkout / "alembic.ini").is_file():
        pytest.skip("not a checkout")
    for name in ("pyproject.toml", "alembic.ini"):
        shutil.copy(checkout / name, tmp_path)
    found = project.find(tmp_path)
    assert (found.bundled, found.tool["metadata"]) == (False, "dbctl.sample.models:Base")
