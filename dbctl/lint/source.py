"""A revision file: its module, its syntax tree, its comments."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from dbctl.lint.facts import At

_COMMENT = re.compile(r"#\s*dbctl:\s*ignore\s+(?P<rules>[\w/,\s-]+?)\s*(?:--\s*(?P<reason>.*))?$")
_MODULE = "dbctl_lint_revision"


class Stopped(BaseException):
    """A function that does not come to an end; no `except Exception` of its own keeps it."""


@dataclass(frozen=True)
class Careful:
    """Who is told of a statement that fails and is left out, and of each turn of a loop."""

    skipped: Callable[[BaseException, int], None]
    turn: Callable[[], None]


@dataclass(frozen=True)
class Ignored:
    """A comment that says a rule does not count here; `reason` may be missing."""

    rules: tuple[str, ...]
    reason: str
    line: int
    alone: bool


class Source:
    """One revision file; `broken` says why it cannot be read."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.broken = ""
        self._module: ModuleType | None = None
        self._name = str(file)
        self._places: dict[tuple[CodeType, int], At] = {}

    @cached_property
    def text(self) -> str:
        """The file as it is written."""
        try:
            with tokenize.open(self.file) as file:
                return file.read()
        except (OSError, SyntaxError, UnicodeDecodeError):
            return self.file.read_bytes().decode("utf-8", "replace")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree; an empty one where it is no Python."""
        try:
            return ast.parse(self.text, self._name)
        except (SyntaxError, ValueError) as error:
            self.broken = f"{type(error).__name__}: {getattr(error, 'msg', error)}"
            return ast.Module([], [])

    def function(self, name: str) -> ast.FunctionDef | None:
        """The function of that name at the top of the file."""
        found = (one for one in self.tree.body if isinstance(one, ast.FunctionDef))
        return next((one for one in found if one.name == name), None)

    def line_of(self, name: str) -> int:
        """Where the function begins; 1 when there is none."""
        found = self.function(name)
        return found.lineno if found else 1

    def line_of_name(self, name: str) -> int:
        """Where the file gives `name` its value; 1 when it does not."""
        for one in self.tree.body:
            targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
            if any(isinstance(part, ast.Name) and part.id == name for part in targets):
                return one.lineno
        return 1

    def call(self, name: str, careful: Careful | None) -> bool:
        """Run one function, if there is one; with `careful` what fails is left out and told."""
        module = self._loaded(careful)
        function = getattr(module, name, None)
        if not callable(function):
            return False
        function()
        return True

    def names(self) -> dict[str, Any]:
        """What the file gives names to, when it is run."""
        return vars(self._loaded(None))

    def raised(self, error: BaseException, name: str) -> int:
        """The line of a `raise` that stands at the top of the function and is its answer; or 0."""
        function = self.function(name)
        lines = {
            node.lineno
            for node in (function.body if function else ())
            if isinstance(node, ast.Raise)
        }
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        mine = trace is not None and trace.tb_frame.f_code.co_filename == self._name
        return trace.tb_lineno if mine and trace and trace.tb_lineno in lines else 0

    def _loaded(self, careful: Careful | None) -> ModuleType:
        if careful is None and self._module is not None:
            return self._module
        module = ModuleType(_MODULE)
        module.__file__ = self._name
        tree = self.tree if careful is None else guarded(ast.parse(self.text, self._name))
        if careful is not None:
            vars(module).update(
                __dbctl_skipped__=careful.skipped,
                __dbctl_turn__=careful.turn,
                __dbctl_exception__=Exception,
            )
        sys.modules[_MODULE] = module
        exec(compile(tree, self._name, "exec"), vars(module))  # noqa: S102 - as Alembic does
        if careful is None:
            self._module = module
        return module

    def place(self, frame: FrameType | None) -> At:
        """Where in this file the call stack is; the function that was called last."""
        while frame is not None:
            if frame.f_code.co_filename == self._name:
                return self._at(frame)
            frame = frame.f_back
        return At(self.file)

    def _at(self, frame: FrameType) -> At:
        key = (frame.f_code, frame.f_lasti)
        if key not in self._places:
            positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
            line, end, column, _ = positions
            start = line or frame.f_lineno
            self._places[key] = At(self.file, start, (column or 0) + 1, end or start)
        return self._places[key]

    def within(self, at: At, text: str, start: int) -> At:
        """Where in a literal that begins inside `at` the text's character `start` is."""
        for line, written in self._literals:
            if at.line <= line <= at.end and written == text and "\n" in text:
                return At(self.file, line + text.count("\n", 0, start), at.column, at.end)
        return at

    @cached_property
    def _literals(self) -> list[tuple[int, str]]:
        return [
            (node.lineno, node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]

    def in_loop(self, line: int) -> bool:
        """Whether the line is inside a loop."""
        return any(start <= line <= end for start, end in self._loops)

    @cached_property
    def _loops(self) -> list[tuple[int, int]]:
        return [
            (_start(node), node.end_lineno or node.lineno)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.For | ast.While)
        ]

    def statement(self, line: int) -> tuple[int, int]:
        """The first and last line of the innermost statement around `line`; of a body its head."""
        best = (line, line)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt):
                end = node.body[0].lineno - 1 if isinstance(node, _BODIES) else node.end_lineno
                start = min([node.lineno, *(one.lineno for one in _decorators(node))])
                if start <= line <= (end or line) and (start, end) != best:
                    best = (start, max(end or line, start))
        return best

    @cached_property
    def imports(self) -> tuple[tuple[str, int], ...]:
        """Every import with its line: `package.module.name`."""
        return tuple(_imports(self.tree))

    @cached_property
    def ignored(self) -> tuple[Ignored, ...]:
        """The comments that silence a rule."""
        return tuple(_comments(self.text)) if "dbctl:" in self.text else ()


_BODIES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.If,
    ast.With,
    ast.Try,
)


def _start(loop: ast.For | ast.While) -> int:
    """Where what is repeated begins: with the condition, but not with what a `for` goes over."""
    return loop.lineno if isinstance(loop, ast.While) else loop.body[0].lineno


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return list(getattr(node, "decorator_list", ()))


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = "." * node.level + (node.module or "")
            yield from ((f"{home}.{alias.name}", node.lineno) for alias in node.names)


def _comments(text: str) -> Iterator[Ignored]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    for token in tokens:
        match = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match:
            rules = tuple(part.strip() for part in match["rules"].split(",") if part.strip())
            alone = not token.line[: token.start[1]].strip()
            yield Ignored(rules, (match["reason"] or "").strip(), token.start[0], alone)


_LEFT = (
    ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.ClassDef
    | ast.Return
    | ast.Raise
    | ast.Break
    | ast.Continue
    | ast.Pass
    | ast.Global
    | ast.Nonlocal
)


def guarded(tree: ast.Module) -> ast.Module:
    """The same module, in which a statement that fails is told of and left out."""
    made: ast.Module = _Guard().visit(tree)
    return ast.fix_missing_locations(made)


class _Guard(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Wrap every statement of every body below."""
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            body: Any = getattr(node, name, None)
            if isinstance(body, list):
                setattr(node, name, [_wrapped(one) for one in body])
        if isinstance(node, ast.For | ast.While):
            turn = ast.Call(ast.Name("__dbctl_turn__", ast.Load()), [], [])
            node.body.insert(0, ast.copy_location(ast.Expr(turn), node))
        return node


def _wrapped(one: ast.stmt) -> ast.stmt:
    first = isinstance(one, ast.ImportFrom) and one.module == "__future__"
    doc = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
    if isinstance(one, _LEFT) or first or doc:
        return one
    caught = ast.Name("__dbctl_error__", ast.Load())
    told = ast.Call(
        ast.Name("__dbctl_skipped__", ast.Load()), [caught, ast.Constant(one.lineno)], []
    )
    handler = ast.ExceptHandler(
        ast.Name("__dbctl_exception__", ast.Load()), "__dbctl_error__", [ast.Expr(told)]
    )
    return ast.copy_location(ast.Try([one], [handler], [], []), one)
