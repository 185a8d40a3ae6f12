"""Which facts take ACCESS EXCLUSIVE, which even a reader waits for."""

from dbctl.lint import facts as f

# Source: PostgreSQL manual, ALTER TABLE; what takes less there is not here (VALIDATE, ADD FOREIGN
# KEY, SET STATISTICS).
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


def is_exclusive(fact: f.Fact) -> bool:
    """Whether readers of its table wait for it."""
    if isinstance(fact, f.AddConstraint):
        return fact.constraint.kind != "foreign"
    return isinstance(fact, EXCLUSIVE) or (
        isinstance(fact, f.Lock) and fact.mode == "ACCESS EXCLUSIVE"
    )
