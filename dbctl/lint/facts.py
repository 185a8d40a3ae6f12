"""What a revision does, in words that are the same for an Alembic operation and for SQL text."""

from dataclasses import dataclass, field
from pathlib import Path

from dbctl.lint.types import UNKNOWN, Type


@dataclass(frozen=True)
class At:
    """Where in a revision file; lines and columns begin at 1, 0 is nowhere."""

    file: Path = Path()
    line: int = 0
    column: int = 0
    end: int = 0


@dataclass(frozen=True)
class Column:
    """A column as a revision describes it; `default` is SQL text, None without one."""

    name: str
    type: Type = UNKNOWN
    nullable: bool = True
    default: str | None = None
    serial: bool = False
    identity: bool = False
    generated: str = ""  # "stored" or "virtual"
    collated: bool = False


@dataclass(frozen=True)
class Constraint:
    """A constraint; `kind` is primary, unique, foreign, check, exclude or notnull."""

    kind: str
    name: str = ""
    columns: tuple[str, ...] = ()
    referent: str = ""
    referent_columns: tuple[str, ...] = ()
    expression: str = ""
    on_delete: str = ""
    valid: bool = True
    using_index: str = ""
    inline: bool = False  # written with its column, as text


@dataclass(frozen=True)
class Index:
    """An index; `plain` when it is on columns alone, whole and ascending."""

    name: str
    columns: tuple[str, ...] = ()
    unique: bool = False
    plain: bool = True
    valid: bool = True


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that a revision does.

    `transaction` numbers the transactions of a function, `autocommit` is one of its own; `broken`
    is why it cannot be sent to the database at all.
    """

    table: str = ""
    at: At = At()
    transaction: int = 0
    autocommit: bool = False
    batch: bool = False
    looped: bool = False
    sql: str = ""
    broken: str = ""
    text: bool = False  # it was written as SQL

    @property
    def sql_line(self) -> str:
        """Its SQL on one line, as far as it has any and that does not change it."""
        plain = "$" not in self.sql and "--" not in self.sql
        return " ".join(self.sql.strip().rstrip(";").split()) if plain else ""


@dataclass(frozen=True, kw_only=True)
class CreateTable(Fact):
    """A new table; `query` when it is filled at once, `temporary` when it goes with the session."""

    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    parent: str = ""
    partitioned: bool = False
    query: bool = False
    temporary: bool = False
    if_not_exists: bool = False
    autoincrement: bool = False  # SQLite's: an id is never used again


@dataclass(frozen=True, kw_only=True)
class DropTable(Fact):
    """A table goes, with its rows."""

    cascade: bool = False


@dataclass(frozen=True, kw_only=True)
class RenameTable(Fact):
    """A table gets another name or schema."""

    to: str


@dataclass(frozen=True, kw_only=True)
class AddColumn(Fact):
    """A new column of a table that is there; `constraints` are those written with it."""

    column: Column
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ColumnFact(Fact):
    """Something happens to a column that is there."""

    name: str


@dataclass(frozen=True, kw_only=True)
class DropColumn(ColumnFact):
    """A column goes, with its values."""


@dataclass(frozen=True, kw_only=True)
class RenameColumn(ColumnFact):
    """A column gets another name."""

    to: str


@dataclass(frozen=True, kw_only=True)
class AlterType(ColumnFact):
    """A column gets another type; `said` is the type that the revision says it had."""

    type: Type
    using: str = ""
    said: Type | None = None
    collated: bool = False


@dataclass(frozen=True, kw_only=True)
class SetNotNull(ColumnFact):
    """A column may no longer be null."""


@dataclass(frozen=True, kw_only=True)
class DropNotNull(ColumnFact):
    """A column may be null."""


@dataclass(frozen=True, kw_only=True)
class SetDefault(ColumnFact):
    """A column gets a default, or loses it (None)."""

    default: str | None


@dataclass(frozen=True, kw_only=True)
class CreateIndex(Fact):
    """A new index."""

    index: Index
    concurrently: bool = False
    if_not_exists: bool = False
    only: bool = False


@dataclass(frozen=True, kw_only=True)
class DropIndex(Fact):
    """An index goes; `table` may be unknown."""

    name: str
    concurrently: bool = False


@dataclass(frozen=True, kw_only=True)
class RenameIndex(Fact):
    """An index gets another name."""

    name: str
    to: str


@dataclass(frozen=True, kw_only=True)
class AddConstraint(Fact):
    """A new constraint on a table that is there."""

    constraint: Constraint


@dataclass(frozen=True, kw_only=True)
class ValidateConstraint(Fact):
    """The rows are held against a constraint that was added NOT VALID."""

    name: str


@dataclass(frozen=True, kw_only=True)
class DropConstraint(Fact):
    """A constraint goes; `kind` where it is said."""

    name: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class RenameConstraint(Fact):
    """A constraint gets another name."""

    name: str
    to: str


@dataclass(frozen=True, kw_only=True)
class CreateType(Fact):
    """A new enum type, or another one without labels."""

    name: str
    labels: tuple[str, ...] = ()
    if_not_exists: bool = False


@dataclass(frozen=True, kw_only=True)
class DropType(Fact):
    """A type goes."""

    name: str


@dataclass(frozen=True, kw_only=True)
class RenameType(Fact):
    """A type gets another name."""

    name: str
    to: str


@dataclass(frozen=True, kw_only=True)
class AddEnumValue(Fact):
    """An enum type gets one label more."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class RenameEnumValue(Fact):
    """A label of an enum type is spelled in another way."""

    name: str
    label: str
    to: str


@dataclass(frozen=True, kw_only=True)
class InsertRows(Fact):
    """Rows are added; `query` when they come from a SELECT."""

    query: bool = False


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Which rows a statement means; `equals` are columns held against one value or a few."""

    present: bool = False
    equals: frozenset[str] = frozenset()
    ranges: frozenset[str] = frozenset()
    limited: bool = False


@dataclass(frozen=True, kw_only=True)
class RowsFact(Fact):
    """Rows that `where` means; `batched` does the same to a few of them, "" if that is unknown."""

    where: Condition = Condition()
    batched: str = ""


@dataclass(frozen=True, kw_only=True)
class UpdateRows(RowsFact):
    """Rows are changed; `columns` are set."""

    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeleteRows(RowsFact):
    """Rows are removed."""


@dataclass(frozen=True, kw_only=True)
class Truncate(Fact):
    """All rows of a table go."""


@dataclass(frozen=True, kw_only=True)
class ReadRows(Fact):
    """The revision looks at rows, or (`schema`) at the tables that are there."""

    schema: bool = False


@dataclass(frozen=True, kw_only=True)
class Lock(Fact):
    """LOCK TABLE; `mode` as in PostgreSQL's manual, in capitals."""

    mode: str = "ACCESS EXCLUSIVE"


@dataclass(frozen=True, kw_only=True)
class Rewrite(Fact):
    """A command whose purpose is to build a table or its indexes anew; `command` is its words."""

    command: str
    concurrently: bool = False
    scope: str = "table"


@dataclass(frozen=True, kw_only=True)
class Partition(Fact):
    """A partition is attached to `table`, or (`detach`) taken from it."""

    name: str
    detach: bool = False
    concurrently: bool = False


@dataclass(frozen=True, kw_only=True)
class Rebuild(Fact):
    """SQLite: the table is made anew under another name, filled, and put in its own place."""

    parts: tuple[str, ...] = ()
    named: bool = False  # a naming convention names what has no name
    copied: bool = False  # the table is said in full


@dataclass(frozen=True, kw_only=True)
class Setting(Fact):
    """SET or PRAGMA."""

    name: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class CreateFunction(Fact):
    """A function; `volatility` is volatile, stable or immutable."""

    name: str
    volatility: str = "volatile"


@dataclass(frozen=True, kw_only=True)
class CreateTrigger(Fact):
    """A trigger on a table."""

    name: str


@dataclass(frozen=True, kw_only=True)
class CreateObject(Fact):
    """A view, sequence or function; `tables` are those that a view reads."""

    kind: str
    name: str
    tables: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DropObject(Fact):
    """The same goes."""

    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Other(Fact):
    """Something else that changes neither tables nor rows, as a comment or a grant."""

    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Opaque(Fact):
    """SQL that was not understood; `reason` says why."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Skipped(Fact):
    """A line of the revision that could not be run without a database."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Several(Fact):
    """One text with several statements in it."""

    count: int = 2


@dataclass
class Recording:
    """What one function of a revision did, in order; `whole` when nothing of it is unknown."""

    facts: list[Fact] = field(default_factory=list)
    reached: bool = False

    @property
    def whole(self) -> bool:
        """Whether every effect is known."""
        return not any(isinstance(one, Opaque | Skipped) for one in self.facts)
