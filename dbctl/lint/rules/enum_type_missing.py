"""A column of a new enum type is added, and nobody makes the type: this fails.

op.create_table makes the type of an sa.Enum; op.add_column and op.alter_column do not. Make it
first.

    sa.Enum("good", "bad", name="mood").create(op.get_bind())
    op.add_column("users", sa.Column("mood", sa.Enum(name="mood", create_type=False)))

Source: https://github.com/sqlalchemy/alembic/issues/278
"""

from collections.abc import Iterator

from dbctl.lint import advice
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.facts import AddColumn, AlterType, CreateType, Fact
from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen
from dbctl.lint.types import UNKNOWN, Type

LEVEL: Level = "error"
DIALECTS: tuple[str, ...] = ("postgresql",)


def check(seen: Seen) -> Iterator[Problem]:
    """Enum types that no revision made."""
    vague = not seen.upgrade.whole
    made = {fact.name for fact, _ in seen.each(CreateType)}
    for fact, before in seen.each(AddColumn, AlterType):
        type_ = _type(fact)
        if not _is_missing(type_, before) or type_.name in made or vague:
            continue
        name, labels = advice.py(type_.name), ", ".join(map(advice.py, type_.labels))
        yield seen.problem(
            fact,
            f"no revision makes the type {type_.name}: this fails",
            f"sa.Enum({labels}, name={name}).create(op.get_bind())  # before it",
        )


def _type(fact: Fact) -> Type:
    if isinstance(fact, AddColumn):
        return fact.column.type
    return fact.type if isinstance(fact, AlterType) else UNKNOWN


def _is_missing(type_: Type, before: Catalogue) -> bool:
    native = type_.name not in ("varchar", "text", "bpchar")
    # A history that makes no type at all may begin with a dump.
    return bool(type_.labels) and native and type_.name not in before.types and _is_known(before)


def _is_known(before: Catalogue) -> bool:
    return bool(before.tables)
