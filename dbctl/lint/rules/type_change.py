"""A column's type changes in a way that writes the whole table again.

ALTER COLUMN TYPE takes ACCESS EXCLUSIVE; where the values look different on the disk every row and
every index is written again under it. Longer or unlimited varchar, varchar to text, numeric of more
digits change no row, and this rule says nothing. timestamp to timestamptz changes none in a session
whose time zone is UTC, as most servers have it: a hint, until the revision itself says the zone.

Add a column of the new type, have the application write both, fill it in batches, switch over, and
drop the old one in a later release.

    op.add_column("events", sa.Column("id_new", sa.BigInteger(), nullable=True))

Source: https://www.postgresql.org/docs/current/sql-altertable.html (notes on rewriting)
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import AlterType
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen
from dbctl.lint.types import UNKNOWN, Cost, Type, cost
from dbctl.lint.zone import in_utc

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Changes of type that cost more than a moment."""
    for fact, before in seen.existing(AlterType):
        old = _old(fact, before)
        price = _price(seen, fact, old)
        if price is Cost.NOTHING:
            continue
        sure = price is Cost.REWRITE
        yield seen.problem(
            fact,
            _said(fact, old, price),
            _fix(fact, old, price),
            level="error" if sure else "hint" if price is Cost.ZONE else "warning",
        )


def _old(fact: AlterType, before: Catalogue) -> Type:
    column = before.column(fact.table, fact.name)
    return column.type if column and column.type.known else fact.said or UNKNOWN


def _price(seen: Seen, fact: AlterType, old: Type) -> Cost:
    found = cost(old, fact.type)
    if found is Cost.ZONE and (utc := in_utc(seen.up, fact)) is not None:
        return Cost.NOTHING if utc else Cost.REWRITE
    return Cost.REWRITE if fact.using and not _is_cast(fact) else found


def _is_cast(fact: AlterType) -> bool:
    """Whether USING says no more than the type itself."""
    text = fact.using.replace('"', "").replace(" ", "").lower()
    name = fact.name.lower()
    return text == name or text.startswith((f"{name}::", f"cast({name}as"))


def _said(fact: AlterType, old: Type, price: Cost) -> str:
    change = f"{fact.table}.{fact.name} from {old} to {fact.type}"
    if price is Cost.UNKNOWN:
        return f"{fact.table}.{fact.name} to {fact.type} may write the whole table again"
    if price is Cost.ZONE:
        return f"{change} writes the whole table again, unless the session's time zone is UTC"
    return f"{change} writes the whole table again while nobody can read or write it"


def _fix(fact: AlterType, old: Type, price: Cost) -> str:
    table = advice.sql(fact.table)
    if price is Cost.ZONE:
        return advice.execute("SET LOCAL TIME ZONE 'UTC'") + "\n# and then the change of type"
    if price is Cost.UNKNOWN:
        return "say existing_type=, so that it can be known"
    new = advice.sql(f"{fact.name}_new")
    return "\n".join(
        [
            advice.execute(f"ALTER TABLE {table} ADD COLUMN {new} {fact.type}"),
            f"# write {fact.name} and {fact.name}_new, fill in batches, read the new one,",
            f"# and drop the old {old} column in a later release",
        ]
    )
