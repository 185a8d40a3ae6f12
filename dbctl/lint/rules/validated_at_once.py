"""A constraint is added NOT VALID and validated in the same transaction.

The lock of ADD CONSTRAINT is kept until the transaction ends, so the table is read under it as if
NOT VALID had not been said. Commit in between: an autocommit block makes each statement a
transaction of its own.

    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE items ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID")
        op.execute("ALTER TABLE items VALIDATE CONSTRAINT price_positive")

Source: https://www.postgresql.org/docs/current/explicit-locking.html
(a lock is held until the end of the transaction)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.facts import AddConstraint, ValidateConstraint
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Validations under the lock of the constraint's own making."""
    added = {
        (fact.table, fact.constraint.name, fact.transaction): fact.constraint
        for fact, _ in seen.existing(AddConstraint)
        if not fact.autocommit and not fact.constraint.valid
    }
    for fact, _ in seen.each(ValidateConstraint):
        one = added.get((fact.table, fact.name, fact.transaction))
        if one is not None and not fact.autocommit:
            yield seen.problem(
                fact,
                f"{fact.name} reads all of {fact.table} under the lock that adding it still holds",
                advice.not_valid(fact.table, one),
            )
