"""The name of a template: a hash of all that decides what is in it."""

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from dbctl import __version__
from dbctl.project import Project
from dbctl.settings import Settings
from dbctl.testing.wish import Wish

LETTERS = 12
TOOLS = ("alembic", "sqlalchemy")
# Written by tools beside what people write.
PASSED_OVER = {".pyc", ".pyo"}


def key(wish: Wish, settings: Settings) -> str:
    """Equal for equal migrations, seeds, configuration and versions of the tools."""
    project = settings.project
    told = {
        "dbctl": __version__,
        **{name: version(name) for name in TOOLS},
        "seed": wish.seed,
        "from_models": wish.from_models,
        "metadata": settings.metadata,
        "tool": project.tool,
        "alembic": project.tool_alembic,
        "section": project.ini_section,
    }
    made = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
    for path in sorted(set(_files(wish, settings))):
        made.update(f"\0{_named(path, project)}\0".encode())
        made.update(path.read_bytes())
    return made.hexdigest()[:LETTERS]


def _named(path: Path, project: Project) -> str:
    """The file's path in the project, so that another checkout of it has the same key."""
    return str(path.relative_to(project.root)) if path.is_relative_to(project.root) else path.name


def _files(wish: Wish, settings: Settings) -> Iterator[Path]:
    project = settings.project
    folders = [project.ini, project.script_location, *project.version_folders]
    if wish.seed:
        folders.append(project.root / settings.seeds)
    if wish.from_models:
        folders += _packages(settings)
    for folder in folders:
        yield from _below(folder)
    for pattern in wish.key_files:
        yield from (path for path in wish.root.glob(pattern) if path.is_file())


def _below(place: Path | None) -> Iterator[Path]:
    if place is None:
        return
    for path in [place] if place.is_file() else place.rglob("*"):
        if path.is_file() and path.suffix not in PASSED_OVER and "__pycache__" not in path.parts:
            yield path


def _packages(settings: Settings) -> Iterator[Path]:
    """Where the code of the models is: the packages, or the modules, that `metadata` names."""
    settings.project.on_path()
    for place in (settings.metadata or "").split(","):
        top = place.strip().split(":")[0].split(".")[0]
        spec = find_spec(top) if top else None
        if spec and spec.origin:
            path = Path(spec.origin)
            yield path.parent if path.name == "__init__.py" else path
