"""What Alembic's operations and SQLAlchemy's statements do, as facts."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column as SAColumn
from sqlalchemy import Table, schema, sql
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError

from dbctl.lint import facts as f
from dbctl.lint.types import UNKNOWN, Type, parsed

Facts = Iterator[f.Fact]


def named(table: str, schema_: str | None) -> str:
    """A table's name as facts have it."""
    return str(table) if schema_ in (None, "", "public") else f"{schema_}.{table}"


def type_of(type_: Any, dialect: Dialect) -> Type:
    """The type that the dialect makes of one of SQLAlchemy's."""
    made = type_() if isinstance(type_, type) else type_
    try:
        found = parsed(made.compile(dialect=dialect))
    except (SQLAlchemyError, AttributeError, TypeError, NotImplementedError):
        return UNKNOWN
    labels = tuple(map(str, getattr(made, "enums", None) or ()))
    return Type(found.name, found.arguments, found.array, labels, found.written)


def column(one: SAColumn[Any], dialect: Dialect, *, automatic: bool = False) -> f.Column:
    """A column; `automatic` when the table counts it up by itself."""
    default: Any = one.server_default
    computed, identity = one.computed, one.identity
    plain = default is not None and computed is None and identity is None
    virtual = computed is not None and computed.persisted is False
    return f.Column(
        name=str(one.name),
        type=type_of(one.type, dialect),
        nullable=bool(one.nullable) and not one.primary_key,
        default=literal(getattr(default, "arg", None), dialect) if plain else None,
        serial=automatic and identity is None and dialect.name == "postgresql",
        identity=identity is not None,
        generated=("virtual" if virtual else "stored") if computed is not None else "",
        collated=getattr(one.type, "collation", None) is not None,
    )


def literal(default: Any, dialect: Dialect) -> str | None:
    """A server default as SQL text; None without one."""
    if default is None or default is False:
        return None
    if isinstance(default, schema.DefaultClause):
        return literal(default.arg, dialect)
    if isinstance(default, schema.FetchedValue):
        return None
    if isinstance(default, str):
        return "'" + default.replace("'", "''") + "'"
    try:
        return str(default.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    except (SQLAlchemyError, AttributeError, NotImplementedError):
        return str(default)


_KINDS: dict[type, str] = {
    schema.PrimaryKeyConstraint: "primary",
    schema.UniqueConstraint: "unique",
    schema.ForeignKeyConstraint: "foreign",
    schema.CheckConstraint: "check",
}


def constraint(one: Any, dialect: Dialect) -> f.Constraint:
    """A constraint as facts have it."""
    kind = next((kind for cls, kind in _KINDS.items() if isinstance(one, cls)), "exclude")
    referent, names = _referent(one) if kind == "foreign" else ("", ())
    options = one.dialect_options.get("postgresql", {}) if kind != "exclude" else {}
    return f.Constraint(
        kind=kind,
        name=str(one.name) if isinstance(one.name, str) else "",
        columns=tuple(str(part.name) for part in one.columns),
        referent=referent,
        referent_columns=names,
        expression=literal(one.sqltext, dialect) or "" if kind == "check" else "",
        on_delete=(getattr(one, "ondelete", None) or "").upper(),
        valid=not options.get("not_valid"),
    )


def _referent(one: Any) -> tuple[str, tuple[str, ...]]:
    parts = [part.target_fullname.split(".") for part in one.elements]
    table = ".".join(parts[0][:-1]) if parts else ""
    return table.removeprefix("public."), tuple(part[-1] for part in parts)


def index(one: Any) -> f.Index:
    """An index as facts have it."""
    plain = all(isinstance(part, SAColumn) for part in one.expressions)
    where = any(
        one.dialect_options[name].get("where") is not None for name in ("postgresql", "sqlite")
    )
    return f.Index(
        name=str(one.name or ""),
        columns=tuple(
            str(part.name) if isinstance(part, SAColumn) else str(part) for part in one.expressions
        ),
        unique=bool(one.unique),
        plain=plain and not where,
    )


def is_made(one: Any, dialect: Dialect) -> bool:
    """Whether the dialect writes the constraint: those of a type may be another dialect's."""
    rule = getattr(one, "_create_rule", None)
    return rule is None or bool(rule(dialect.statement_compiler(dialect, None)))


def create_table(dialect: Dialect, table: Table, **options: Any) -> Facts:
    """CREATE TABLE with its constraints and indexes."""
    automatic = getattr(table, "_autoincrement_column", None)
    partitioned = "partition_by" in table.dialect_options.get("postgresql", {})
    found = (one for one in table.constraints if is_made(one, dialect))
    parts = (constraint(one, dialect) for one in found)
    yield f.CreateTable(
        table=named(table.name, table.schema),
        columns=tuple(column(one, dialect, automatic=one is automatic) for one in table.columns),
        constraints=tuple(one for one in parts if one.columns or one.kind == "check"),
        indexes=tuple(sorted((index(one) for one in table.indexes), key=lambda one: one.name)),
        partitioned=partitioned and bool(table.dialect_options["postgresql"]["partition_by"]),
        autoincrement=bool(table.dialect_options["sqlite"]["autoincrement"]),
        temporary="TEMPORARY" in table._prefixes or "TEMP" in table._prefixes,
        if_not_exists=bool(options.get("if_not_exists")),
    )


def _drop_table(dialect: Dialect, table: Table, **_: Any) -> Facts:  # noqa: ARG001
    yield f.DropTable(table=named(table.name, table.schema))


def _rename_table(
    dialect: Dialect,  # noqa: ARG001
    old: str,
    new: str,
    schema: str | None = None,
    **_: Any,
) -> Facts:
    yield f.RenameTable(table=named(old, schema), to=named(new, schema))


def _add_column(
    dialect: Dialect,
    table: str,
    one: SAColumn[Any],
    schema: str | None = None,
    **_: Any,
) -> Facts:
    yield f.AddColumn(table=named(table, schema), column=column(one, dialect))


def _drop_column(
    dialect: Dialect,  # noqa: ARG001
    table: str,
    one: Any,
    schema: str | None = None,
    **_: Any,
) -> Facts:
    yield f.DropColumn(table=named(table, schema), name=str(one.name))


def _alter_column(
    dialect: Dialect,
    table: str,
    name: str,
    /,
    **options: Any,
) -> Facts:
    place = named(table, options.get("schema"))
    if options.get("type_") is not None:
        yield _altered_type(dialect, place, name, options)
    if options.get("nullable") is not None:
        made = f.DropNotNull if options["nullable"] else f.SetNotNull
        if options.get("existing_nullable") is not options["nullable"]:
            yield made(table=place, name=name)
    if (default := options.get("server_default", False)) is not False:
        yield f.SetDefault(table=place, name=name, default=literal(default, dialect))
    if (to := options.get("name")) is not None and to != name:
        yield f.RenameColumn(table=place, name=name, to=str(to))


def _altered_type(
    dialect: Dialect,
    table: str,
    name: str,
    options: dict[str, Any],
) -> f.AlterType:
    said = options.get("existing_type")
    return f.AlterType(
        table=table,
        name=name,
        type=type_of(options["type_"], dialect),
        using=str(options.get("postgresql_using") or ""),
        said=None if said is None else type_of(said, dialect),
        collated=getattr(options["type_"], "collation", None) != getattr(said, "collation", None),
    )


def _add_constraint(dialect: Dialect, one: Any, **_: Any) -> Facts:
    if is_made(one, dialect):
        table = named(one.table.name, one.table.schema)
        yield f.AddConstraint(table=table, constraint=constraint(one, dialect))


def _drop_constraint(dialect: Dialect, one: Any, **_: Any) -> Facts:  # noqa: ARG001
    kind = next((kind for cls, kind in _KINDS.items() if isinstance(one, cls)), "")
    name = str(one.name) if isinstance(one.name, str) else ""
    yield f.DropConstraint(table=named(one.table.name, one.table.schema), name=name, kind=kind)


def _create_index(dialect: Dialect, one: Any, **options: Any) -> Facts:
    there = one.dialect_options.get(dialect.name, {})
    yield f.CreateIndex(
        table=named(one.table.name, one.table.schema),
        index=index(one),
        concurrently=bool(there.get("concurrently")),
        if_not_exists=bool(options.get("if_not_exists")),
    )


def _drop_index(dialect: Dialect, one: Any, **_: Any) -> Facts:
    there = one.dialect_options.get(dialect.name, {})
    table = named(one.table.name, one.table.schema) if one.table is not None else ""
    known = "" if table == "no_table" else table  # Alembic's word for a table that was not said
    yield f.DropIndex(table=known, name=str(one.name), concurrently=bool(there.get("concurrently")))


def _bulk_insert(dialect: Dialect, table: Any, rows: Any, **_: Any) -> Facts:  # noqa: ARG001
    yield f.InsertRows(table=named(table.name, getattr(table, "schema", None)))


def _comment(dialect: Dialect, *_: Any, **__: Any) -> Facts:  # noqa: ARG001
    yield f.Other(words="COMMENT")


# By the names of the methods of Alembic's DefaultImpl.
METHODS: dict[str, Callable[..., Facts]] = {
    "create_table": create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "bulk_insert": _bulk_insert,
    "create_table_comment": _comment,
    "drop_table_comment": _comment,
    "create_column_comment": _comment,
}
# SQLAlchemy's own statements, as metadata.create_all() sends them.
_DDL: dict[str, str] = {
    "CreateTable": "create_table",
    "DropTable": "drop_table",
    "CreateIndex": "create_index",
    "DropIndex": "drop_index",
    "AddConstraint": "add_constraint",
    "DropConstraint": "drop_constraint",
}


def statement(element: Any, dialect: Dialect) -> tuple[f.Fact, ...] | None:
    """What one of SQLAlchemy's statements does; None when its text has to be read."""
    if isinstance(element, sql.Insert):
        reads = element.select is not None
        return (f.InsertRows(table=_table(element), query=reads),)
    if isinstance(element, sql.Update):
        names = tuple(str(getattr(key, "name", key)) for key in (element._values or ()))
        return (f.UpdateRows(table=_table(element), where=_where(element), columns=names),)
    if isinstance(element, sql.Delete):
        return (f.DeleteRows(table=_table(element), where=_where(element)),)
    return _ddl(element, dialect)


def _ddl(element: Any, dialect: Dialect) -> tuple[f.Fact, ...] | None:
    name = type(element).__name__
    if name in ("CreateSequence", "DropSequence"):
        return (_sequence(element.element, made=name == "CreateSequence"),)
    if name in ("CreateEnumType", "DropEnumType"):
        return (_enum(element.element, made=name == "CreateEnumType"),)
    if name in _DDL:
        return tuple(METHODS[_DDL[name]](dialect, element.element))
    return None


def _sequence(one: Any, *, made: bool) -> f.Fact:
    kind = f.CreateObject if made else f.DropObject
    return kind(kind="sequence", name=named(one.name, one.schema))


def _enum(one: Any, *, made: bool) -> f.Fact:
    name = named(one.name, one.schema)
    labels = tuple(map(str, one.enums))
    return f.CreateType(name=name, labels=labels) if made else f.DropType(name=name)


def _table(element: Any) -> str:
    return named(element.table.name, getattr(element.table, "schema", None))


def _where(element: Any) -> f.Condition:
    parts = list(element._where_criteria)
    equals: set[str] = set()
    ranges: set[str] = set()
    limited = False
    while parts:
        one = parts.pop()
        parts += getattr(one, "clauses", ()) if _is_and(one) else ()
        limited |= getattr(getattr(one, "right", None), "_limit_clause", None) is not None
        _compared(one, equals, ranges)
    present = bool(element._where_criteria)
    return f.Condition(
        present=present, equals=frozenset(equals), ranges=frozenset(ranges), limited=limited
    )


def _is_and(one: Any) -> bool:
    return getattr(getattr(one, "operator", None), "__name__", "") == "and_"


def _compared(one: Any, equals: set[str], ranges: set[str]) -> None:
    name = getattr(getattr(one, "operator", None), "__name__", "")
    left, right = getattr(one, "left", None), getattr(one, "right", None)
    value = isinstance(right, sql.elements.BindParameter | sql.elements.Grouping)
    if not value or left is None or not hasattr(left, "name"):
        return
    if name in ("eq", "in_op"):
        equals.add(str(left.name))
    elif name in ("lt", "le", "gt", "ge", "between_op"):
        ranges.add(str(left.name))
