"""An UPDATE or DELETE of a whole table as one of a few thousand rows, to be said again and again.

`{key}` stands for the primary key, which the statement does not know.
"""

from typing import Any

from dbctl.lint.advice import sql
from dbctl.lint.sqlnode import expression, inner, kind, relation

ROWS = 5000


def batched_update(one: Any) -> str:
    """The statement for the rows that it has not changed yet; "" where that cannot be told."""
    if one.from_clause or one.HasField("with_clause") or len(one.target_list) != 1:
        return ""
    target = inner(one.target_list[0])
    value = expression(target.val)
    name = sql(target.name)
    if target.name in value or "$" in value or "SELECT" in value.upper():
        return ""  # it would change the same rows for ever, or is about other tables
    table = sql(relation(one.relation))
    undone = f"{name} IS DISTINCT FROM {value}"
    where = f"({expression(one.where_clause)}) AND {undone}" if kind(one.where_clause) else undone
    return _few(f"UPDATE {table} SET {name} = {value}", table, where)


def batched_delete(one: Any) -> str:
    """The statement for the rows that are still there; "" where that cannot be told."""
    if one.using_clause or one.HasField("with_clause") or not kind(one.where_clause):
        return ""
    table = sql(relation(one.relation))
    where = expression(one.where_clause)
    return "" if "$" in where else _few(f"DELETE FROM {table}", table, where)


def _few(head: str, table: str, where: str) -> str:
    inside = f"SELECT {{key}} FROM {table} WHERE {where} LIMIT {ROWS}"
    escaped = (head + " WHERE ").replace("{", "{{").replace("}", "}}")
    return f"{escaped}{{key}} IN ({inside})"
