"""The words of tables: their columns, indexes, rules, rows."""

from dataclasses import dataclass
from typing import Literal

from dbctl.database.model import Place


@dataclass(frozen=True)
class TableSize:
    """One table; `rows` is counted, `bytes` holds its indexes too (None where unknown)."""

    name: str
    rows: int
    bytes: int | None


@dataclass(frozen=True)
class Tables:
    """Every table of a database, by name."""

    database: Place
    tables: tuple[TableSize, ...]


@dataclass(frozen=True)
class Column:
    """One column as the database describes it."""

    name: str
    type: str
    nullable: bool
    default: str | None
    key: str  # "primary", "" or the table that a foreign key points at
    short_type: str = ""  # the field's usual name: varchar(50), timestamptz
    short_default: str = ""  # "auto" for a counter, "identity", "= ..." for a generated column
    references: str = ""  # the table and column that a foreign key points at
    on_delete: str = ""  # what a deleted parent does: "" (nothing), cascade, set null ...
    comment: str = ""


@dataclass(frozen=True)
class Index:
    """One index; `unique` ones back constraints too.

    `terms` are its columns and expressions as they are written, `condition` is what a partial
    index is limited to; an index that is not `valid` is kept up and never used.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool
    definition: str
    terms: tuple[str, ...] = ()
    condition: str = ""
    valid: bool = True


@dataclass(frozen=True)
class Rule:
    """A check constraint; its name is "" where it has none."""

    name: str
    condition: str


@dataclass(frozen=True)
class TableDetail:
    """One table like a page of a data dictionary."""

    name: str
    rows: int
    bytes: int | None
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    checks: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class TablesChange:
    """Tables were created, dropped or emptied."""

    action: Literal["create", "drop", "truncate"]
    tables: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Script:
    """SQL as text; printed as it is."""

    sql: str
