"""What pyproject.toml, alembic.ini and setup.cfg say, as it is written there."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbctl.errors import ConfigurationError

if TYPE_CHECKING:
    import configparser

# Stands for an option whose value cannot be put together: printing it could print a password.
UNREADABLE = "\0"
_SEPARATORS = {"os": None, "space": " ", "newline": "\n", ":": ":", ";": ";"}


def tool_tables(path: Path) -> dict[str, Any]:
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


def toml_name(path: Path) -> str:
    """The name in [project], or in [tool.poetry]."""
    import tomllib

    said = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for table in (said.get("project"), said.get("tool", {}).get("poetry")):
        if isinstance(table, dict) and isinstance(table.get("name"), str):
            return str(table["name"])
    return ""


def cfg_name(path: Path) -> str:
    """The name in setup.cfg, which is read by packagers, not by dbctl: a broken one has none."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return ""
    return parser.get("metadata", "name", fallback="")


def tool_alembic(table: Mapping[str, Any], toml: Path | None) -> dict[str, str]:
    here = str(toml.parent) if toml else ""
    return {key: _as_ini(value).replace("%(here)s", here) for key, value in table.items()}


def _as_ini(value: Any) -> str:  # noqa: ANN401 - whatever TOML can hold
    """A TOML value as an ini file would have it: a list is one item a line."""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def ini_options(ini: Path | None, section: str) -> dict[str, str]:
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


def split(options: Mapping[str, str], text: str) -> list[str]:
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


def package_folder(location: str) -> Path:
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
