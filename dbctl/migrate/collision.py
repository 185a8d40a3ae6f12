"""Tables that a first revision makes, and that a database without a version has already."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dbctl import loop
from dbctl.database import server
from dbctl.database.model import Look
from dbctl.errors import RevisionGraphError
from dbctl.migrate import checksum
from dbctl.migrate.graph import Graph
from dbctl.settings import Settings

SHOWN = 3


def require_free(settings: Settings, graph: Graph, look: Look) -> None:
    """Raises RevisionGraphError when the first revision would make tables that are there.

    Only where that is certain: one first revision, whose plain calls make them unconditionally.
    """
    roots = [one for one in graph.ordered if not one.down]
    if look.at or not look.tables or len(roots) != 1:
        return
    (root,) = roots
    made = tuple(_made(root.file))
    there = set(loop.run(_names(settings))) if made else set()
    taken = [name for name in made if name in there]
    if not taken:
        return
    more = f" and {len(taken) - SHOWN} more" if taken[SHOWN:] else ""
    state = "no version table" if look.versions is None else "an empty version table"
    raise RevisionGraphError(
        f"the database has {state}, and it has {', '.join(taken[:SHOWN])}{more}, which revision"
        f" {root.revision} makes",
        hint="`dbctl adopt` finds the revision whose schema this is; then upgrade goes on",
    )


async def _names(settings: Settings) -> tuple[str, ...]:
    async with server.server(settings).open() as session:
        return await session.names()


def _made(path: Path) -> Iterator[str]:
    """The tables of the `op.create_table` at the beginning of `upgrade`, before anything else."""
    for node in checksum.tree(path).body:
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade":
            for line in node.body:
                if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant):
                    continue
                call = line.value if isinstance(line, ast.Expr | ast.Assign) else None
                if not _is_plain(call):
                    return
                yield from _table(call)


def _is_plain(call: ast.expr | None) -> bool:
    """Whether a statement is a call of `op` that takes no table away."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    on_op = isinstance(call.func.value, ast.Name) and call.func.value.id == "op"
    return on_op and call.func.attr.startswith("create_")


def _table(call: ast.expr | None) -> Iterator[str]:
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    name = call.args[0] if call.args else None
    careful = {word.arg for word in call.keywords} & {"schema", "if_not_exists", None}
    if call.func.attr == "create_table" and isinstance(name, ast.Constant) and not careful:
        yield str(name.value)
