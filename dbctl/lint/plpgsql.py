"""What the SQL inside a DO block does: the statements that are written out in it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dbctl.lint import facts as f

_LOOPS = ("PLpgSQL_stmt_fors", "PLpgSQL_stmt_fori", "PLpgSQL_stmt_while", "PLpgSQL_stmt_loop")
_FUNCTION = "CREATE FUNCTION x() RETURNS void LANGUAGE plpgsql AS $dbctl${}$dbctl$"


def facts(body: str) -> Iterator[f.Fact]:
    """The facts of a block's statements; Opaque where SQL is put together at run time."""
    import postgast

    try:
        tree: Any = postgast.parse_plpgsql(_FUNCTION.format(body))
    except (postgast.PgQueryError, ValueError):
        yield f.Opaque(reason="a DO block that is not parsed")
        return
    yield from _below(tree, looped=False)


def _below(node: Any, *, looped: bool) -> Iterator[f.Fact]:
    if isinstance(node, list):
        for one in node:
            yield from _below(one, looped=looped)
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _statement(name, value, looped=looped or name in _LOOPS)


def _statement(name: str, value: Any, *, looped: bool) -> Iterator[f.Fact]:
    if name == "PLpgSQL_stmt_execsql":
        yield from _parsed(value["sqlstmt"]["PLpgSQL_expr"]["query"], looped=looped)
    elif name == "PLpgSQL_stmt_dynexecute":
        text = value["query"]["PLpgSQL_expr"]["query"].strip()
        if text.startswith("'") and text.endswith("'") and "||" not in text:
            yield from _parsed(text[1:-1].replace("''", "'"), looped=looped)
        else:
            yield f.Opaque(reason="a DO block that puts its SQL together")
    elif name != "PLpgSQL_expr":
        yield from _below(value, looped=looped)


def _parsed(text: str, *, looped: bool) -> Iterator[f.Fact]:
    from dbctl.lint import sql

    for _, _, found in sql.statements(text):
        yield from (replace(one, looped=looped) for one in found)
