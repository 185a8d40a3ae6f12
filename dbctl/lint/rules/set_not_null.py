"""NOT NULL on a column with rows: the whole table is read while everybody waits.

SET NOT NULL takes ACCESS EXCLUSIVE and looks for a NULL in every row, and fails when there is one.
A CHECK that has been validated already proves that there is none, and the reading is left out
(PostgreSQL 12). Since PostgreSQL 18 a NOT NULL constraint itself can be added NOT VALID.

    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE users ADD CONSTRAINT is_set CHECK (email IS NOT NULL) NOT VALID")
        op.execute("ALTER TABLE users VALIDATE CONSTRAINT is_set")
        op.execute("ALTER TABLE users ALTER COLUMN email SET NOT NULL")
        op.execute("ALTER TABLE users DROP CONSTRAINT is_set")

Source: https://www.postgresql.org/docs/current/sql-altertable.html (SET NOT NULL)
"""

import re
from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import AddConstraint, Fact, SetNotNull
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)
_PROVEN = (12,)
_NAMED = (18,)


def check(seen: Seen) -> Iterator[Problem]:
    """Columns whose rows are all looked at."""
    for fact, before in seen.existing(SetNotNull):
        column = before.column(fact.table, fact.name)
        if column is not None and not column.nullable:
            continue  # it is NOT NULL already
        if not (seen.world.version >= _PROVEN and _is_proven(fact.table, fact.name, before)):
            yield _problem(seen, fact, fact.name)
    for added, before in seen.existing(AddConstraint):
        one = added.constraint
        if one.kind == "notnull" and one.valid and one.columns:
            known = before.column(added.table, one.columns[0])
            if known is None or known.nullable:
                yield _problem(seen, added, one.columns[0])


def _is_proven(table: str, name: str, before: Catalogue) -> bool:
    """Whether a validated constraint says that there is no NULL."""
    found = before.table(table)
    parts = found.constraints if found else ()
    return any(
        one.valid
        and (
            (one.kind == "check" and _says_not_null(one.expression, name))
            or (one.kind == "notnull" and name in one.columns)
        )
        for one in parts
    )


def _says_not_null(expression: str, name: str) -> bool:
    """Whether `name IS NOT NULL` is all of a check, or one of the parts that AND joins."""
    if re.search(r"\bOR\b", expression, re.IGNORECASE):
        return False
    pattern = rf'(?:^|[\s(.])"?{re.escape(name)}"?\)?\s+IS\s+NOT\s+NULL\b'
    return re.search(pattern, expression, re.IGNORECASE) is not None


def _problem(seen: Seen, fact: Fact, name: str) -> Problem:
    return seen.problem(
        fact,
        f"NOT NULL reads all of {fact.table} while nobody can read or write it,"
        f" and fails where {name} is NULL",
        _fix(seen, fact.table, name),
    )


def _fix(seen: Seen, table: str, name: str) -> str:
    where, column = advice.sql(table), advice.sql(name)
    made = advice.sql(f"{advice.bare(table)}_{name}_not_null")
    if seen.world.version >= _NAMED:
        add = f"ALTER TABLE {where} ADD CONSTRAINT {made} NOT NULL {column} NOT VALID"
        return advice.autocommit(
            advice.execute(add, f"ALTER TABLE {where} VALIDATE CONSTRAINT {made}")
        )
    return advice.autocommit(
        advice.execute(
            f"ALTER TABLE {where} ADD CONSTRAINT {made} CHECK ({column} IS NOT NULL) NOT VALID",
            f"ALTER TABLE {where} VALIDATE CONSTRAINT {made}",
            f"ALTER TABLE {where} ALTER COLUMN {column} SET NOT NULL",
            f"ALTER TABLE {where} DROP CONSTRAINT {made}",
        )
    )
