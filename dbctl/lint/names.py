"""The names that a revision gives, and the columns that it makes."""

from collections.abc import Iterator

from dbctl.lint import facts as f
from dbctl.lint.seen import Seen

# Reserved in PostgreSQL, that is, not usable as the name of a column or table without quotes.
# Source: PostgreSQL manual, appendix C.
_WORDS = """
all analyse analyze and any array as asc asymmetric both case cast check collate column
constraint create current_catalog current_date current_role current_time current_timestamp
current_user default deferrable desc distinct do else end except false fetch for foreign from
grant group having in initially intersect into lateral leading limit localtime localtimestamp
not null offset on only or order placing primary references returning select session_user some
symmetric system_user table then to trailing true union unique user using variadic when where
window with
"""
RESERVED = frozenset(_WORDS.split())


def given(seen: Seen) -> Iterator[tuple[f.Fact, str]]:
    """Every name that upgrade() gives to something."""
    for fact, _ in seen.each(f.Fact):
        yield from ((fact, name) for name in _given(fact))


def _given(fact: f.Fact) -> Iterator[str]:
    if isinstance(fact, f.CreateTable):
        yield fact.table.rpartition(".")[2]
        yield from (one.name for one in fact.columns)
        yield from (one.name for one in fact.constraints)
        yield from (one.name for one in fact.indexes)
    elif isinstance(fact, f.AddColumn):
        yield fact.column.name
    elif isinstance(fact, f.CreateIndex):
        yield fact.index.name
    elif isinstance(fact, f.AddConstraint):
        yield fact.constraint.name
    elif isinstance(fact, f.CreateType):
        yield fact.name.rpartition(".")[2]
    elif isinstance(fact, f.RenameTable | f.RenameColumn | f.RenameIndex | f.RenameConstraint):
        yield fact.to.rpartition(".")[2]


def new_columns(seen: Seen) -> Iterator[tuple[f.Fact, f.Column]]:
    """Every column that upgrade() makes."""
    for fact, _ in seen.each(f.CreateTable, f.AddColumn):
        if isinstance(fact, f.AddColumn):
            yield fact, fact.column
        elif isinstance(fact, f.CreateTable):
            yield from ((fact, one) for one in fact.columns)
