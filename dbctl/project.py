"""Find the project that the user stands in: its root, `[tool.dbctl]`, Alembic configuration.

Here is what is written in files. What it means (defaults, precedence, types) is in settings.py;
what env.py says is found out by running it, in migrate/environment.py.
"""

import configparser
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dbctl.errors import ConfigurationError


@dataclass(frozen=True)
class Project:
    """What was found. Relative paths in its files start at `root`."""

    root: Path
    why: str
    tool: Mapping[str, Any] = field(default_factory=dict)
    toml: Path | None = None
    ini: Path | None = None
    ini_section: str = "alembic"
    bundled: bool = False  # nobody's project was found: this is the sample that dbctl brings

    @cached_property
    def alembic(self) -> Mapping[str, str]:
        """Alembic's options as written, `%(here)s` filled in; `[tool.alembic]` behind the ini."""
        return {**_tool_alembic(self.toml), **_ini_options(self.ini, self.ini_section)}

    @property
    def script_location(self) -> Path | None:
        """The migrations folder, or None when the project has none."""
        location = self.alembic.get("script_location")
        if location is None:
            return None
        if ":" in location and not Path(location).is_absolute():
            return _package_folder(location)
        base = self.ini.parent if self.ini else self.root
        return (base / location).resolve()


def find(start: Path, config: Path | None = None) -> Project:
    """The project around `start`, or the one `config` (pyproject.toml or alembic.ini) belongs to.

    Raises ConfigurationError when `config` does not exist or a file cannot be read.
    """
    if config is not None:
        return _named(config.expanduser().resolve())
    for folder in _upward(start.resolve()):
        if project := _in_folder(folder):
            return project
    return _bundled(start.resolve())


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
    return Project(folder, why, table.get("dbctl", {}), toml if table else None, found_ini)


def _named(config: Path) -> Project:
    if not config.is_file():
        raise ConfigurationError(f"no such file: {config}", hint="check --config")
    folder = config.parent
    if config.suffix == ".toml":
        table = _tool_tables(config)
        ini = folder / "alembic.ini"
        return Project(
            folder, str(config), table.get("dbctl", {}), config, ini if ini.is_file() else None
        )
    toml = folder / "pyproject.toml"
    table = _tool_tables(toml) if toml.is_file() else {}
    return Project(folder, str(config), table.get("dbctl", {}), toml if table else None, config)


def _bundled(start: Path) -> Project:
    """The sample: inside the package when installed, else the checkout around the package."""
    package = Path(__file__).parent
    home = package / "sample"
    if not (home / "alembic.ini").is_file():
        home = package.parent
    table = _tool_tables(home / "pyproject.toml").get("dbctl", {})
    why = f"no project found in {start} or above: the bundled sample"
    return Project(start, why, _anchored(table, home), None, home / "alembic.ini", bundled=True)


def _anchored(table: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """The sample's own paths start at its home, not at the folder the user happens to be in."""
    seeds = {"seeds": str(home / table["seeds"])} if "seeds" in table else {}
    return {**table, **seeds}


def _tool_tables(path: Path) -> dict[str, Any]:
    """The `[tool]` tables of a TOML file; {} when it has none."""
    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}", hint="mend the file") from error
    return dict(tool)


def _tool_alembic(toml: Path | None) -> dict[str, str]:
    if toml is None:
        return {}
    table = _tool_tables(toml).get("alembic", {})
    here = str(toml.parent)
    return {
        key: value.replace("%(here)s", here)
        for key, value in table.items()
        if isinstance(value, str)
    }


def _ini_options(ini: Path | None, section: str) -> dict[str, str]:
    if ini is None:
        return {}
    parser = configparser.ConfigParser({"here": str(ini.parent)})
    try:
        parser.read(ini, encoding="utf-8")
        return dict(parser[section]) if parser.has_section(section) else {}
    except configparser.InterpolationError as error:
        # The parser's own message prints the rest of the value, passwords included.
        raise ConfigurationError(
            f"{ini}: [{section}] {error.option} holds a % that is not doubled",
            hint="write %% for a percent sign in an ini file",
        ) from None
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {ini}: {type(error).__name__}", hint="mend the file"
        ) from error


def _package_folder(location: str) -> Path:
    """The folder of a `package:path` script location."""
    from importlib.util import find_spec

    package, _, inside = location.partition(":")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"script_location names {package}, which cannot be imported")
    return Path(next(iter(spec.submodule_search_locations))) / inside
