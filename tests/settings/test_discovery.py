"""In which order a project is looked for, and that nothing is guessed or run on the way."""

import re
from pathlib import Path

import pytest

from dbctl import Settings, declared, project
from dbctl.database.server import address
from dbctl.errors import ConfigurationError
from tests.projects import shapes

INI = "[alembic]\nscript_location = %(here)s\n"


def write(root: Path, name: str, text: str = INI) -> Path:
    """A file, its folders made."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with nothing in it."""
    (tmp_path / "mine" / ".git").mkdir(parents=True)
    return tmp_path / "mine"


USUAL = ["migrations", "db", "backend", "shop", "shop/db", "src/shop/migrations"]


@pytest.mark.parametrize("place", USUAL)
def test_an_ini_in_one_of_the_usual_folders_is_found_from_the_top(root: Path, place: str) -> None:
    write(root, "shop/__init__.py", "")
    write(root, "src/shop/__init__.py", "")
    ini = write(root, f"{place}/alembic.ini")
    found = project.find(root)
    assert (found.ini, found.root, found.bundled) == (ini, root, False)
    assert found.script_location == ini.parent


def test_it_is_found_from_a_neighbouring_folder_too(root: Path) -> None:
    ini = write(root, "migrations/alembic.ini")
    deep = root / "shop" / "deep"
    deep.mkdir(parents=True)
    assert project.find(deep).ini == ini


def test_a_folder_that_only_keeps_projects_is_not_one(tmp_path: Path) -> None:
    write(tmp_path, "app/alembic.ini")
    (tmp_path / "other").mkdir()
    assert project.find(tmp_path / "other").bundled


def test_of_two_usual_places_none_is_guessed(root: Path) -> None:
    write(root, "backend/alembic.ini")
    write(root, "server/alembic.ini")
    with pytest.raises(ConfigurationError, match=r"2 Alembic projects: backend.*server") as caught:
        project.find(root)
    assert "--config" in caught.value.hint
    assert project.find(root, root / "server/alembic.ini").ini == root / "server/alembic.ini"


def test_the_nearest_configuration_comes_before_everything(root: Path) -> None:
    shapes.models(root / "unused")
    write(root, "shop/models.py", shapes.BASE)
    assert "models" in project.find(root).why
    write(root, "migrations/alembic.ini")
    assert project.find(root).why.endswith("migrations/alembic.ini")
    write(root, "alembic.ini")
    assert project.find(root).why == str(root / "alembic.ini")
    write(root, "pyproject.toml", '[tool.alembic]\nscript_location = "m"\n')
    assert project.find(root).why.startswith("[tool.alembic]")
    write(root, "pyproject.toml", "[tool.dbctl]\n[tool.alembic]\n")
    assert project.find(root).why.startswith("[tool.dbctl]")


def test_tool_dbctl_finds_the_ini_in_a_usual_folder(root: Path) -> None:
    write(root, "pyproject.toml", "[tool.dbctl]\npool_size = 3\n")
    ini = write(root, "backend/alembic.ini")
    assert project.find(root).ini == ini


def test_files_are_read_and_never_run(root: Path) -> None:
    write(root, "shop/models.py", shapes.BASE + "\nraise SystemExit('it ran')\n")
    found = project.find(root)
    assert found.places == ("shop.models:Base",)


def test_every_file_with_a_table_of_the_base_is_named(root: Path) -> None:
    write(root, "src/shop/tables.py", shapes.BASE)
    write(root, "src/shop/named.py", "class Named(Base):\n    __abstract__ = True\n# Mapped\n")
    write(root, "src/shop/books.py", "class Book(Named):\n    __tablename__ = 'books'\n")
    write(root, "src/shop/plain.py", "class Column(int):\n    pass\n")
    places = project.find(root).places
    assert places == ("shop.tables:Base", "shop.books:Book", "shop.named:Named")


def test_the_entrypoint_of_fastapi_chooses_among_several_bases(root: Path) -> None:
    write(root, "one/models.py", shapes.BASE)
    write(root, "two/models.py", shapes.BASE)
    assert "2 declarative bases" in project.find(root).why
    assert project.find(root).places == ()
    write(root, "pyproject.toml", '[tool.fastapi]\nentrypoint = "two.main:app"\n')
    write(root, "two/main.py", "from . import routes\n")
    write(root, "two/routes.py", "from .models import Base\n")
    found = project.find(root)
    assert found.places == ("two.models:Base",)
    assert "[tool.fastapi]" in found.why


def test_what_lies_in_tests_and_environments_is_not_the_projects(root: Path) -> None:
    write(root, "tests/models.py", shapes.BASE)
    write(root, "env/pyvenv.cfg", "")
    write(root, "env/lib/models.py", shapes.BASE)
    write(root, ".hidden/models.py", shapes.BASE)
    assert declared.scan(root).bases == ()
    assert project.find(root).bundled


def test_a_file_that_is_no_python_is_passed_by(root: Path) -> None:
    write(root, "broken.py", "DeclarativeBase = = 1\n")
    (root / "binary.py").write_bytes(b"\xff\xfe DeclarativeBase \x00")
    write(root, "models.py", shapes.BASE)
    assert project.find(root).places == ("models:Base",)


@pytest.mark.parametrize("where", ["", "shop", "backend"])
def test_a_relative_sqlite_url_means_one_file_from_everywhere(
    root: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "backend/alembic.ini", INI + "sqlalchemy.url = sqlite:///mine.db\n")
    (root / "shop").mkdir()
    monkeypatch.chdir(root / where)
    assert address(Settings.load()).file == root / "backend" / "mine.db"


def test_flask_migrates_ini_has_the_projects_folder_for_its_paths(root: Path) -> None:
    found = project.find(shapes.flask(root / "flask", "sqlite://").root)
    assert found.home == root / "flask"
    assert found.script_location == root / "flask" / "migrations"
    named = project.find(root, root / "flask/migrations/alembic.ini")
    assert (named.root, named.home) == (root / "flask", root / "flask")


def test_several_places_of_metadata_are_one_text(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "pyproject.toml", '[tool.dbctl]\nmetadata = ["a:B", "c:D"]\n')
    monkeypatch.chdir(root)
    assert Settings.load().metadata == "a:B, c:D"


def test_the_keys_on_the_page_are_the_keys_there_are(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(__file__).parents[2] / "docs/projects.md"
    (toml,) = re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
    write(root, "pyproject.toml", toml.replace("config =", "# config ="))
    monkeypatch.chdir(root)
    assert Settings.load().transaction == "project"
    assert project.find(root).script_location == root / "history"
