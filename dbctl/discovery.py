"""Projects that no configuration file beside them names: found by what lies in their folders.

Nothing of a project is run here, and nothing is guessed: where several things would do, it is said.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dbctl import declared
from dbctl.errors import ConfigurationError

# Where an alembic.ini lies when it does not lie beside the project's own files.
USUAL = ("migrations", "alembic", "db", "database", "backend", "server", "api", "app", "src")
# What says that a folder is a project's, and not the place where somebody keeps many.
MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile")
_WITHIN = ("", "migrations", "alembic", "db", "database")
_ALCHEMY = {"SQLAlchemyAsyncConfig", "SQLAlchemySyncConfig"}


def marked(folder: Path) -> bool:
    """Whether the folder is the top of a project."""
    return any((folder / name).exists() for name in MARKS)


def ini_below(folder: Path, *, start: bool) -> Path | None:
    """The one alembic.ini in the usual folders below `folder`, None when there is none.

    Only the folder where the search starts, and the top of a project, are looked into.
    Raises ConfigurationError when there are several.
    """
    if not (start or marked(folder)):
        return None
    found = list(dict.fromkeys(path for path in _inis(folder) if path.is_file()))
    if len(found) > 1:
        names = ", ".join(str(path.relative_to(folder)) for path in found)
        raise ConfigurationError(
            f"{folder} has {len(found)} Alembic projects: {names}",
            hint="choose one with --config, or stand in its folder",
        )
    return found[0] if found else None


def _inis(folder: Path) -> Iterator[Path]:
    yield from (folder / name / "alembic.ini" for name in USUAL)
    if not marked(folder):
        return
    for package in (*_packages(folder), *_packages(folder / "src")):
        yield from (package / name / "alembic.ini" for name in _WITHIN)


def _packages(folder: Path) -> list[Path]:
    """The packages directly below, tests and the like left out."""
    try:
        found = sorted(path.parent for path in folder.glob("*/__init__.py"))
    except OSError:
        return []
    return [path for path in found if path.name not in declared.SKIPPED]


def root_of(ini: Path) -> Path:
    """The project's folder: above the migrations folder when the ini lies in that one."""
    return ini.parent.parent if (ini.parent / "env.py").is_file() else ini.parent


def models(folder: Path, *, start: bool, tool: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Why `folder` is a project though it has no Alembic, and where its tables are declared.

    "" when it is none; no place when several bases would do. `tool` is its pyproject.toml's.
    """
    if not (marked(folder) or (start and _has_code(folder))):
        return "", ()
    found, by = declared.scan(folder), ""
    if len(found.bases) != 1 and (entry := _entrypoint(tool)):
        reached = found.within(declared.reached(folder, entry.partition(":")[0]))
        found, by = (reached, f" of {entry} ([tool.fastapi])") if reached.bases else (found, "")
    bases = found.bases
    if len(bases) == 1:
        return f"the models {bases[0]}{by} in {folder}, no Alembic", found.places(bases[0])
    return (f"{len(bases)} declarative bases in {folder}: {', '.join(bases)}" if bases else ""), ()


def _has_code(folder: Path) -> bool:
    return any(folder.glob("*.py")) or any(folder.glob("*/__init__.py"))


def _entrypoint(tool: Mapping[str, Any]) -> str:
    table = tool.get("fastapi")
    found = table.get("entrypoint") if isinstance(table, Mapping) else None
    return found if isinstance(found, str) else ""


def alchemy(folder: Path) -> tuple[str, ...]:
    """Every advanced-alchemy configuration that a module of the project holds."""
    return declared.calls(folder, _ALCHEMY)


def flask(folder: Path) -> tuple[str, ...]:
    """Every Flask app that a module of the project holds, or makes in a `create_app`."""
    made = declared.calls(folder, {"Flask"})
    factories = declared.functions(folder, {"create_app", "make_app"})
    return (*made, *factories)
