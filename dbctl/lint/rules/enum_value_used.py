"""A new label of an enum type is used in the transaction that adds it: the server refuses it.

ADD VALUE may stand in a transaction (since PostgreSQL 12), but the label cannot be used before it
is committed. Add it in an autocommit block; use it after the block, or in the next revision.

    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'great'")

Source: https://www.postgresql.org/docs/current/sql-altertype.html (notes)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import AddEnumValue
from dbctl.lint.model import Level
from dbctl.lint.seen import Moment, Problem, Seen

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)
_IN_TRANSACTION = (12,)


def check(seen: Seen) -> Iterator[Problem]:
    """Labels that are used too early, or added where none may be."""
    if seen.world.autocommit:
        return
    for number, one in enumerate(seen.up):
        fact = one.fact
        if not isinstance(fact, AddEnumValue) or fact.autocommit or _is_new(seen, fact, one.before):
            continue
        if seen.world.version < _IN_TRANSACTION:
            yield seen.problem(
                fact, "ADD VALUE cannot run in a transaction before PostgreSQL 12", _fix(fact)
            )
            continue
        for later in seen.up[number + 1 :]:
            if later.fact.transaction == fact.transaction and _uses(later, fact):
                yield seen.problem(
                    later.fact,
                    f"{fact.label!r} of {fact.name} is used in the transaction"
                    " that adds it: this fails",
                    _fix(fact),
                )
                break


def _is_new(seen: Seen, fact: AddEnumValue, before: Catalogue) -> bool:
    """Whether the type itself is made in this transaction: then its labels may be used."""
    made = before.type_makers.get(fact.name)
    return made == seen.header.revision


def _uses(later: Moment, fact: AddEnumValue) -> bool:
    same = isinstance(later.fact, AddEnumValue)
    return not same and f"'{fact.label}'" in later.fact.sql


def _fix(fact: AddEnumValue) -> str:
    text = f"ALTER TYPE {advice.sql(fact.name)} ADD VALUE IF NOT EXISTS '{fact.label}'"
    return advice.autocommit(advice.execute(text))
