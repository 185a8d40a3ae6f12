"""The revision files as text: their headers, read without running them.

Running every file costs a hundred times more, and runs whatever stands in it. A header that is
computed rather than written out is left to Alembic (`Unreadable`).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dbctl.errors import ConfigurationError, RevisionGraphError
from dbctl.migrate.model import Revision
from dbctl.project import Project

# Alembic's own rule for what is a revision file.
_FILE = re.compile(r"(?!\.#|__init__).*\.py")
_ASSIGNMENT = re.compile(
    r"^(revision|down_revision|branch_labels|depends_on)\b[^=\n]*=[ \t]*(.*)$", re.MULTILINE
)
_BODY = re.compile(r"^(?:async def|def|class)\b|^@", re.MULTILINE)
_DOCSTRING = re.compile(r'\A(?:\s|#[^\n]*\n)*"""([^\\]*?)"""', re.DOTALL)
BUILTIN = Path(__file__).parent / "builtin"
_NAMES = ("revision", "down_revision", "branch_labels", "depends_on")


class Unreadable(Exception):  # noqa: N818 - caught next door, never shown
    """The header is not made of literals."""


def script_location(project: Project) -> Path:
    """The folder of env.py: dbctl's own where the project has models and no env.py.

    Raises ConfigurationError when there is no migrations folder.
    """
    location = project.script_location
    if location is None:
        raise ConfigurationError(
            f"no migrations folder is configured ({project.why})",
            hint="set script_location in alembic.ini, or start one with `dbctl init`",
        )
    if is_builtin(project):
        return BUILTIN
    if not location.is_dir():
        raise ConfigurationError(
            f"the migrations folder {location} does not exist",
            hint="check script_location in alembic.ini",
        )
    return location


def is_builtin(project: Project) -> bool:
    """Whether dbctl's own env.py is run: the project names its models, and has none itself."""
    location = project.script_location
    known = bool(project.tool.get("metadata") or project.places) and not project.config
    return known and location is not None and not (location / "env.py").is_file()


def folders(project: Project) -> tuple[Path, ...]:
    """Where revision files are: version_locations, else `versions` in the migrations folder."""
    if not project.alembic.get("version_locations"):
        script_location(project)
    return project.version_folders


def paths(project: Project) -> Iterator[Path]:
    """Every revision file, in name order."""
    deep = project.alembic.get("recursive_version_locations", "").lower() in ("true", "1", "yes")
    for folder in folders(project):
        found = folder.rglob("*.py") if deep else folder.glob("*.py")
        yield from sorted(path for path in found if _FILE.fullmatch(path.name))


def header(path: Path) -> Revision:
    """The header of one file.

    Raises Unreadable when it is computed, RevisionGraphError when the file is no revision at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(path) from error
    names = _assignments(text, path)
    revision = names.get("revision")
    if not isinstance(revision, str):
        raise RevisionGraphError(
            f"{path} has no revision id", hint="mend the file, or move it out of the folder"
        )
    return Revision(
        revision=revision,
        down=as_tuple(names.get("down_revision")),
        depends_on=as_tuple(names.get("depends_on")),
        labels=as_tuple(names.get("branch_labels")),
        message=_message(text, path),
        file=path,
    )


def doc(path: Path) -> str:
    """The whole docstring of a revision file."""
    return ast.get_docstring(_tree(path.read_text(encoding="utf-8"), path)) or ""


def as_tuple(value: object) -> tuple[str, ...]:
    """Alembic's `None | str | iterable of str` as a tuple."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple | set):
        return tuple(str(part) for part in value)
    raise Unreadable(value)


def _assignments(text: str, path: Path) -> dict[str, object]:
    """The four names, from lines between docstring and code; the parsed file where that fails."""
    doc, body = _DOCSTRING.match(text), _BODY.search(text)
    start, end = doc.end() if doc else 0, body.start() if body else len(text)
    found: dict[str, object] = {}
    for match in _ASSIGNMENT.finditer(text, start, max(start, end)):
        try:
            value = ast.literal_eval(match[2].strip())
        except (ValueError, SyntaxError):
            return _parsed(text, path)  # a tuple over several lines, or an expression
        if match[1] in found:
            return _parsed(text, path)
        found[match[1]] = value
    return found if len(found) == len(_NAMES) else _parsed(text, path)


def _parsed(text: str, path: Path) -> dict[str, object]:
    tree = _tree(text, path)
    found: dict[str, object] = {}
    for node in tree.body:
        target = _target(node)
        if target is None and _binds(node):
            raise Unreadable(path)
        if target is None:
            continue
        try:
            found[target] = ast.literal_eval(node.value)  # type: ignore[attr-defined]  # by _target
        except (ValueError, TypeError) as error:
            raise Unreadable(path) from error
    return found


def _target(node: ast.stmt) -> str | None:
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        target: ast.expr = node.target
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    else:
        return None
    return target.id if isinstance(target, ast.Name) and target.id in _NAMES else None


def _binds(node: ast.stmt) -> bool:
    """Whether the statement gives one of the names a value that only running it would tell."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(
        (isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id in _NAMES)
        or (isinstance(one, ast.alias) and (one.asname or one.name) in _NAMES)
        for one in ast.walk(node)
    )


def _tree(text: str, path: Path) -> ast.Module:
    try:
        return ast.parse(text, str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise RevisionGraphError(
            f"{path}:{line} is not valid Python: {error}", hint="mend the file"
        ) from error


def _message(text: str, path: Path) -> str:
    """The first paragraph of the docstring, on one line, as Alembic shows it."""
    match = _DOCSTRING.match(text)
    doc = match[1] if match else ast.get_docstring(_tree(text, path), clean=False) or ""
    return " ".join(doc.strip().split("\n\n")[0].split())
