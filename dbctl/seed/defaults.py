"""What SQLAlchemy fills in where a row says nothing: defaults, and `onupdate`, of the columns.

A fast path goes past SQLAlchemy's own INSERT, so their values are made here. What the server fills
in by itself is no business of this module.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Dialect, Table, literal
from sqlalchemy.sql.schema import DefaultGenerator

from dbctl.seed import copytext
from dbctl.seed.columns import Form

if TYPE_CHECKING:
    from dbctl.seed.layout import Layout


@dataclass(frozen=True, eq=False)
class Default:
    """A column that rows do not give: `values` makes so many of ours, else `sql` is what to say.

    `needs` is True where a value depends on the row's other values.
    """

    column: Column[Any]
    values: Callable[[int, Sequence[dict[str, Any]]], Sequence[Any]] | None
    sql: str = ""
    needs: bool = False


class Parameters:
    """What a default that looks at its row is given: SQLAlchemy's context, as far as it is used."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.current_parameters = row

    def get_current_parameters(self, isolate_multiinsert_groups: bool = True) -> dict[str, Any]:  # noqa: ARG002 - SQLAlchemy's signature
        """The row's other values, as the driver gets them."""
        return self.current_parameters


def of(table: Table, given: Collection[str], dialect: Dialect, form: Form) -> tuple[Default, ...]:
    """The defaults of the columns that are not given."""
    found = (
        _default(column, column.default, dialect, form)
        for column in table.columns
        if column.name not in given and column.default is not None
    )
    return tuple(one for one in found if one is not None)


def of_updates(table: Table, given: Collection[str], dialect: Dialect) -> tuple[Default, ...]:
    """The same of `onupdate`, all as SQL: one value for every row that is updated."""
    found = (
        (column, _said(column, column.onupdate, dialect))
        for column in table.columns
        if column.name not in given and column.onupdate is not None
    )
    return tuple(Default(column, None, text) for column, text in found if text)


def _said(column: Column[Any], made: DefaultGenerator, dialect: Dialect) -> str:
    generator: Any = made
    if generator.is_sequence or generator.is_clause_element:
        return _sql(generator.arg, dialect) if generator.is_clause_element else ""
    value = generator.arg if generator.is_scalar else generator.arg(Parameters({}))
    return _sql(literal(value, column.type), dialect)


def _default(
    column: Column[Any], made: DefaultGenerator, dialect: Dialect, form: Form
) -> Default | None:
    generator: Any = made
    if generator.is_sequence:
        # SQLAlchemy asks the server for the number; where there are no sequences it asks nobody.
        name = dialect.identifier_preparer.format_sequence(generator)
        if not dialect.supports_sequences:
            return None
        return Default(column, None, "nextval('" + name.replace("'", "''") + "')")
    if generator.is_clause_element:
        return Default(column, None, _sql(generator.arg, dialect))
    handed = _handing(column, dialect, form)
    if generator.is_scalar:
        value = handed(generator.arg)
        return Default(column, lambda count, _: list(repeat(value, count)))
    call = generator.arg

    def values(_count: int, rows: Sequence[dict[str, Any]]) -> Sequence[Any]:
        return [handed(call(Parameters(row))) for row in rows]

    return Default(column, values, needs=True)


def _handing(column: Column[Any], dialect: Dialect, form: Form) -> Callable[[Any], Any]:
    """What makes of a value of Python what the driver takes."""
    if form is Form.plain:
        return lambda value: value
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)

    def bound(value: Any) -> Any:  # noqa: ANN401 - a column's value
        return bind(value) if bind else value

    return (lambda value: copytext.one(bound(value))) if form is Form.text else bound


def _sql(clause: Any, dialect: Dialect) -> str:  # noqa: ANN401 - any SQL expression
    return f"({clause.compile(dialect=dialect, compile_kwargs={'literal_binds': True})})"


def completed(
    layout: "Layout", columns: Sequence[Sequence[Any]], count: int
) -> list[Sequence[Any]]:
    """These columns, and one for every default that is ours."""
    filled = layout.filled
    rows: Sequence[dict[str, Any]] = ()
    if any(one.needs for one in filled):
        names = [slot.column.name for slot in layout.slots]
        found = zip(*columns, strict=True) if columns else repeat((), count)
        rows = [dict(zip(names, row, strict=True)) for row in found]
    return [*columns, *(one.values(count, rows) for one in filled if one.values)]
