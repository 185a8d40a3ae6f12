"""In which order tables are filled: what others point at comes first."""

from collections.abc import Iterator

from sqlalchemy import MetaData, Table


def positions(metadata: MetaData) -> dict[str, int]:
    """The place of every table by its name; tables that point at each other stand as declared."""
    seen: dict[str, None] = {}
    for table in metadata.tables.values():
        for name in _walked(table, seen):
            seen.setdefault(name)
    return {name: at for at, name in enumerate(seen)}


def _walked(table: Table, seen: dict[str, None]) -> Iterator[str]:
    """The tables that `table` points at, however far, then itself; without recursion."""
    open_, waiting = {table.key}, [(table, iter(parents(table)))]
    while waiting:
        current, rest = waiting[-1]
        parent = next((one for one in rest if one.key not in open_ and one.key not in seen), None)
        if parent is None:
            waiting.pop()
            yield current.key
        else:
            open_.add(parent.key)
            waiting.append((parent, iter(parents(parent))))


def parents(table: Table) -> list[Table]:
    """The tables of this metadata that a foreign key of `table` points at, itself excluded."""
    tables = table.metadata.tables
    found = {key.target_fullname.rsplit(".", 1)[0]: None for key in table.foreign_keys}
    return [tables[name] for name in sorted(found) if name in tables and name != table.key]
