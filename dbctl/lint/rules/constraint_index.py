"""A unique constraint or primary key builds its index while everybody waits.

ADD UNIQUE and ADD PRIMARY KEY take ACCESS EXCLUSIVE and keep it while the index is built. Build a
unique index concurrently first; taking it over for the constraint needs a moment only.

    with op.get_context().autocommit_block():
        op.create_index("uq_email", "users", ["email"], unique=True, postgresql_concurrently=True)
    op.execute("ALTER TABLE users ADD CONSTRAINT uq_email UNIQUE USING INDEX uq_email")

Source: https://www.postgresql.org/docs/current/sql-altertable.html (USING INDEX)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import AddColumn, AddConstraint, Constraint, Fact, Index
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Constraints that build their index themselves."""
    for fact, before in seen.existing(AddConstraint):
        one = fact.constraint
        if one.kind in _KINDS and not one.using_index:
            yield _problem(seen, fact, one, before)
    for added, before in seen.existing(AddColumn):
        for one in added.constraints:
            if one.kind in _KINDS:
                yield _problem(seen, added, one, before)


_KINDS = ("unique", "primary")


def _problem(seen: Seen, fact: Fact, one: Constraint, before: Catalogue) -> Problem:
    name = advice.constraint_name(fact.table, one)
    words = "UNIQUE" if one.kind == "unique" else "PRIMARY KEY"
    table = before.table(fact.table)
    use = f"ALTER TABLE {advice.sql(fact.table)} ADD CONSTRAINT {advice.sql(name)} {words}"
    fix = advice.concurrent_index(fact.table, Index(name, one.columns, unique=True))
    return seen.problem(
        fact,
        f"{name} builds its index while nobody can read or write {fact.table}",
        ""
        if table is not None and table.partitioned
        else f"{fix}\n{advice.execute(f'{use} USING INDEX {advice.sql(name)}')}",
    )
