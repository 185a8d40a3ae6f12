"""Find the project that the user stands in: its root, `[tool.dbctl]`, Alembic configuration.

Here is what is written in files. What it means (defaults, precedence, types) is in settings.py;
what env.py says is found out by running it, in migrate/environment.py.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dbctl.errors import ConfigurationError

if TYPE_CHECKING:
    import configparser

# Stands for an option whose value cannot be put together: printing it could print a password.
UNREADABLE = "\0"
_SEPARATORS = {"os": None, "space": " ", "newline": "\n", ":": ":", ";": ";"}


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
        behind = _tool_alembic(self.tool_alembic, self.toml)
        return {**behind, **_ini_options(self.ini, self.ini_section)}

    @cached_property
    def name(self) -> str:
        """The project's name, as packages are compared: lower case, dashes; "" when it has none."""
        if self.bundled:
            return ""
        said = _toml_name(self.root / "pyproject.toml") or _cfg_name(self.root / "setup.cfg")
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
            return _package_folder(location)
        return (self._base / location).resolve()

    @property
    def version_folders(self) -> tuple[Path, ...]:
        """Where revision files are: version_locations, else `versions` in the migrations folder."""
        said = self.alembic.get("version_locations")
        if not said:
            return (self.script_location / "versions",) if self.script_location else ()
        found = ((self._base / part).resolve() for part in _split(self.alembic, said))
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
    table = _tool_tables(toml) if toml.is_file() else {}
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
        table = _tool_tables(config)
        ini = folder / "alembic.ini"
        return _made(folder, str(config), table, config, ini if ini.is_file() else None)
    toml = folder / "pyproject.toml"
    table = _tool_tables(toml) if toml.is_file() else {}
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
    table = _tool_tables(home / toml).get("dbctl", {})
    why = f"no project found in {start} or above: the bundled sample"
    ini = home / "alembic.ini"
    return Project(start, why, _anchored(table, package.parent), ini=ini, bundled=True)


def _anchored(table: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """The sample's own paths start beside the package, not at the folder the user is in."""
    seeds = {"seeds": str(home / table["seeds"])} if "seeds" in table else {}
    return {**table, **seeds}


def _tool_tables(path: Path) -> dict[str, Any]:
    """The `[tool]` tables of a TOML file; {} when it has none."""
    import tomllib

    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}", hint="mend the file") from error
    _require_tables(path, tool)
    return dict(tool)


def _require_tables(path: Path, tool: Any) -> None:  # noqa: ANN401 - whatever TOML can hold
    """Refuse a value where a table must be: [tool], our two, and each environment's."""
    ours: list[Any] = [tool]
    if isinstance(tool, dict):
        dbctl = tool.get("dbctl", {})
        ours += [dbctl, tool.get("alembic", {})]
        environments = dbctl.get("env", {}) if isinstance(dbctl, dict) else {}
        ours += [dbctl.get("commands", {})] if isinstance(dbctl, dict) else []
        ours += [environments, *(environments.values() if isinstance(environments, dict) else ())]
    if not all(isinstance(table, dict) for table in ours):
        raise ConfigurationError(
            f"{path}: [tool], [tool.dbctl], [tool.dbctl.commands], [tool.dbctl.env.NAME] and"
            " [tool.alembic] are tables",
            hint="write each as a line in square brackets",
        )


def _toml_name(path: Path) -> str:
    """The name in [project], or in [tool.poetry]."""
    import tomllib

    said = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for table in (said.get("project"), said.get("tool", {}).get("poetry")):
        if isinstance(table, dict) and isinstance(table.get("name"), str):
            return str(table["name"])
    return ""


def _cfg_name(path: Path) -> str:
    """The name in setup.cfg, which is read by packagers, not by dbctl: a broken one has none."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return ""
    return parser.get("metadata", "name", fallback="")


def _tool_alembic(table: Mapping[str, Any], toml: Path | None) -> dict[str, str]:
    here = str(toml.parent) if toml else ""
    return {key: _as_ini(value).replace("%(here)s", here) for key, value in table.items()}


def _as_ini(value: Any) -> str:  # noqa: ANN401 - whatever TOML can hold
    """A TOML value as an ini file would have it: a list is one item a line."""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ini_options(ini: Path | None, section: str) -> dict[str, str]:
    if ini is None:
        return {}
    import configparser

    parser = configparser.ConfigParser({"here": str(ini.parent)})
    try:
        parser.read(ini, encoding="utf-8")
        names = parser.options(section) if parser.has_section(section) else []
        return {name: _ini_option(parser, section, name) for name in names}
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {ini}: {type(error).__name__}", hint="mend the file"
        ) from None


def _ini_option(parser: "configparser.ConfigParser", section: str, name: str) -> str:
    """One option; UNREADABLE when its % signs mean nothing without what env.py adds later."""
    import configparser

    try:
        return parser.get(section, name)
    except configparser.InterpolationError:
        return UNREADABLE


def _split(options: Mapping[str, str], text: str) -> list[str]:
    """Alembic's path separator rules: path_separator, else the older name, else spaces, commas.

    Lines are one path each: a list in pyproject.toml becomes lines.
    """
    if "\n" in text:
        return [part.strip() for part in text.splitlines() if part.strip()]
    named = options.get("path_separator") or options.get("version_path_separator")
    if named is None:
        return text.replace(",", " ").split()
    separator = _SEPARATORS.get(named, named) or os.pathsep
    return [part.strip() for part in text.split(separator) if part.strip()]


def _package_folder(location: str) -> Path:
    """The folder of a `package:path` script location."""
    from importlib.util import find_spec

    package, _, inside = location.partition(":")
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            f"script_location names {package}, which cannot be imported",
            hint="is it installed here, or does it lie beside alembic.ini?",
        )
    return Path(next(iter(spec.submodule_search_locations))) / inside
