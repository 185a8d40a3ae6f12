"""Where a project declares its tables, read from its files: nothing of it is run.

A place is "package.module:Name": a declarative base, or a model, whose module has to be imported.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Folders that hold no models of the project's own.
SKIPPED = {"tests", "test", "migrations", "alembic", "versions", "node_modules", "build", "dist"}
BASES = {"DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass"}
FILES_READ = 1000
SQLMODEL = "SQLModel"
# What a file must speak of to be worth parsing.
_BASE = re.compile(rb"DeclarativeBase|declarative_base|SQLModel|MappedAsDataclass")
_WORTH = re.compile(
    rb"DeclarativeBase|declarative_base|SQLModel|__table|Mapped|Column|relationship"
)
_TABLE = re.compile(r"""^[ \t]+__tablename__[^=\n]*=[ \t]*["']([^"'\n]+)["']""", re.MULTILINE)
_MODEL = {"__tablename__", "__table__"}


class Module(NamedTuple):
    """What one file declares: bases, tables of SQLModel, and classes with what they derive from."""

    name: str
    bases: tuple[str, ...]
    sqlmodel: tuple[str, ...]
    classes: tuple[tuple[str, frozenset[str]], ...]


class Declared(NamedTuple):
    """What all files declare."""

    modules: tuple[Module, ...]

    @property
    def bases(self) -> tuple[str, ...]:
        """Every declarative base; SQLModel's as the first table of its that was found."""
        own = [f"{one.name}:{name}" for one in self.modules for name in one.bases]
        found = [*own, *self._sqlmodel[:1]]
        return tuple(dict.fromkeys(found))

    @property
    def _sqlmodel(self) -> list[str]:
        return [f"{one.name}:{one.sqlmodel[0]}" for one in self.modules if one.sqlmodel]

    def places(self, base: str) -> tuple[str, ...]:
        """What has to be imported for every table of `base`: one place for each file."""
        if base in self._sqlmodel:
            return tuple(self._sqlmodel)
        home, _, name = base.partition(":")
        family = self._family(name)
        others = [one for one in self.modules if one.name != home]
        first = ((one.name, next((n for n, _ in one.classes if n in family), "")) for one in others)
        return (base, *(f"{module}:{name}" for module, name in first if name))

    def _family(self, base: str) -> set[str]:
        """The names of all classes that derive from `base`, near and far."""
        classes = [one for module in self.modules for one in module.classes]
        found, before = {base}, 0
        while len(found) > before:
            before = len(found)
            found |= {name for name, parents in classes if parents & found}
        return found - {base}

    def within(self, names: frozenset[str]) -> "Declared":
        """The same without the files that are not among `names`."""
        return Declared(tuple(one for one in self.modules if one.name in names))


def scan(folder: Path) -> Declared:
    """What the files below `folder` declare, the nearest first."""
    texts = {path: _text(path) for path in _sources(folder)}
    if not any(_BASE.search(text) for text in texts.values()):
        return Declared(())  # most folders: nothing is worth parsing
    found = (_module(folder, path) for path, text in texts.items() if _WORTH.search(text))
    return Declared(tuple(one for one in found if one is not None))


def tables(folder: Path) -> dict[str, Path]:
    """The tables that classes name in `__tablename__`, each with the file of its class."""
    found: dict[str, Path] = {}
    for path in _sources(folder):
        for match in _TABLE.finditer(_text(path).decode(errors="replace")):
            found.setdefault(match[1], path)
    return found


def reached(folder: Path, module: str) -> frozenset[str]:
    """The project's modules that importing `module` imports, as far as that is written out."""
    files = {module_name(folder, path): path for path in _sources(folder)}
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in files and name not in found:
            found.add(name)
            waiting += _imports(files[name], name)
            waiting += [name.rpartition(".")[0]] if "." in name else []
    return frozenset(found)


def calls(folder: Path, names: set[str]) -> tuple[str, ...]:
    """The module-level names that are given what one of `names` makes when it is called."""
    return tuple(
        f"{module_name(folder, path)}:{target.id}"
        for path, node in _statements(folder, names)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and _last(node.value.func) in names
        and isinstance(target := _target(node), ast.Name)
    )


def functions(folder: Path, names: set[str]) -> tuple[str, ...]:
    """The module-level functions called one of `names`."""
    return tuple(
        f"{module_name(folder, path)}:{node.name}"
        for path, node in _statements(folder, names)
        if isinstance(node, ast.FunctionDef) and node.name in names
    )


def _statements(folder: Path, names: set[str]) -> Iterator[tuple[Path, ast.stmt]]:
    """The top level of every file that speaks of one of `names`."""
    worth = [name.encode() for name in names]
    for path in _sources(folder):
        tree = _tree(path) if any(name in _text(path) for name in worth) else None
        yield from ((path, node) for node in (tree.body if tree else ()))


def _target(node: ast.Assign | ast.AnnAssign) -> ast.expr:
    return node.targets[0] if isinstance(node, ast.Assign) else node.target


def module_name(folder: Path, path: Path) -> str:
    """The dotted name under which a file is imported; what lies in `src` starts there."""
    source = folder / "src"
    root = source if path.is_relative_to(source) else folder
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _sources(folder: Path) -> Iterator[Path]:
    """The project's own Python files, the nearest first."""
    count = 0
    waiting = [folder]
    while waiting and count < FILES_READ:
        for path in _entries(waiting.pop(0)):
            if path.is_dir() and _is_own(path):
                waiting.append(path)
            elif path.suffix == ".py":
                count += 1
                yield path


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # a folder that may not be read holds nothing of ours
        return []


def _is_own(path: Path) -> bool:
    hidden = path.name.startswith((".", "_")) or path.name in SKIPPED
    return not (hidden or path.is_symlink() or (path / "pyvenv.cfg").exists())


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _tree(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _module(folder: Path, path: Path) -> Module | None:
    tree = _tree(path)
    if tree is None:
        return None
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    made = Module(
        module_name(folder, path),
        tuple(name for node in tree.body if (name := _base(node))),
        tuple(one.name for one in classes if _is_table(one)),
        tuple((one.name, _parents(one)) for one in classes),
    )
    return made if classes or made.bases else None


def _base(node: ast.stmt) -> str | None:
    """The name of a declarative base that `node` makes: a class, or declarative_base()."""
    if isinstance(node, ast.ClassDef):
        return node.name if _parents(node) & BASES and not _is_model(node) else None
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        target = node.targets[0]
        made = _last(node.value.func) == "declarative_base"
        return target.id if made and isinstance(target, ast.Name) else None
    return None


def _parents(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(_last(parent) for parent in node.bases)


def _is_model(node: ast.ClassDef) -> bool:
    assigned = [one.targets[0] for one in node.body if isinstance(one, ast.Assign)]
    annotated = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
    return any(isinstance(one, ast.Name) and one.id in _MODEL for one in (*assigned, *annotated))


def _is_table(node: ast.ClassDef) -> bool:
    """Whether it is a table of SQLModel: `class Hero(SQLModel, table=True)`."""
    return any(
        one.arg == "table" and isinstance(one.value, ast.Constant) and one.value.value is True
        for one in node.keywords
    )


def _last(node: ast.expr) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _imports(path: Path, name: str) -> Iterator[str]:
    tree = _tree(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".") if node.level else []
            parts = parts[: len(parts) - node.level + 1] if node.level else parts
            home = ".".join([*parts, *([node.module] if node.module else [])])
            yield home
            yield from (f"{home}.{alias.name}" for alias in node.names)
