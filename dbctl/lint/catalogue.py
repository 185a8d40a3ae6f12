"""The schema as the revisions before have made it: what a rule knows of tables and columns.

A catalogue never changes: each fact makes a new one. What nobody told it, it does not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch

from dbctl.lint import facts as f
from dbctl.lint.facts import Column, Constraint, Index


@dataclass(frozen=True)
class Table:
    """One table; `made_by` is the revision that made it, `vague` when its columns are unknown."""

    name: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    indexes: tuple[Index, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    made_by: str = ""
    vague: bool = False
    partitioned: bool = False
    parent: str = ""
    triggers: tuple[str, ...] = ()
    autoincrement: bool = False
    made_columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def part_names(self) -> set[str]:
        """What its indexes and constraints are called."""
        return {one.name for one in self.indexes} | {one.name for one in self.constraints}

    @property
    def known_names(self) -> set[str]:
        """The same, with the names that PostgreSQL gives to constraints without one."""
        return self.part_names | {_default_name(one, self.name) for one in self.constraints}

    def has_key(self, columns: frozenset[str]) -> bool:
        """Whether one of `columns` leads to one row, or to few: first of a key or an index."""
        keys = [one.columns for one in self.constraints if one.kind in ("primary", "unique")]
        keys += [one.columns for one in self.indexes if one.unique]
        return any(key and set(key) <= columns for key in keys)


@dataclass(frozen=True)
class Catalogue:
    """Tables and types by name; `functions` by their volatility."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    type_makers: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    objects: frozenset[tuple[str, str]] = frozenset()
    views: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def table(self, name: str) -> Table | None:
        """The table, None when no revision made it as far as is known."""
        return self.tables.get(name)

    def column(self, table: str, name: str) -> Column | None:
        """The column, None when it is not known."""
        found = self.tables.get(table)
        return found.columns.get(name) if found else None

    def holder(self, index: str) -> str:
        """The table that has the index or the constraint, "" when nobody knows."""
        for name, one in self.tables.items():
            if index in one.part_names:
                return name
        return ""

    def referring(self, table: str) -> tuple[tuple[str, Constraint], ...]:
        """The foreign keys that lead to `table`, each with the table that has it."""
        return tuple(
            (name, part)
            for name, one in self.tables.items()
            for part in one.constraints
            if part.kind == "foreign" and part.referent == table
        )

    def after(self, fact: f.Fact, revision: str) -> "Catalogue":
        """The catalogue when `fact` has happened in `revision`."""
        return _after(fact, self, revision)

    def names(self) -> frozenset[str]:
        """Everything that has a name, as a query of the system's catalogue would ask for it."""
        found = {*self.types, *self.functions}
        for name, one in self.tables.items():
            found |= {name, *name.split("."), *one.columns}
            found |= one.part_names
        return frozenset(found)

    def _with(self, table: Table) -> "Catalogue":
        return replace(self, tables={**self.tables, table.name: table})

    def _changed(self, name: str, change: Callable[[Table], Table]) -> "Catalogue":
        found = self.tables.get(name)
        return self._with(change(found)) if found else self


@singledispatch
def _after(fact: f.Fact, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return now


@_after.register
def _create_table(fact: f.CreateTable, now: Catalogue, revision: str) -> Catalogue:
    if fact.if_not_exists and fact.table in now.tables:
        return now
    parent = now.tables.get(fact.parent)
    columns = {one.name: one for one in fact.columns}
    for name in (name for one in fact.constraints if one.kind == "primary" for name in one.columns):
        if name in columns:
            columns[name] = replace(columns[name], nullable=False)
    made = Table(
        fact.table,
        columns or (parent.columns if parent else {}),
        fact.indexes,
        tuple(one for one in fact.constraints if one.kind != "notnull"),
        revision,
        vague=fact.query,
        partitioned=fact.partitioned,
        parent=fact.parent,
        autoincrement=fact.autoincrement,
    )
    return now._with(made)


@_after.register
def _drop_table(fact: f.DropTable, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return replace(now, tables={k: v for k, v in now.tables.items() if k != fact.table})


@_after.register
def _rename_table(fact: f.RenameTable, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    found = now.tables.get(fact.table)
    if found is None:
        return now
    rest = {k: _repointed(v, fact) for k, v in now.tables.items() if k != fact.table}
    return replace(now, tables={**rest, fact.to: replace(_repointed(found, fact), name=fact.to)})


def _repointed(table: Table, fact: f.RenameTable) -> Table:
    if not any(one.referent == fact.table for one in table.constraints):
        return table
    parts = tuple(
        replace(one, referent=fact.to) if one.referent == fact.table else one
        for one in table.constraints
    )
    return replace(table, constraints=parts)


@_after.register
def _add_column(fact: f.AddColumn, now: Catalogue, revision: str) -> Catalogue:
    def change(table: Table) -> Table:
        return replace(
            table,
            columns={**table.columns, fact.column.name: fact.column},
            constraints=(*table.constraints, *fact.constraints),
            made_columns={**table.made_columns, fact.column.name: revision},
        )

    return now._changed(fact.table, change)


@_after.register
def _drop_column(fact: f.DropColumn, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        return replace(
            table,
            columns={k: v for k, v in table.columns.items() if k != fact.name},
            indexes=tuple(one for one in table.indexes if fact.name not in one.columns),
            constraints=tuple(one for one in table.constraints if fact.name not in one.columns),
        )

    return now._changed(fact.table, change)


@_after.register
def _rename_column(fact: f.RenameColumn, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def named(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fact.to if name == fact.name else name for name in names)

    def change(table: Table) -> Table:
        return replace(
            table,
            columns={
                named((k,))[0]: replace(v, name=named((k,))[0]) for k, v in table.columns.items()
            },
            indexes=tuple(replace(one, columns=named(one.columns)) for one in table.indexes),
            constraints=tuple(
                replace(one, columns=named(one.columns)) for one in table.constraints
            ),
        )

    return now._changed(fact.table, change)


def _column(now: Catalogue, table: str, name: str, **changes: object) -> Catalogue:
    def change(found: Table) -> Table:
        column = found.columns.get(name)
        if column is None:
            return found
        made = replace(column, **changes)  # type: ignore[arg-type]  # fields of Column
        return replace(found, columns={**found.columns, name: made})

    return now._changed(table, change)


@_after.register
def _alter_type(fact: f.AlterType, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return _column(now, fact.table, fact.name, type=fact.type)


@_after.register
def _set_not_null(fact: f.SetNotNull, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return _column(now, fact.table, fact.name, nullable=False)


@_after.register
def _drop_not_null(fact: f.DropNotNull, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return _column(now, fact.table, fact.name, nullable=True)


@_after.register
def _set_default(fact: f.SetDefault, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return _column(now, fact.table, fact.name, default=fact.default)


@_after.register
def _create_index(fact: f.CreateIndex, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        others = tuple(one for one in table.indexes if one.name != fact.index.name)
        return replace(table, indexes=(*others, fact.index))

    return now._changed(fact.table, change)


@_after.register
def _drop_index(fact: f.DropIndex, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        rest = tuple(one for one in table.indexes if one.name != fact.name)
        return replace(table, indexes=rest)

    return now._changed(fact.table or now.holder(fact.name), change)


@_after.register
def _rename_index(fact: f.RenameIndex, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        return replace(
            table,
            indexes=tuple(
                replace(one, name=fact.to) if one.name == fact.name else one
                for one in table.indexes
            ),
        )

    return now._changed(now.holder(fact.name), change)


@_after.register
def _add_constraint(fact: f.AddConstraint, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    made = fact.constraint
    if made.kind == "notnull" and made.valid:
        return _column(now, fact.table, (made.columns or ("",))[0], nullable=False)

    def change(table: Table) -> Table:
        taken = next((one for one in table.indexes if one.name == made.using_index), None)
        whole = replace(made, columns=taken.columns) if taken else made
        rest = tuple(one for one in table.indexes if one is not taken)
        return replace(table, indexes=rest, constraints=(*table.constraints, whole))

    return now._changed(fact.table, change)


@_after.register
def _validate(fact: f.ValidateConstraint, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        parts = tuple(
            replace(one, valid=True) if one.name == fact.name else one for one in table.constraints
        )
        return replace(table, constraints=parts)

    return now._changed(fact.table, change)


@_after.register
def _drop_constraint(fact: f.DropConstraint, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        rest = tuple(one for one in table.constraints if not _is_named(one, table.name, fact.name))
        return replace(table, constraints=rest)

    return now._changed(fact.table, change)


def _is_named(one: Constraint, table: str, name: str) -> bool:
    return bool(name) and name in (one.name, _default_name(one, table))


def _default_name(one: Constraint, table: str) -> str:
    """The name that PostgreSQL gives to a constraint that has none."""
    bare = table.rpartition(".")[2]
    if one.name or one.kind == "exclude":
        return one.name
    if one.kind == "primary":
        return f"{bare}_pkey"
    ends = {"unique": "key", "foreign": "fkey", "check": "check"}
    return "_".join([bare, *one.columns, ends.get(one.kind, "")])


@_after.register
def _rename_constraint(fact: f.RenameConstraint, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    def change(table: Table) -> Table:
        parts = tuple(
            replace(one, name=fact.to) if one.name == fact.name else one
            for one in table.constraints
        )
        return replace(table, constraints=parts)

    return now._changed(fact.table, change)


@_after.register
def _create_type(fact: f.CreateType, now: Catalogue, revision: str) -> Catalogue:
    makers = {**now.type_makers, fact.name: revision}
    return replace(now, types={**now.types, fact.name: fact.labels}, type_makers=makers)


@_after.register
def _add_value(fact: f.AddEnumValue, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    labels = (*now.types.get(fact.name, ()), fact.label)
    return replace(now, types={**now.types, fact.name: labels})


@_after.register
def _drop_type(fact: f.DropType, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return replace(now, types={k: v for k, v in now.types.items() if k != fact.name})


@_after.register
def _rename_type(fact: f.RenameType, now: Catalogue, revision: str) -> Catalogue:
    found = now.types.get(fact.name)
    rest = _drop_type(f.DropType(name=fact.name), now, revision)
    return rest if found is None else replace(rest, types={**rest.types, fact.to: found})


@_after.register
def _function(fact: f.CreateFunction, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return replace(now, functions={**now.functions, fact.name: fact.volatility})


@_after.register
def _trigger(fact: f.CreateTrigger, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    return now._changed(
        fact.table, lambda table: replace(table, triggers=(*table.triggers, fact.name))
    )


@_after.register
def _create_object(fact: f.CreateObject, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    objects = now.objects | {(fact.kind, fact.name)}
    views = {**now.views, fact.name: fact.tables} if fact.kind == "view" else now.views
    return replace(now, objects=objects, views=views)


@_after.register
def _drop_object(fact: f.DropObject, now: Catalogue, revision: str) -> Catalogue:  # noqa: ARG001
    objects = now.objects - {(fact.kind, fact.name)}
    left = (now.views.keys() - {fact.name}) if fact.kind == "view" else now.views.keys()
    return replace(now, objects=objects, views={name: now.views[name] for name in left})
