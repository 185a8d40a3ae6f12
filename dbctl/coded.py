"""Alembic's configuration where a project makes it in code: `config = "package.module:object"`.

The object is an `alembic.config.Config`, a function that returns one, or the configuration of
advanced-alchemy, which makes its own kind of `Config`; several of those are told by bind_key.
"""

import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

from dbctl.errors import ConfigurationError
from dbctl.foreign import imported, importing


def config(place: str, home: Path, name: str = "") -> Any:  # noqa: ANN401 - alembic.config.Config
    """The `alembic.config.Config` behind `place`, made in `home`; `name` chooses among several.

    Raises ConfigurationError when there is no such thing.
    """
    with chdir(home), redirect_stdout(sys.stderr):
        found = imported(place)
        with importing(place, below=home):
            made = _config(_called(found), place, name)
    if not hasattr(made, "get_main_option"):
        raise ConfigurationError(
            f"{place} is neither an alembic.config.Config nor a function that returns one",
            hint="config in [tool.dbctl] names one of them, or advanced-alchemy's configuration",
        )
    return made


def options(made: Any) -> dict[str, str]:  # noqa: ANN401 - alembic.config.Config
    """Its options as text; `unreadable` ones, that need what is added later, are left out."""
    import configparser

    section, found = made.config_ini_section, {}
    parser = made.file_config
    for name in parser.options(section) if parser.has_section(section) else ():
        try:
            found[name] = parser.get(section, name)
        except configparser.InterpolationError:
            continue
    return found


def _called(found: Any) -> Any:  # noqa: ANN401
    """What a function returns; the thing itself when it is none."""
    return found() if callable(found) and not hasattr(found, "get_main_option") else found


def _config(found: Any, place: str, name: str) -> Any:  # noqa: ANN401
    several = list(found) if isinstance(found, list | tuple) else [found]
    chosen = _chosen(several, place, name)
    if not hasattr(chosen, "alembic_config"):
        return chosen
    from importlib import import_module

    commands = import_module("advanced_alchemy.alembic.commands")
    return commands.AlembicCommands(sqlalchemy_config=chosen).config


def _chosen(several: list[Any], place: str, name: str) -> Any:  # noqa: ANN401
    """The one with the bind_key `name`; without a name the only one, or the one without a key."""
    keys = [getattr(one, "bind_key", None) for one in several]
    wanted = name or None
    if len(several) == 1 and wanted in (None, keys[0]):
        return several[0]
    if wanted in keys:
        return several[keys.index(wanted)]
    raise ConfigurationError(
        f"{place} has no configuration called {name!r}" if name else f"{place} holds several",
        hint=f"--name chooses one: {', '.join(str(key) for key in keys if key) or 'none has one'}",
    )
