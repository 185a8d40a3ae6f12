"""Which facts keep others from a table, and whom."""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.catalogue import Catalogue

# ACCESS EXCLUSIVE. Source: PostgreSQL manual, ALTER TABLE; what takes less there is not here.
EXCLUSIVE = (
    f.AddColumn,
    f.DropColumn,
    f.RenameColumn,
    f.AlterType,
    f.SetNotNull,
    f.DropNotNull,
    f.SetDefault,
    f.DropConstraint,
    f.DropTable,
    f.RenameTable,
    f.Truncate,
    f.Rewrite,
    f.RenameConstraint,
)
USE, WRITE = "use", "write to"


def is_exclusive(fact: f.Fact) -> bool:
    """Whether readers of its table wait for it."""
    if isinstance(fact, f.AddConstraint):
        return fact.constraint.kind != "foreign"
    return isinstance(fact, EXCLUSIVE) or (
        isinstance(fact, f.Lock) and fact.mode == "ACCESS EXCLUSIVE"
    )


def locked(fact: f.Fact, before: Catalogue) -> Iterator[tuple[str, str]]:
    """The tables that a fact locks until its transaction ends, and what nobody else can do."""
    if is_exclusive(fact):
        yield fact.table, USE
    elif isinstance(fact, f.AddConstraint | f.CreateTrigger) or (
        isinstance(fact, f.CreateIndex) and not fact.concurrently
    ):
        yield fact.table, WRITE
    elif isinstance(fact, f.DropIndex) and not fact.concurrently:
        yield fact.table or before.holder(fact.name), USE
    yield from ((one.referent, WRITE) for one in _keys(fact) if one.referent)


def _keys(fact: f.Fact) -> tuple[f.Constraint, ...]:
    """The foreign keys that a fact makes."""
    if isinstance(fact, f.AddConstraint):
        return (fact.constraint,)
    return fact.constraints if isinstance(fact, f.CreateTable | f.AddColumn) else ()
