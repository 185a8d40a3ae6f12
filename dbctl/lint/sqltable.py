"""Parsed statements about tables as facts."""

from collections.abc import Callable, Iterator
from typing import Any

from dbctl.lint import facts as f
from dbctl.lint.sqlnode import (
    column,
    constraint,
    expression,
    inline,
    inner,
    kind,
    qualified,
    relation,
    type_of,
    words,
)

Facts = Iterator[f.Fact]


def create(one: Any) -> Facts:
    """CREATE TABLE."""
    columns = [inner(part) for part in one.table_elts if kind(part) == "column_def"]
    written = [inner(part) for part in one.table_elts if kind(part) == "constraint"]
    found = [made for part in written if (made := constraint(part)) is not None]
    parents = [relation(inner(part)) for part in one.inh_relations]
    yield f.CreateTable(
        table=relation(one.relation),
        columns=tuple(column(part) for part in columns),
        constraints=(*(made for part in columns for made in inline(part)), *found),
        parent=parents[0] if parents else "",
        partitioned=one.HasField("partspec"),
        query=any(kind(part) == "table_like_clause" for part in one.table_elts),
        temporary=one.relation.relpersistence == "t",
        if_not_exists=one.if_not_exists,
    )


def create_as(one: Any) -> Facts:
    """CREATE TABLE AS; a materialized view is no table that rules ask for."""
    if _name(one, "objtype") == "OBJECT_MATVIEW":
        yield f.CreateObject(kind="view", name=relation(one.into.rel))
        return
    yield f.CreateTable(
        table=relation(one.into.rel),
        query=True,
        temporary=one.into.rel.relpersistence == "t",
        if_not_exists=one.if_not_exists,
    )


def alter(one: Any) -> Facts:
    """ALTER TABLE with its commands; of an index, view or sequence it is no fact of a table."""
    if _name(one, "objtype") not in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
        yield f.Other(words="ALTER")
        return
    table = relation(one.relation)
    for node in one.cmds:
        command = inner(node)
        handler = _COMMANDS.get(_name(command, "subtype"))
        yield from handler(table, command) if handler else [f.Other(table=table, words="ALTER")]


def _name(one: Any, name: str) -> str:
    enum = one.DESCRIPTOR.fields_by_name[name].enum_type
    return str(enum.values_by_number[getattr(one, name)].name)


def _add_column(table: str, command: Any) -> Facts:
    declared = inner(command.def_) if hasattr(command, "def_") else inner(getattr(command, "def"))
    yield f.AddColumn(table=table, column=column(declared), constraints=inline(declared))


def _alter_type(table: str, command: Any) -> Facts:
    declared = inner(getattr(command, "def"))
    yield f.AlterType(
        table=table,
        name=command.name,
        type=type_of(declared.type_name),
        using=expression(declared.raw_default) if kind(declared.raw_default) else "",
        collated=declared.HasField("coll_clause"),
    )


def _default(table: str, command: Any) -> Facts:
    node = getattr(command, "def")
    text = expression(node) if kind(node) else None
    yield f.SetDefault(table=table, name=command.name, default=text)


def _add_constraint(table: str, command: Any) -> Facts:
    made = constraint(inner(getattr(command, "def")))
    if made is not None:
        yield f.AddConstraint(table=table, constraint=made)


def _partition(table: str, command: Any) -> Facts:
    found = inner(getattr(command, "def"))
    detach = _name(command, "subtype") == "AT_DetachPartition"
    yield f.Partition(
        table=table, name=relation(found.name), detach=detach, concurrently=found.concurrent
    )


def _rewrite(words_: str) -> Callable[[str, Any], Facts]:
    def made(table: str, _: Any) -> Facts:
        yield f.Rewrite(table=table, command=words_)

    return made


_COMMANDS: dict[str, Callable[[str, Any], Facts]] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": lambda table, one: iter([f.DropColumn(table=table, name=one.name)]),
    "AT_AlterColumnType": _alter_type,
    "AT_ColumnDefault": _default,
    "AT_SetNotNull": lambda table, one: iter([f.SetNotNull(table=table, name=one.name)]),
    "AT_DropNotNull": lambda table, one: iter([f.DropNotNull(table=table, name=one.name)]),
    "AT_AddConstraint": _add_constraint,
    "AT_ValidateConstraint": lambda table, one: iter(
        [f.ValidateConstraint(table=table, name=one.name)]
    ),
    "AT_DropConstraint": lambda table, one: iter([f.DropConstraint(table=table, name=one.name)]),
    "AT_AttachPartition": _partition,
    "AT_DetachPartition": _partition,
    "AT_SetLogged": _rewrite("SET LOGGED"),
    "AT_SetUnLogged": _rewrite("SET UNLOGGED"),
    "AT_SetTableSpace": _rewrite("SET TABLESPACE"),
    "AT_SetAccessMethod": _rewrite("SET ACCESS METHOD"),
    "AT_SetExpression": _rewrite("ALTER COLUMN ... SET EXPRESSION"),
}


def rename(one: Any) -> Facts:
    """RENAME of a table, column, index, constraint or type."""
    what, table = _name(one, "rename_type"), relation(one.relation)
    if what == "OBJECT_COLUMN" and _name(one, "relation_type") == "OBJECT_TABLE":
        yield f.RenameColumn(table=table, name=one.subname, to=one.newname)
    elif what == "OBJECT_TABLE":
        yield f.RenameTable(table=table, to=_beside(table, one.newname))
    elif what == "OBJECT_INDEX":
        yield f.RenameIndex(name=one.relation.relname, to=one.newname)
    elif what == "OBJECT_TABCONSTRAINT":
        yield f.RenameConstraint(table=table, name=one.subname, to=one.newname)
    elif what == "OBJECT_TYPE":
        yield f.RenameType(name=qualified(inner(one.object).items), to=one.newname)
    else:
        yield f.Other(words="RENAME")


def _beside(table: str, name: str) -> str:
    schema, dot, _ = table.rpartition(".")
    return f"{schema}{dot}{name}"


def move(one: Any) -> Facts:
    """ALTER TABLE ... SET SCHEMA."""
    if _name(one, "object_type") == "OBJECT_TABLE":
        to = f"{one.newschema}.{one.relation.relname}".removeprefix("public.")
        yield f.RenameTable(table=relation(one.relation), to=to)
    else:
        yield f.Other(words="SET SCHEMA")


def drop(one: Any) -> Facts:
    """DROP of tables, indexes and types."""
    what = _name(one, "remove_type")
    cascade = _name(one, "behavior") == "DROP_CASCADE"
    for node in one.objects:
        if what in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
            yield f.DropTable(table=qualified(inner(node).items), cascade=cascade)
        elif what == "OBJECT_INDEX":
            name = words(inner(node).items)[-1]
            yield f.DropIndex(name=name, concurrently=one.concurrent)
        elif what == "OBJECT_TYPE":
            yield f.DropType(name=qualified(inner(node).names))
        else:
            yield from _drop_object(what, inner(node))


_OBJECTS = {
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "view",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_FUNCTION": "function",
}


def _drop_object(what: str, one: Any) -> Facts:
    kind_ = _OBJECTS.get(what)
    if kind_ is None:
        yield f.Other(words="DROP")
    elif kind_ == "function":
        yield f.DropObject(kind=kind_, name=words(one.objname)[-1])
    else:
        yield f.DropObject(kind=kind_, name=qualified(one.items))
