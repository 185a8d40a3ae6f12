"""`dbctl init`: a project from nothing but models."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runner import Finished

MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
Run = Callable[..., Finished]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project that has models and nothing else."""
    home = tmp_path / "mine"
    (home / "app").mkdir(parents=True)
    (home / ".git").mkdir()
    (home / "app" / "models.py").write_text(MODELS)
    return home


def test_init_finds_the_models_and_the_whole_circle_works(dbctl: Run, folder: Path) -> None:
    assert dbctl("--json", "init", cwd=folder).json["tables"] == 1
    assert dbctl("up", cwd=folder).code == 0
    assert dbctl("migrate", "-m", "first", cwd=folder).code == 0
    assert len(dbctl("--json", "upgrade", cwd=folder).json["applied"]) == 1
    assert dbctl("--json", "check", cwd=folder).json["in_sync"] is True


def test_what_init_writes_works_with_plain_alembic_from_another_folder(
    dbctl: Run, alembic: Run, folder: Path, tmp_path: Path
) -> None:
    dbctl("init", cwd=folder)
    dbctl("up", cwd=folder)
    made = alembic("-c", str(folder / "alembic.ini"), "revision", "-m", "x", cwd=tmp_path)
    assert made.code == 0, made.err
    assert alembic("-c", str(folder / "alembic.ini"), "upgrade", "head", cwd=tmp_path).code == 0
    assert dbctl("--json", "status", cwd=folder).json["up_to_date"] is True


def test_init_again_changes_nothing(dbctl: Run, folder: Path) -> None:
    dbctl("init", cwd=folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    assert dbctl("--json", "init", cwd=folder).json["written"] == []
    assert all(path.read_bytes() == text for path, text in before.items())


def test_init_keeps_what_pyproject_says(dbctl: Run, folder: Path) -> None:
    said = '# mine\n[project]\nname = "x"  # kept\n\n[tool.other]\na = 1\n'
    (folder / "pyproject.toml").write_text(said)
    assert dbctl("init", cwd=folder).code == 0
    text = (folder / "pyproject.toml").read_text()
    assert text.startswith(said)
    assert 'metadata = "app.models:Base"' in text


def test_init_without_models_says_how_to_name_them(dbctl: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    done = dbctl("init", cwd=tmp_path)
    assert done.code == 3
    assert "--metadata" in done.err
    assert not (tmp_path / "pyproject.toml").exists()


def test_init_with_two_bases_asks_for_one(dbctl: Run, folder: Path) -> None:
    (folder / "app" / "other.py").write_text(MODELS)
    refused = dbctl("init", cwd=folder)
    assert refused.code == 5
    assert "app.models:Base" in refused.err
    assert dbctl("init", "--metadata", "app.other:Base", cwd=folder).code == 0


def test_init_never_writes_outside_the_project(dbctl: Run, folder: Path) -> None:
    assert dbctl("init", "--migrations", "../elsewhere", cwd=folder).code == 2
    assert not (folder.parent / "elsewhere").exists()
