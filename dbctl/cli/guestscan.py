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
    source = _source(at, module)
    aliases = dict(_aliases(at, source))
    for function, verb in _verbs(source, name):
        found[f"{word} {verb}"] = (_summary(function), (), dict(_options(function, aliases)))
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


def _aliases(at: Project, source: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names of types (`Limit = Annotated[int, ...]`) here and in modules imported from here."""
    yield from _assigned(source)
    for one in source.body:
        if isinstance(one, ast.ImportFrom) and one.module:
            yield from _assigned(_source(at, one.module))
            for name in one.names:
                module = _source(at, f"{one.module}.{name.name}")
                yield from ((f"{name.name}.{alias}", kind) for alias, kind in _assigned(module))


def _assigned(source: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for one in source.body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            yield one.targets[0].id, one.value


def _options(
    function: _Function, aliases: dict[str, ast.expr]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """The options that are spelled out, or that the names of parameters make."""
    for one in (*function.args.args, *function.args.kwonlyargs):
        spelled = ast.unparse(one.annotation) if one.annotation else ""
        kind = aliases.get(spelled, one.annotation)
        for call in ast.walk(kind) if kind else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Option"):
                yield from _names(call, one.arg, flag="bool" in ast.unparse(kind or call))


def _names(call: ast.Call, parameter: str, *, flag: bool) -> Iterator[tuple[str, tuple[str, str]]]:
    text = next(_texts([one.value for one in call.keywords if one.arg == "help"]), "")
    names = [name for said in _texts(call.args) for name in said.split("/")]
    for name in names or [f"--{parameter.replace('_', '-')}"]:
        yield name, ("" if flag else "text", text)


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
