"""The verbs of a project's own Typer app, read from its source for the Tab key: never imported.

What is written plainly is found (`@app.command()`, `typer.Option("--name")`); the rest is not.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from dbctl.cli.joined import words
from dbctl.cli.scan import FILE_BYTES, Command
from dbctl.project import Project

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def commands(at: Project, word: str) -> dict[str, Command]:
    """The word and each verb below it; {} when the project adds no such word."""
    joined = words(at).get(word)
    if joined is None or joined.fault:
        return {}
    module, _, name = joined.app.partition(":")
    found: dict[str, Command] = {word: (joined.help, (), {})}
    for function, verb in _verbs(_source(at, module), name):
        found[f"{word} {verb}"] = (_summary(function), (), dict(_options(function)))
    return found


def _source(at: Project, module: str) -> ast.Module:
    """The module's source below the project, or below dbctl itself for the sample."""
    path = Path(*module.split("."))
    homes = (at.root / "src", at.root, Path(__file__).parents[2])
    for home in homes[2:] if at.bundled else homes:
        for file in (home / path.with_suffix(".py"), home / path / "__init__.py"):
            if file.is_file() and file.stat().st_size <= FILE_BYTES:
                return ast.parse(file.read_bytes())
    return ast.Module([], [])


def _verbs(source: ast.Module, app: str) -> Iterator[tuple[_Function, str]]:
    """Each function behind `@app.command()`, with its verb."""
    for function in source.body:
        if isinstance(function, _Function):
            for mark in function.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"{app}.command":
                    yield function, _named(mark) or function.name.strip("_").replace("_", "-")


def _named(mark: ast.Call) -> str | None:
    """The verb that `command("verb")` or `command(name="verb")` says."""
    said = [*mark.args[:1], *(one.value for one in mark.keywords if one.arg == "name")]
    return next(_texts(said), None)


def _summary(function: _Function) -> str:
    return (ast.get_docstring(function) or "").split("\n")[0].removesuffix(".")


def _options(function: _Function) -> Iterator[tuple[str, tuple[str, str]]]:
    """The options that are spelled out, or that the names of keyword arguments make."""
    spoken = function.args
    for one in (*spoken.args, *spoken.kwonlyargs):
        for call in ast.walk(one.annotation) if one.annotation else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Option"):
                text = next(_texts(k.value for k in call.keywords if k.arg == "help"), "")
                names = [name for said in _texts(call.args) for name in said.split("/")]
                kind = "" if "bool" in ast.unparse(one.annotation or call) else "text"
                for name in names or [f"--{one.arg.replace('_', '-')}"]:
                    yield name, (kind, text)


def _texts(nodes: Iterator[ast.expr] | list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
