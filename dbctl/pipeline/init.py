"""Start a project: the smallest configuration that dbctl and the plain `alembic` both work with."""

from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dbctl import declared, project
from dbctl.errors import ConfigurationError, NotConfirmedError, UsageError
from dbctl.migrate import files
from dbctl.pipeline import models
from dbctl.pipeline.model import Initialised
from dbctl.settings import Settings


def init(
    folder: Path, *, metadata: str | None = None, migrations: str = "migrations"
) -> Initialised:
    """Write what is missing of `[tool.dbctl]`, alembic.ini and a migrations folder.

    What is there is left as it is. `metadata` is found among the project's files when it is not
    given. Raises ConfigurationError when there are no models, NotConfirmedError when there are
    several places and none was chosen.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="make it first")
    _require_inside(folder, migrations)
    _require_writable(metadata or "", "--metadata")
    there = project.find(folder)
    own = not there.bundled and there.root == folder
    chosen = metadata or (own and there.tool.get("metadata")) or _only(found(folder))
    written = [*_pyproject(folder, chosen)]
    if not (own and there.alembic.get("script_location")):
        written += _alembic(folder, migrations)
    tables = len(models.metadata(Settings.load(cwd=folder)).tables)
    return Initialised(str(folder), chosen, tables, tuple(str(path) for path in written))


def found(folder: Path) -> tuple[str, ...]:
    """Every declarative base below `folder`, as "package.module:Name"; files are not run."""
    return declared.scan(folder).bases


def _only(places: tuple[str, ...]) -> str:
    if len(places) == 1:
        return places[0]
    if not places:
        raise ConfigurationError(
            "no declarative base was found in this folder",
            hint="say where the models are: --metadata package.module:Base",
        )
    raise NotConfirmedError(
        f"there are {len(places)} declarative bases: {', '.join(places)}",
        hint="choose one with --metadata",
    )


def _require_inside(folder: Path, migrations: str) -> None:
    _require_writable(migrations, "--migrations")
    place = (folder / migrations).resolve()
    if place == folder or not place.is_relative_to(folder):
        raise UsageError("the migrations folder must lie inside the project", hint="--migrations")


def _require_writable(said: str, option: str) -> None:
    """Refuse what a configuration file cannot hold as it is."""
    if not said.isprintable() or said != said.strip():
        raise UsageError(f"{option} is no name for a configuration file: {said!r}")


def _pyproject(folder: Path, metadata: str) -> Iterator[Path]:
    """Add `[tool.dbctl]` to pyproject.toml, keeping every line that is there."""
    path = folder / "pyproject.toml"
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomlkit.parse(text)
    except (OSError, TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}", hint="mend the file") from error
    tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
    if "dbctl" in tool:
        return
    table = tomlkit.table()
    table["metadata"] = metadata
    tool["dbctl"] = table
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    yield path


def _alembic(folder: Path, migrations: str) -> Iterator[Path]:
    """alembic.ini and the migrations folder; an existing file is never written over."""
    home = folder / migrations
    (home / "versions").mkdir(parents=True, exist_ok=True)
    texts = {
        folder / "alembic.ini": _template("alembic.ini.txt").format(
            folder=migrations.replace("%", "%%")
        ),
        home / "env.py": _template("env.py.txt"),
        home / "script.py.mako": (files.BUILTIN / "script.py.mako").read_text(encoding="utf-8"),
        home / "versions" / ".gitkeep": "",
    }
    for path, text in texts.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            yield path


def _template(name: str) -> str:
    return (resources("dbctl.pipeline") / "templates" / name).read_text(encoding="utf-8")
