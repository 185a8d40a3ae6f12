"""How two catalogues differ, in words; what neither knows is not compared."""

from collections.abc import Iterator

from dbctl.lint.catalogue import Catalogue, Table
from dbctl.lint.facts import Column, Constraint


def differences(before: Catalogue, now: Catalogue, *, parts: bool = True) -> Iterator[str]:
    """What is missing now, left over, or other than before; `parts`: indexes, constraints too."""
    for kind, name in sorted(before.objects - now.objects):
        yield f"{kind} {name} is missing"
    for kind, name in sorted(now.objects - before.objects):
        yield f"{kind} {name} is left"
    for name in sorted(before.tables.keys() - now.tables.keys()):
        yield f"table {name} is missing"
    for name in sorted(now.tables.keys() - before.tables.keys()):
        yield f"table {name} is left"
    for name in sorted(before.tables.keys() & now.tables.keys()):
        old, new = before.tables[name], now.tables[name]
        if old is not new and not (old.vague or new.vague):
            yield from _columns(old, new)
            yield from (*_indexes(old, new), *_constraints(old, new)) if parts else ()


def _columns(old: Table, new: Table) -> Iterator[str]:
    for name in old.columns.keys() - new.columns.keys():
        yield f"column {old.name}.{name} is missing"
    for name in new.columns.keys() - old.columns.keys():
        yield f"column {old.name}.{name} is left"
    for name in old.columns.keys() & new.columns.keys():
        yield from _column(f"{old.name}.{name}", old.columns[name], new.columns[name])


def _column(name: str, old: Column, new: Column) -> Iterator[str]:
    known = old.type.known and new.type.known
    if known and not old.type.same(new.type):
        yield f"{name} is {new.type}, and was {old.type}"
    if old.nullable != new.nullable:
        yield f"{name} is {'null' if new.nullable else 'NOT NULL'}, and was not"
    if (old.default is None) != (new.default is None):
        yield f"{name} has {'no' if new.default is None else 'a'} default, and was not so"


def _indexes(old: Table, new: Table) -> Iterator[str]:
    before, now = ({one.name for one in table.indexes} for table in (old, new))
    yield from (f"index {name} is missing" for name in sorted(before - now))
    yield from (f"index {name} is left" for name in sorted(now - before))


def _constraints(old: Table, new: Table) -> Iterator[str]:
    before, now = ({_key(one): one for one in table.constraints} for table in (old, new))
    for key in sorted(before.keys() - now.keys()):
        yield f"{_called(old, before[key])} is missing"
    for key in sorted(now.keys() - before.keys()):
        yield f"{_called(old, now[key])} is left"


def _key(one: Constraint) -> tuple[str, tuple[str, ...], str]:
    """What a constraint does: its name is often made up by the server, not that of a CHECK."""
    check = one.kind == "check"
    return one.kind, () if check else one.columns, one.name if check else one.referent


def _called(table: Table, one: Constraint) -> str:
    return f"{one.kind} constraint {one.name or 'on ' + table.name}"
