"""Start a project: the smallest configuration that dbctl and the plain `alembic` both work with."""

import ast
from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dbctl import project
from dbctl.errors import ConfigurationError, NotConfirmedError, UsageError
from dbctl.pipeline import models
from dbctl.pipeline.model import Initialised
from dbctl.settings import Settings

# Folders that hold no models of the project's own.
SKIPPED = {"tests", "test", "migrations", "alembic", "versions", "node_modules", "build", "dist"}
BASES = {"DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass"}
FILES_READ = 2000


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
    there = project.find(folder)
    own = not there.bundled and there.root == folder
    chosen = metadata or (own and there.tool.get("metadata")) or _only(found(folder))
    written = [*_pyproject(folder, chosen)]
    if not (own and there.script_location):
        written += _alembic(folder, migrations)
    tables = len(models.metadata(Settings.load(cwd=folder)).tables)
    return Initialised(str(folder), chosen, tables, tuple(str(path) for path in written))


def found(folder: Path) -> tuple[str, ...]:
    """Every declarative base below `folder`, as "package.module:Name"; files are not run."""
    names = (name for path in _sources(folder) for name in _declared(folder, path))
    return tuple(dict.fromkeys(names))


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
    place = (folder / migrations).resolve()
    if place == folder or not place.is_relative_to(folder):
        raise UsageError("the migrations folder must lie inside the project", hint="--migrations")


def _sources(folder: Path) -> Iterator[Path]:
    """The project's own Python files, the nearest first."""
    count = 0
    waiting = [folder]
    while waiting and count < FILES_READ:
        for path in sorted(waiting.pop(0).iterdir()):
            if path.is_dir() and _is_own(path):
                waiting.append(path)
            elif path.suffix == ".py":
                count += 1
                yield path


def _is_own(path: Path) -> bool:
    hidden = path.name.startswith((".", "_")) or path.name in SKIPPED
    return not (hidden or path.is_symlink() or (path / "pyvenv.cfg").exists())


def _declared(folder: Path, path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    module = ".".join(path.relative_to(_root(folder, path)).with_suffix("").parts)
    module = module.removesuffix(".__init__")
    for node in tree.body:
        if name := _base(node):
            yield f"{module}:{name}"


def _root(folder: Path, path: Path) -> Path:
    source = folder / "src"
    return source if path.is_relative_to(source) else folder


def _base(node: ast.stmt) -> str | None:
    """The name of a declarative base that `node` makes: a class, or declarative_base()."""
    if isinstance(node, ast.ClassDef):
        parents = {_last(parent) for parent in node.bases}
        return node.name if parents & BASES else None
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        target = node.targets[0]
        made = _last(node.value.func) == "declarative_base"
        return target.id if made and isinstance(target, ast.Name) else None
    return None


def _last(node: ast.expr) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


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
        folder / "alembic.ini": _template("alembic.ini.txt").format(folder=migrations),
        home / "env.py": _template("env.py.txt"),
        home / "script.py.mako": _template("script.py.mako"),
        home / "versions" / ".gitkeep": "",
    }
    for path, text in texts.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            yield path


def _template(name: str) -> str:
    return (resources("dbctl.pipeline") / "templates" / name).read_text(encoding="utf-8")
