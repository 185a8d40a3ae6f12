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
    places: tuple[str, ...] = ()  # where a scan of its files found its tables declared


class Project(_Found):
    """What was found. Relative paths in its files start at `root`."""

    @cached_property
    def alembic(self) -> Mapping[str, str]:
        """Alembic's options as written, `%(here)s` filled in; `[tool.alembic]` behind the ini."""
        if self.config:
            from dbctl import coded

            return coded.options(self.coded())
        return self._written

    @cached_property
    def _written(self) -> Mapping[str, str]:
        behind = tool_alembic(self.tool_alembic, self.toml)
        return {**behind, **ini_options(self.ini, self.ini_section)}

    @cached_property
    def config(self) -> str:
        """`[tool.dbctl] config`: where the project's code makes Alembic's configuration, or "".

        An advanced-alchemy project's ini may name a folder that its code does not mean: then the
        one configuration that its files hold.
        """
        said = self.tool.get("config")
        location = self._written.get("script_location", UNREADABLE)
        if said or not self.ini or ":" in location or UNREADABLE in location:
            return str(said or "")
        from dbctl import discovery

        found = () if self._placed(location).is_dir() else discovery.alchemy(self.root)
        return found[0] if len(found) == 1 else ""

    def coded(self) -> Any:  # noqa: ANN401 - alembic.config.Config
        """That configuration, made anew; what it names is imported."""
        from dbctl import coded

        self.on_path()
        return coded.config(self.config or self.alchemy, self.home, self._chosen)

    @cached_property
    def alchemy(self) -> str:
        """Where the configuration of an advanced-alchemy project is; "" for any other project."""
        if "advanced_alchemy" not in self.env_text:
            return ""
        from dbctl import discovery

        found = discovery.alchemy(self.root)
        if len(found) != 1:
            raise ConfigurationError(
                f"env.py is advanced-alchemy's, and the project has {len(found)} configurations"
                f" of it{': ' if found else ''}{', '.join(found)}",
                hint='say which: config = "package.module:name" in [tool.dbctl]',
            )
        return found[0]

    @cached_property
    def env_text(self) -> str:
        """env.py as text; "" when there is none."""
        folder = self.script_location
        path = folder / "env.py" if folder else None
        there = path is not None and path.is_file()
        return path.read_text(encoding="utf-8", errors="replace") if path and there else ""

    @property
    def kind(self) -> str:
        """Whose env.py it is: "Flask-Migrate", "advanced-alchemy", or "" for one of its own."""
        if "current_app" in self.env_text:
            return "Flask-Migrate"
        return "advanced-alchemy" if "advanced_alchemy" in self.env_text else ""

    @property
    def home(self) -> Path:
        """Where plain `alembic` would be run: there relative paths of its options start."""
        if self.ini is None or (self.ini.parent / "env.py").is_file():
            return self.root
        return self.ini.parent

    @property
    def _chosen(self) -> str:
        return "" if self.ini_section == "alembic" else self.ini_section

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
        """The migrations folder, which may have to be made; None when the project has none."""
        location = self.alembic.get("script_location")
        if location is None:
            return self._unwritten
        if location == UNREADABLE:
            raise ConfigurationError(
                f"{self.ini}: script_location holds a % that is not doubled",
                hint="write %% for a percent sign in an ini file",
            )
        if ":" in location and not Path(location).is_absolute():
            self.on_path()
            return package_folder(location)
        return self._placed(location)

    @property
    def _unwritten(self) -> Path | None:
        """The migrations folder where no option names it."""
        if self.ini and (self.ini.parent / "env.py").is_file():
            return self.ini.parent  # Flask-Migrate's
        if self.tool.get("metadata") or self.tool.get("migrations") or self.places:
            return self.root / str(self.tool.get("migrations") or "migrations")
        return None

    def _placed(self, written: str) -> Path:
        """A path of the configuration: from its file, or from where the command would be run."""
        places = ((folder / written).resolve() for folder in (self._base, self.home, self.root))
        found = tuple(dict.fromkeys(places))
        return next((path for path in found if path.exists()), found[0])

    @property
    def version_folders(self) -> tuple[Path, ...]:
        """Where revision files are: version_locations, else `versions` in the migrations folder."""
        said = self.alembic.get("version_locations")
        if not said:
            return (self.script_location / "versions",) if self.script_location else ()
        return tuple(dict.fromkeys(self._placed(part) for part in split(self.alembic, said)))

    def on_path(self) -> None:
        """Put the project's own folders on the import path, as its own commands have them."""
        if self.bundled:
            return
        for folder in dict.fromkeys((self.root / "src", self.root, self.home)):
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
    if found.ini and not found.config:
        _require_section(found, section)
    return found._replace(ini_section=section)


def _found(start: Path, config: Path | None) -> Project:
    if config is not None:
        return _named(config.expanduser().resolve())
    for folder in _upward(start):
        if project := _in_folder(folder) or _below(folder, start):
            return project
    return _by_models(start) or _bundled(start)


def _below(folder: Path, start: Path) -> Project | None:
    """The project of the alembic.ini in one of the usual folders below."""
    from dbctl import discovery

    ini = discovery.ini_below(folder, start=folder == start)
    return _made(folder, str(ini), {}, None, ini) if ini else None


def _by_models(start: Path) -> Project | None:
    """A project that has models and no Alembic."""
    from dbctl import discovery

    for folder in _upward(start):
        toml = folder / "pyproject.toml"
        table = tool_tables(toml) if toml.is_file() else {}
        why, places = discovery.models(folder, start=folder == start, tool=table)
        if why:
            return Project(folder, why, toml=toml if table else None, places=places)
    return None


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
    return _made(folder, why, table, toml if table else None, found_ini or _ini(folder, table))


def _ini(folder: Path, table: Mapping[str, Any]) -> Path | None:
    """The alembic.ini of a pyproject.toml that does not itself say where the migrations are."""
    if "alembic" in table or {"config", "migrations"} & table["dbctl"].keys():
        return None
    from dbctl import discovery

    return discovery.ini_below(folder, start=True)


def _named(config: Path) -> Project:
    if not config.is_file():
        raise ConfigurationError(f"no such file: {config}", hint="check --config")
    if config.suffix == ".toml":
        folder = config.parent
        table = tool_tables(config)
        ini = folder / "alembic.ini"
        found_ini = ini if ini.is_file() else _ini(folder, {"dbctl": {}, **table})
        return _made(folder, str(config), table, config, found_ini)
    from dbctl import discovery

    folder = discovery.root_of(config)
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
