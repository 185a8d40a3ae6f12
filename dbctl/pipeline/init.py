"""Start a project: the smallest configuration that dbctl and the plain `alembic` both work with."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from dbctl import declared, discovery, project
from dbctl.errors import ConfigurationError, NotConfirmedError, UsageError
from dbctl.inifile import tool_tables
from dbctl.migrate.files import BUILTIN
from dbctl.pipeline import models, starters
from dbctl.pipeline.model import Initialised, Template
from dbctl.settings import Settings


def init(
    folder: Path,
    *,
    metadata: str | None = None,
    migrations: str = "migrations",
    template: Template | None = None,
) -> Initialised:
    """Write what is missing of `[tool.dbctl]`, alembic.ini and a migrations folder.

    What is there is left as it is. `metadata` is found among the project's files when it is not
    given; where there are no models, `template` writes the first ones. Raises ConfigurationError
    when there are none, NotConfirmedError when there are several places and none was chosen.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="make it first")
    _require_inside(folder, migrations)
    _require_writable(metadata or "", "--metadata")
    there = project.find(folder)
    own = not there.bundled and there.root == folder
    begun = [] if metadata or declared.scan(folder).bases or not template else [template]
    written = [path for one in begun for path in starters.write(folder, one)]
    chosen = [metadata] if metadata else _chosen(folder, there.tool if own else {}, begun)
    written += _pyproject(folder, chosen, begun)
    if not (own and there.alembic.get("script_location")):
        written += _alembic(folder, migrations)
    tables = len(models.metadata(Settings.load(cwd=folder)).tables)
    kind = template or starters.detected(folder)
    files = tuple(str(path) for path in dict.fromkeys(written))
    return Initialised(str(folder), kind, ", ".join(chosen), tables, files)


def _chosen(folder: Path, tool: Mapping[str, Any], begun: Sequence[Template]) -> list[str]:
    """Where the models are: as the project says, as was just written, or as its files show."""
    said = tool.get("metadata")
    if said:
        return [said] if isinstance(said, str) else list(said)
    if begun:
        return [starters.METADATA[begun[0]]]
    toml = folder / "pyproject.toml"
    every = tool_tables(toml) if toml.is_file() else {}
    _, places = discovery.models(folder, start=True, tool=every)
    return list(places) or [_only(declared.scan(folder).bases)]


def _only(places: tuple[str, ...]) -> str:
    if len(places) == 1:
        return places[0]
    if not places:
        raise ConfigurationError(
            "no declarative base was found in this folder",
            hint="say where they are: --metadata package.module:Base; or begin with --template",
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


def _pyproject(folder: Path, places: list[str], begun: Sequence[Template]) -> Iterator[Path]:
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
    table["metadata"] = places[0] if len(places) == 1 else _lines(places)
    tool["dbctl"] = table
    if Template.fastapi in begun and "fastapi" not in tool:
        tool["fastapi"] = {"entrypoint": starters.ENTRYPOINT}
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    yield path


def _lines(places: list[str]) -> Array:
    """A list with one place a line."""
    made = tomlkit.array()
    made.extend(places)
    return made.multiline(True)


def _alembic(folder: Path, migrations: str) -> Iterator[Path]:
    """alembic.ini and the migrations folder; an existing file is never written over."""
    home = folder / migrations
    (home / "versions").mkdir(parents=True, exist_ok=True)
    texts = {
        folder / "alembic.ini": starters.text("alembic.ini.txt").format(
            folder=migrations.replace("%", "%%")
        ),
        home / "env.py": starters.text("env.py.txt"),
        home / "script.py.mako": (BUILTIN / "script.py.mako").read_text(encoding="utf-8"),
        home / "versions" / ".gitkeep": "",
    }
    for path, text in texts.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            yield path
