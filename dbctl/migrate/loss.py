"""What a downgrade would drop, read from the downgrade functions without running them."""

import ast
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dbctl import loop
from dbctl.database import guard, server
from dbctl.database.consent import Demand, Loss
from dbctl.database.model import Look
from dbctl.migrate import environment, graph, place
from dbctl.settings import Settings


def demand(
    settings: Settings, revision: str, snapshot: Callable[[], object] | None = None
) -> Demand:
    """What is to be agreed to before the downgrade to `revision`; `snapshot` makes one now.

    Raises RefusedError where a downgrade is not allowed at all.
    """
    guard.require_named(settings, "downgrade")
    look = place.look(settings)
    place.require_ours(settings, look)
    graph.read(settings.project).sound(look.at)
    return guard.demand(settings, look, "downgrade", _loss(settings, look, revision), snapshot)


def _loss(settings: Settings, look: Look, revision: str) -> Loss:
    """Tables and columns that the downgrade to `revision` names, with the rows in them.

    Files whose downgrade runs SQL or code of its own are named as unread.
    """
    tables: set[str] = set()
    columns: list[str] = []
    paths = _undone(settings, look.at, revision)
    for path in paths:
        for table, column in _dropped(path):
            tables.add(table) if column is None else columns.append(f"{table}.{column}")
    there = loop.run(_witnessed(settings, f"{settings.env}: {look.place}"))
    return Loss(
        there.place,
        tuple(size for size in there.tables if size.name in tables),
        tuple(name for name in columns if name.split(".")[0] not in tables),
        tuple(path.name for path in paths if _does_more(path)),
        there.use,
    )


async def _witnessed(settings: Settings, where: str) -> Loss:
    async with server.server(settings).open() as session:
        return await guard.witness(session, where)


def _undone(settings: Settings, at: Sequence[str], revision: str) -> list[Path]:
    """The files of the revisions that would be undone."""
    with environment.broken_project(settings.project), environment.running(settings.project):
        script = environment.script_directory(environment.alembic_config(settings))
        at_: Any = tuple(at)  # Alembic's own callers pass the rows, its annotation says one
        steps = script._downgrade_revs(revision, at_)
    return [Path(step.revision.path) for step in steps]


def _does_more(path: Path) -> bool:
    """Whether a downgrade runs SQL, calls functions, or drops what it does not name."""
    return any(
        isinstance(node, ast.Call) and _is_unread(node)
        for function in _downgrades(path)
        for node in ast.walk(function)
    )


def _is_unread(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return True
    unnamed = _name(call).startswith("drop_") and not _words(call)
    return unnamed or _name(call) in ("execute", "get_bind", "run_sync", "invoke", "bulk_insert")


def _downgrades(path: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade":
            yield node


def _dropped(path: Path) -> Iterator[tuple[str, str | None]]:
    """(table, None) for a dropped table, (table, column) for a dropped column."""
    for function in _downgrades(path):
        yield from _calls(function, "")


def _calls(node: ast.AST, batch: str) -> Iterator[tuple[str, str | None]]:
    """Drops below `node`; `batch` is the table of the batch around it."""
    for child in ast.iter_child_nodes(node):
        inside = batch
        if isinstance(child, ast.With):
            inside = _batched(child) or batch
        if isinstance(child, ast.Call):
            yield from _drop(child, batch)
        yield from _calls(child, inside)


def _batched(node: ast.With) -> str:
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and _name(call) == "batch_alter_table":
            return next(iter(_words(call)), "")
    return ""


def _drop(call: ast.Call, batch: str) -> Iterator[tuple[str, str | None]]:
    words = _words(call)
    if _name(call) == "drop_table" and words:
        yield words[0], None
    if _name(call) == "drop_column" and words:
        yield (batch, words[0]) if batch else (words[0], words[1] if len(words) > 1 else "?")


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _words(call: ast.Call) -> list[str]:
    """The leading arguments that are plain strings."""
    words: list[str] = []
    for argument in call.args:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        words.append(argument.value)
    return words
