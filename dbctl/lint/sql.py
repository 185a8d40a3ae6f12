"""SQL text as facts, parsed by PostgreSQL's own grammar (extra `lint`)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from dbctl.lint import facts as f
from dbctl.lint import sqltable
from dbctl.lint.sqlbatch import batched_delete, batched_update
from dbctl.lint.sqlitetext import sqlite, understood
from dbctl.lint.sqlnode import (
    condition,
    expression,
    inner,
    kind,
    qualified,
    relation,
    together,
    type_of,
    words,
)

Facts = Iterator[f.Fact]
_MODES = (
    "",
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
UNLOOKED = "SQL text is parsed by postgast, which is not installed"


@lru_cache(1)
def available() -> bool:
    """Whether the parser is installed."""
    return find_spec("postgast") is not None


@lru_cache(4096)
def statements(text: str) -> tuple[tuple[int, str, tuple[f.Fact, ...]], ...]:
    """Every statement of `text`: where it begins there, itself, and its facts.

    What the grammar does not know is one Opaque fact.
    """
    if known := sqlite(text):
        return ((0, text, (known,)),)
    if not available():
        return ((0, text, (f.Opaque(reason=UNLOOKED),)),)
    import postgast

    try:
        found = postgast.parse(text)
    except (postgast.PgQueryError, ValueError) as error:
        if (other := understood(text)) != text:
            return tuple(_counting(one, text) for one in statements(other))
        return ((0, text, (f.Opaque(reason=f"not parsed: {_first(error)}"),)),)
    return tuple(_cut(text.encode(), one) for one in found.stmts)


def _counting(
    one: tuple[int, str, tuple[f.Fact, ...]], text: str
) -> tuple[int, str, tuple[f.Fact, ...]]:
    """The same with what only SQLite's word for it said of a table."""
    start, cut, facts = one
    counts = "AUTOINCREMENT" in text.upper()
    made = (replace(p, autoincrement=counts) if isinstance(p, f.CreateTable) else p for p in facts)
    return start, cut, tuple(made)


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def _cut(text: bytes, one: Any) -> tuple[int, str, tuple[f.Fact, ...]]:
    """Locations are in bytes."""
    end = one.stmt_location + one.stmt_len if one.stmt_len else len(text)
    cut = text[one.stmt_location : end].decode()
    start = text[: one.stmt_location].decode() + cut[: len(cut) - len(cut.lstrip())]
    return len(start), cut.strip(), tuple(_facts(one.stmt))


def _facts(node: Any) -> Facts:
    handler = _STATEMENTS.get(kind(node))
    if handler is None:
        yield f.Other(words=kind(node).removesuffix("_stmt").replace("_", " "))
    else:
        yield from handler(inner(node))


def _index(one: Any) -> Facts:
    parts = [inner(part) for part in one.index_params]
    plain = all(part.name and part.ordering <= 2 for part in parts)  # noqa: PLR2004 - default, ascending
    yield f.CreateIndex(
        table=relation(one.relation),
        index=f.Index(
            name=one.idxname,
            columns=tuple(part.name or expression(part.expr) for part in parts),
            unique=one.unique,
            plain=plain and not kind(one.where_clause),
        ),
        concurrently=one.concurrent,
        if_not_exists=one.if_not_exists,
        only=not one.relation.inh,
    )


def _update(one: Any) -> Facts:
    yield from _with(one)
    names = tuple(inner(part).name for part in one.target_list)
    yield f.UpdateRows(
        table=relation(one.relation),
        where=condition(one.where_clause),
        columns=names,
        batched=batched_update(one),
    )


def _delete(one: Any) -> Facts:
    yield from _with(one)
    yield f.DeleteRows(
        table=relation(one.relation),
        where=condition(one.where_clause),
        batched=batched_delete(one),
    )


def _insert(one: Any) -> Facts:
    yield from _with(one)
    query = inner(one.select_stmt)
    reads = query is not None and bool(query.from_clause)
    yield f.InsertRows(table=relation(one.relation), query=reads)


def _with(one: Any) -> Facts:
    """What a WITH changes before the statement itself; one with a LIMIT bounds what it feeds."""
    for node in one.with_clause.ctes:
        query = inner(node).ctequery
        if kind(query) in ("update_stmt", "delete_stmt", "insert_stmt"):
            yield from _facts(query)


def _merge(one: Any) -> Facts:
    where = together([condition(one.join_condition)])
    yield f.UpdateRows(table=relation(one.relation), where=where)


def _select(one: Any) -> Facts:
    if one.HasField("into_clause"):
        yield f.CreateTable(table=relation(one.into_clause.rel), query=True)
        return
    yield from _with(one)
    for node in one.from_clause:
        if kind(node) == "range_var" and not _is_catalogue(inner(node)):
            yield f.ReadRows(table=relation(inner(node)))
            return
    yield f.Other(words="SELECT")


def _is_catalogue(one: Any) -> bool:
    return one.schemaname in ("pg_catalog", "information_schema") or one.relname.startswith("pg_")


def _enum(one: Any) -> Facts:
    yield f.CreateType(name=qualified(one.type_name), labels=words(one.vals))


def _alter_enum(one: Any) -> Facts:
    name = qualified(one.type_name)
    if one.old_val:
        yield f.RenameEnumValue(name=name, label=one.old_val, to=one.new_val)
    else:
        yield f.AddEnumValue(name=name, label=one.new_val)


def _composite(one: Any) -> Facts:
    yield f.CreateType(name=relation(one.typevar))


def _domain(one: Any) -> Facts:
    yield f.CreateType(name=qualified(one.domainname))


def _truncate(one: Any) -> Facts:
    for node in one.relations:
        yield f.Truncate(table=relation(inner(node)))


def _lock(one: Any) -> Facts:
    for node in one.relations:
        yield f.Lock(table=relation(inner(node)), mode=_MODES[one.mode])


def _options(nodes: Any) -> set[str]:
    return {inner(node).defname for node in nodes}


def _vacuum(one: Any) -> Facts:
    if "full" not in _options(one.options):
        yield f.Other(words="VACUUM" if one.is_vacuumcmd else "ANALYZE")
    for node in one.rels if "full" in _options(one.options) else ():
        yield f.Rewrite(table=relation(inner(node).relation), command="VACUUM FULL")


def _cluster(one: Any) -> Facts:
    yield f.Rewrite(table=relation(one.relation), command="CLUSTER")


def _reindex(one: Any) -> Facts:
    enum = one.DESCRIPTOR.fields_by_name["kind"].enum_type
    scope = enum.values_by_number[one.kind].name.removeprefix("REINDEX_OBJECT_")
    there = "concurrently" in _options(one.params)
    name = relation(one.relation) or one.name
    command = f"REINDEX {scope} {name}"
    yield f.Rewrite(table=name, command=command, concurrently=there, scope=scope.lower())


def _refresh(one: Any) -> Facts:
    name = relation(one.relation)
    command = f"REFRESH MATERIALIZED VIEW {name}"
    yield f.Rewrite(table=name, command=command, concurrently=one.concurrent, scope="view")


def _set(one: Any) -> Facts:
    value = "".join(_value(node) for node in one.args)
    yield f.Setting(name=one.name, value=value)


def _value(node: Any) -> str:
    if kind(node) != "a_const":
        return ""
    found = inner(node)
    return str(found.sval.sval if found.WhichOneof("val") == "sval" else found.ival.ival)


def _transaction(one: Any) -> Facts:
    enum = one.DESCRIPTOR.fields_by_name["kind"].enum_type
    word = enum.values_by_number[one.kind].name.removeprefix("TRANS_STMT_")
    yield f.Setting(name="transaction", value=word.lower())


def _function(one: Any) -> Facts:
    yield f.CreateObject(kind="function", name=words(one.funcname)[-1])
    said = [inner(node) for node in one.options]
    found = (inner(node.arg).sval for node in said if node.defname == "volatility")
    yield f.CreateFunction(name=words(one.funcname)[-1], volatility=next(found, "volatile"))


def _trigger(one: Any) -> Facts:
    yield f.CreateTrigger(table=relation(one.relation), name=one.trigname)


def _view(one: Any) -> Facts:
    yield f.CreateObject(kind="view", name=relation(one.view), tables=tables_of(one.query))


def tables_of(node: Any) -> frozenset[str]:
    """Every table that a query names, as far down as FROM goes."""
    import postgast

    return frozenset(
        relation(one) for one in postgast.find_nodes(node, postgast.pg_query_pb2.RangeVar)
    )


def _sequence(one: Any) -> Facts:
    yield f.CreateObject(kind="sequence", name=relation(one.sequence))


def _do(one: Any) -> Facts:
    from dbctl.lint import plpgsql

    texts = [inner(inner(node).arg).sval for node in one.args if inner(node).defname == "as"]
    yield from plpgsql.facts("".join(texts))


_STATEMENTS: dict[str, Callable[[Any], Facts]] = {
    "create_stmt": sqltable.create,
    "create_table_as_stmt": sqltable.create_as,
    "alter_table_stmt": sqltable.alter,
    "rename_stmt": sqltable.rename,
    "alter_object_schema_stmt": sqltable.move,
    "drop_stmt": sqltable.drop,
    "index_stmt": _index,
    "update_stmt": _update,
    "delete_stmt": _delete,
    "insert_stmt": _insert,
    "merge_stmt": _merge,
    "select_stmt": _select,
    "create_enum_stmt": _enum,
    "composite_type_stmt": _composite,
    "create_domain_stmt": _domain,
    "alter_enum_stmt": _alter_enum,
    "truncate_stmt": _truncate,
    "lock_stmt": _lock,
    "vacuum_stmt": _vacuum,
    "cluster_stmt": _cluster,
    "reindex_stmt": _reindex,
    "refresh_mat_view_stmt": _refresh,
    "variable_set_stmt": _set,
    "transaction_stmt": _transaction,
    "create_function_stmt": _function,
    "create_trig_stmt": _trigger,
    "do_stmt": _do,
    "view_stmt": _view,
    "create_seq_stmt": _sequence,
}


def result_columns(text: str) -> tuple[str, ...]:
    """The names of what a SELECT gives, as far as they are written out; () when unknown."""
    if not available():
        return ()
    import postgast

    try:
        found = postgast.parse(text)
    except (postgast.PgQueryError, ValueError):
        return ()
    node = found.stmts[0].stmt if found.stmts else None
    if node is None or kind(node) != "select_stmt":
        return ()
    return tuple(_label(inner(part)) for part in inner(node).target_list)


def _label(one: Any) -> str:
    value = inner(one.val)
    if one.name:
        return str(one.name)
    if kind(one.val) == "column_ref":
        return (words(value.fields) or ("*",))[-1]
    return words(value.funcname)[-1] if kind(one.val) == "func_call" else "?column?"


__all__ = ["available", "result_columns", "statements", "type_of"]
