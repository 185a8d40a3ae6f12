"""Parts of a parsed PostgreSQL statement: names, types, columns, constraints, conditions.

The nodes are PostgreSQL's own, as postgast gives them (protobuf messages, hence `Any`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from dbctl.lint.facts import Column, Condition, Constraint
from dbctl.lint.types import SERIALS, Type, named

_ON_DELETE = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}
_SPELLED = {"int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean"}


def inner(node: Any) -> Any:
    """What a wrapping node holds; None for an empty one."""
    kind = node.WhichOneof("node")
    return getattr(node, kind) if kind else None


def kind(node: Any) -> str:
    """What a wrapping node holds, by name; "" for an empty one."""
    return node.WhichOneof("node") or ""


def relation(one: Any) -> str:
    """A table's name, with its schema unless that is `public`."""
    plain = one.schemaname in ("", "public")
    return str(one.relname if plain else f"{one.schemaname}.{one.relname}")


def words(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The texts of a list of strings."""
    return tuple(inner(one).sval for one in nodes if kind(one) == "string")


def qualified(nodes: Iterable[Any]) -> str:
    """A dotted name, without `public`."""
    parts = words(nodes)
    return ".".join(parts[1:] if parts[:1] == ("public",) else parts)


def type_of(one: Any) -> Type:
    """The type that a column is declared with."""
    parts = [part for part in words(one.names) if part not in ("pg_catalog", "public")]
    numbers = tuple(_modifiers(one))
    name = ".".join(parts)
    spelled = _SPELLED.get(name, name) + (f"({', '.join(map(str, numbers))})" if numbers else "")
    return named(name, numbers, array=bool(one.array_bounds), written=spelled)


def _modifiers(one: Any) -> Iterator[int]:
    for mod in one.typmods:
        if kind(mod) == "a_const" and inner(mod).WhichOneof("val") == "ival":
            yield inner(mod).ival.ival


def column(one: Any) -> Column:
    """A column as CREATE TABLE and ADD COLUMN declare it."""
    found = [inner(part) for part in one.constraints]
    kinds = {_constraint_kind(part): part for part in found}
    default = kinds.get("DEFAULT")
    generated = kinds.get("GENERATED")
    raw = words(one.type_name.names)[-1:]
    return Column(
        name=one.colname,
        type=type_of(one.type_name),
        nullable=not {"NOTNULL", "PRIMARY", "IDENTITY"} & kinds.keys() and raw[0] not in SERIALS,
        default=expression(default.raw_expr) if default is not None else None,
        serial=raw[0] in SERIALS,
        identity="IDENTITY" in kinds,
        generated=_generated(generated),
        collated=one.HasField("coll_clause"),
    )


def _generated(one: Any) -> str:
    if one is None:
        return ""
    return "virtual" if one.generated_kind == "v" else "stored"


def inline(one: Any) -> tuple[Constraint, ...]:
    """The constraints that are written with a column."""
    made = (constraint(inner(part), (one.colname,)) for part in one.constraints)
    return tuple(
        replace(part, inline=True) for part in made if part is not None and part.kind != "notnull"
    )


_KINDS = {
    "PRIMARY": "primary",
    "UNIQUE": "unique",
    "FOREIGN": "foreign",
    "CHECK": "check",
    "EXCLUSION": "exclude",
    "NOTNULL": "notnull",
}


def _constraint_kind(one: Any) -> str:
    name = one.DESCRIPTOR.fields_by_name["contype"].enum_type.values_by_number[one.contype].name
    return str(name).removeprefix("CONSTR_")


def constraint(one: Any, of: tuple[str, ...] = ()) -> Constraint | None:
    """A constraint; None for what only looks like one, as a default. `of` is its column's name."""
    found = _KINDS.get(_constraint_kind(one))
    if found is None:
        return None
    foreign = found == "foreign"
    check = found == "check"
    return Constraint(
        kind=found,
        name=one.conname,
        columns=words(one.fk_attrs) or words(one.keys) or of,
        referent=relation(one.pktable) if foreign else "",
        referent_columns=words(one.pk_attrs),
        expression=expression(one.raw_expr) if check else "",
        on_delete=_ON_DELETE.get(one.fk_del_action, "") if foreign else "",
        valid=not one.skip_validation,
        using_index=one.indexname,
    )


def expression(node: Any) -> str:
    """An expression as SQL text."""
    import postgast

    tree = postgast.parse("SELECT 1")
    tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
    return str(postgast.deparse(tree)).removeprefix("SELECT ")


def condition(node: Any) -> Condition:
    """What a WHERE holds its columns against."""
    if not kind(node):
        return Condition()
    return together(_parts(node))


def together(parts: Iterable[Condition]) -> Condition:
    """What holds where all of `parts` hold."""
    equals: frozenset[str] = frozenset()
    ranges: frozenset[str] = frozenset()
    limited = False
    for one in parts:
        equals, ranges, limited = equals | one.equals, ranges | one.ranges, limited | one.limited
    return Condition(present=True, equals=equals, ranges=ranges, limited=limited)


def _parts(node: Any) -> Iterator[Condition]:
    found = inner(node)
    if kind(node) == "bool_expr" and found.boolop == 1:  # AND_EXPR
        for one in found.args:
            yield from _parts(one)
    elif kind(node) == "sub_link":
        yield Condition(present=True, limited=_is_limited(found))
    elif kind(node) == "a_expr":
        yield _compared(found)


def _is_limited(link: Any) -> bool:
    query = inner(link.subselect)
    return bool(query is not None and kind(query.limit_count))


_RANGES = ("<", "<=", ">", ">=", "BETWEEN")


def _compared(one: Any) -> Condition:
    sides = (one.lexpr, one.rexpr)
    names = frozenset(words(inner(side).fields)[-1] for side in sides if _is_column(side))
    values = [side for side in sides if not _is_column(side)]
    sign = words(one.name)[-1:]
    if not values or len(names) != 1:
        return Condition(present=True)
    if kind(one.rexpr) == "sub_link":
        return Condition(present=True, limited=_is_limited(inner(one.rexpr)))
    if sign == ("=",):
        return Condition(present=True, equals=names)
    return Condition(present=True, ranges=names if sign and sign[0] in _RANGES else frozenset())


def _is_column(node: Any) -> bool:
    return kind(node) == "column_ref" and bool(words(inner(node).fields))
