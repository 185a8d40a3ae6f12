"""Pieces of the fixes that rules propose: code with the user's own names in it."""

import json
import re
from collections.abc import Sequence

from dbctl.lint.facts import Constraint, Fact, Index

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


def py(text: str) -> str:
    """A Python literal, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def listed(names: Sequence[str]) -> str:
    """A Python list of names."""
    return "[" + ", ".join(map(py, names)) + "]"


def sql(name: str) -> str:
    """A name as SQL has it, each part quoted where it must be."""
    parts = name.split(".")
    return ".".join(p if _PLAIN.fullmatch(p) else '"' + p.replace('"', '""') + '"' for p in parts)


def schema(table: str) -> str:
    """`, schema="..."` for a table that has one."""
    home = table.rpartition(".")[0]
    return f", schema={py(home)}" if home else ""


def bare(table: str) -> str:
    """A table's name without its schema."""
    return table.rpartition(".")[2]


def execute(*statements: str) -> str:
    """op.execute of one statement a line."""
    return "\n".join(f"op.execute({py(one)})" for one in statements)


def autocommit(*lines: str) -> str:
    """Lines that run outside of the revision's transaction."""
    inside = "\n".join(lines).splitlines()
    return "\n".join(
        ["with op.get_context().autocommit_block():", *(f"    {line}" for line in inside)]
    )


def concurrent_index(table: str, index: Index, fact: Fact | None = None) -> str:
    """CREATE INDEX CONCURRENTLY, in the form in which the index was written."""
    if fact is not None and (fact.text or not index.plain) and fact.sql:
        pattern = r"^\s*CREATE\s+(UNIQUE\s+)?INDEX\s+"
        text = re.sub(
            pattern, lambda m: _upper(m[0]) + "CONCURRENTLY ", one_line(fact.sql), count=1
        )
        return autocommit(execute(text))
    unique = ", unique=True" if index.unique else ""
    name, columns = py(index.name), listed(index.columns)
    where = f"{py(bare(table))}, {columns}{unique}{schema(table)}"
    return autocommit(f"op.create_index({name}, {where}, postgresql_concurrently=True)")


def _upper(text: str) -> str:
    return " ".join(text.upper().split()) + " "


def one_line(text: str) -> str:
    """SQL on one line."""
    return " ".join(text.strip().rstrip(";").split())


def constraint_name(table: str, one: Constraint) -> str:
    """The constraint's name, or the one PostgreSQL would give it."""
    ends = {"primary": "pkey", "unique": "key", "foreign": "fkey", "check": "check"}
    columns = () if one.kind == "primary" else one.columns
    return one.name or "_".join([bare(table), *columns, ends.get(one.kind, "excl")])


def not_valid(table: str, one: Constraint) -> str:
    """Add a constraint without looking at the rows, then look without stopping anybody."""
    name = constraint_name(table, one)
    add = f"ALTER TABLE {sql(table)} ADD CONSTRAINT {sql(name)} {definition(one)} NOT VALID"
    check = f"ALTER TABLE {sql(table)} VALIDATE CONSTRAINT {sql(name)}"
    return autocommit(execute(add, check))


def definition(one: Constraint) -> str:
    """A foreign key, check or not-null constraint as SQL."""
    columns = ", ".join(map(sql, one.columns))
    if one.kind == "foreign":
        to = f" ({', '.join(map(sql, one.referent_columns))})" if one.referent_columns else ""
        action = f" ON DELETE {one.on_delete}" if one.on_delete else ""
        return f"FOREIGN KEY ({columns}) REFERENCES {sql(one.referent)}{to}{action}"
    if one.kind == "notnull":
        return f"NOT NULL {columns}"
    return f"CHECK ({one.expression})"
