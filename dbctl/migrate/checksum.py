"""What a revision file does, as one hash.

Code counts. Comments, layout, docstrings, `pass` and the four names of the header do not: where a
revision stands in the history is the graph's matter.
"""

import ast
import hashlib
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from dbctl.errors import RevisionGraphError

LENGTH = 32  # hexadecimal digits: 128 bits are enough to tell files apart
HEADER = frozenset(("revision", "down_revision", "branch_labels", "depends_on"))
# Where a node stands, or how it was spelled; which of them a tree has differs between Pythons.
_LAYOUT = frozenset(("ctx", "kind", "type_comment", "type_ignores"))


def of_file(path: Path) -> str:
    """The hash of a revision file; "" where there is no source, which a `.pyc` alone is.

    Raises RevisionGraphError when it is not valid Python.
    """
    return of_tree(tree(path)) if path.suffix == ".py" else ""


def tree(path: Path) -> ast.Module:
    """The syntax tree of a revision file, in whatever encoding it is.

    Raises RevisionGraphError when it is not valid Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unknown escape in a text is no matter of ours
            return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise RevisionGraphError(
            f"{path}:{line} is not valid Python: {error}", hint="mend the file"
        ) from error


def of_tree(tree: ast.Module) -> str:
    """The hash of a syntax tree; every Python from 3.11 on gives the same one for the same code."""
    tree.body = [node for node in tree.body if not _is_header(node)]
    return hashlib.sha256("".join(_words(tree)).encode()).hexdigest()[:LENGTH]


def _is_header(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return bool(targets) and all(isinstance(one, ast.Name) and one.id in HEADER for one in targets)


def _words(tree: ast.AST) -> list[str]:
    """The tree in one order; a stack, because an expression may be deeper than Python's own."""
    found: list[str] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if node.__class__ is str:
            found.append(node)
            continue
        kind = node.__class__
        found.append(f"({kind.__name__}")
        waiting.append(")")
        for name in _names(kind):
            _push(node, name, waiting)
    return found


@cache
def _names(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of such a node that count, the last first."""
    return tuple(name for name in reversed(kind._fields) if name not in _LAYOUT)


def _push(node: Any, name: str, waiting: list[Any]) -> None:  # noqa: ANN401 - any node
    """A field's words and nodes, the last first; nothing for one that says nothing."""
    value = getattr(node, name, None)
    if isinstance(value, list):
        parts = _statements(node, value) if name == "body" and value else value
        if parts:
            waiting.extend([_part(one) for one in reversed(parts)])
            waiting.append(f" {name}=")
    elif value is not None or name == "value":
        waiting.append(_part(value))
        waiting.append(f" {name}=")


def _part(value: object) -> object:
    return value if isinstance(value, ast.AST) else ascii(value)


def _statements(node: ast.AST, body: list[Any]) -> list[Any]:
    """A body without its docstring and without what does nothing."""
    if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        body = body[1:] if _is_text(body[0]) else body
    return [one for one in body if not isinstance(one, ast.Pass)]


def _is_text(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
