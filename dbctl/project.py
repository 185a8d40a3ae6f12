"""Find the project that the user stands in: its root, `[tool.dbctl]`, Alembic configuration.

Here is what is written in files. What it means (defaults, precedence, types) is in settings.py;
what env.py says is found out by running it, in migrate/environment.py.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from dbctl.errors import ConfigurationError
from dbctl.inifile import (
    UNREADABLE,
    cfg_name,
    ini_options,
    package_folder,
    split,
    toml_name,
    tool_alembic,
    tool_tables,
)


# Shell completion reads this module at every key press: `dataclasses` would cost it a quarter more.
class _Found(NamedTuple):
    root: Path
    why: str
    tool: Mapping[str, Any] = {}
    tool_alembic: Mapping[str, Any] = {}
    toml: Path | None = None
    ini: Path | None = None
    ini_section: str = "alembic"
    bundled: bool = False  # nobody's project was found: this is the sample that dbctl brings


class Project(_Found):
    """What was found. Relative paths in its files start at `root`."""

    @cached_property
    def alembic(self) -> Mapping[str, str]:
        """Alembic's options as written, `%(here)s` filled in; `[tool.alembic]` behind the ini."""
        behind = tool_alembic(self.tool_alembic, self.toml)
        return {**behind, **ini_options(self.ini, self.ini_section)}

    @cached_property
    def name(self) -> str:
        """The project's name, as packages are compared: lower case, dashes; "" when it has none."""
        if self.bundled:
            return ""
        said = toml_name(self.root / "pyproject.toml") or cfg_name(self.root / "setup.cfg")
        return re.sub(r"[-_.]+", "-", said).lower()

    @property
    def commands(self) -> Mapping[str, Any]:
        """`[tool.dbctl.commands]`: words that the project adds to the command line, as written."""
        found: Mapping[str, Any] = self.tool.get("commands", {})
        return found

    @property
    def script_location(self) -> Path | None:
        """The migrations folder, or None when the project has none."""
        location = self.alembic.get("script_location")
        if location is None:
            return None
        if location == UNREADABLE:
            raise ConfigurationError(
                f"{self.ini}: script_location holds a % that is not doubled",
                hint="write %% for a percent sign in an ini file",
            )
        if ":" in location and not Path(location).is_absolute():
            self.on_path()
            return package_folder(location)
        return (self._base / location).resolve()

    @property
    def version_folders(self) -> tuple[Path, ...]:
        """Where revision files are: version_locations, else `versions` in the migrations folder."""
        said = self.alembic.get("version_locations")
        if not said:
            return (self.script_location / "versions",) if self.script_location else ()
        found = ((self._base / part).resolve() for part in split(self.alembic, said))
        return tuple(dict.fromkeys(found))

    def on_path(self) -> None:
        """Put the project's own folders on the import path, as its own commands have them."""
        if self.bundled:
            return
        for folder in (self.root / "src", self.root):
            if folder.is_dir() and str(folder) not in sys.path:
                sys.path.insert(0, str(folder))

    @property
    def _base(self) -> Path:
        return self.ini.parent if self.ini else self.root


def find(start: Path, config: Path | None = None, section: str | None = None) -> Project:
    """The project around `start`, or the one `config` (pyproject.toml or alembic.ini) belongs to.

    `section` is the section of alembic.ini to read, when it is not [alembic].
    Raises ConfigurationError when `config` does not exist or a file cannot be read.
    """
    found = _found(start.resolve(), config)
    if section is None:
        return found
    _require_section(found, section)
    return found._replace(ini_section=section)


def _found(start: Path, config: Path | None) -> Project:
    if config is not None:
        return _named(config.expanduser().resolve())
    for folder in _upward(start):
        if project := _in_folder(folder):
            return project
    return _bundled(start)


def _require_section(found: Project, section: str) -> None:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    parser.read(found.ini or (), encoding="utf-8")
    if not parser.has_section(section):
        raise ConfigurationError(
            f"{found.ini or found.root} has no section [{section}]",
            hint=f"it has {', '.join(parser.sections()) or 'none'}",
        )


def _upward(start: Path) -> Iterator[Path]:
    """`start` and its parents, not beyond the repository that holds it."""
    for folder in (start, *start.parents):
        yield folder
        if (folder / ".git").exists():
            return


def _in_folder(folder: Path) -> Project | None:
    toml, ini = folder / "pyproject.toml", folder / "alembic.ini"
    table = tool_tables(toml) if toml.is_file() else {}
    found_ini = ini if ini.is_file() else None
    if "dbctl" in table:
        why = f"[tool.dbctl] in {toml}"
    elif "alembic" in table:
        why = f"[tool.alembic] in {toml}"
    elif found_ini:
        why = str(ini)
    else:
        return None
    return _made(folder, why, table, toml if table else None, found_ini)


def _named(config: Path) -> Project:
    if not config.is_file():
        raise ConfigurationError(f"no such file: {config}", hint="check --config")
    folder = config.parent
    if config.suffix == ".toml":
        table = tool_tables(config)
        ini = folder / "alembic.ini"
        return _made(folder, str(config), table, config, ini if ini.is_file() else None)
    toml = folder / "pyproject.toml"
    table = tool_tables(toml) if toml.is_file() else {}
    return _made(folder, str(config), table, toml if table else None, config)


def _made(
    root: Path, why: str, table: Mapping[str, Any], toml: Path | None, ini: Path | None
) -> Project:
    return Project(root, why, table.get("dbctl", {}), table.get("alembic", {}), toml, ini)


def _bundled(start: Path) -> Project:
    """The sample: inside the package when installed, else the checkout around the package."""
    package = Path(__file__).parent
    home, toml = package / "sample", "project.toml"
    if not (home / "alembic.ini").is_file():
        home, toml = package.parent, "pyproject.toml"
    table = tool_tables(home / toml).get("dbctl", {})
    why = f"no project found in {start} or above: the bundled sample"
    ini = home / "alembic.ini"
    return Project(start, why, _anchored(table, package.parent), ini=ini, bundled=True)


def _anchored(table: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """The sample's own paths start beside the package, not at the folder the user is in."""
    seeds = {"seeds": str(home / table["seeds"])} if "seeds" in table else {}
    return {**table, **seeds}
