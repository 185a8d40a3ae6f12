"""Column types that mean the same on SQLite and PostgreSQL. Tables are in models.py.

They act on bound values and results: Core statements and bulk loads obey them like the ORM does.
"""

import operator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Integer, Numeric, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

MONEY_DIGITS = 12
MONEY_PLACES = 2
AMOUNT = (Decimal, int)
CENT = Decimal("0.01")
# Sums and comparisons are between amounts; a factor or a divisor is a plain number.
SCALING = {operator.mul, operator.truediv, operator.floordiv, operator.mod}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: refuses naive values, always comes back aware and in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn an aware value into UTC, which is what SQLite keeps without saying so."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone names no moment: use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give SQLite's naive value its zone back; turn a server's session zone into UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ANN401 - a function
        """What is done to each value: nothing to asyncpg's, which are in UTC already."""
        return None if dialect.driver == "asyncpg" else super().result_processor(dialect, coltype)


class Money(TypeDecorator[Decimal]):
    """An amount with two places: NUMERIC(12, 2), on SQLite whole cents in an INTEGER.

    SQLite has no decimal numbers: its NUMERIC keeps 0.10 as a float, so that sums drift. Whole
    cents add up exactly, order correctly, and `CHECK (balance >= 0)` says the same on both.
    """

    impl = Numeric(MONEY_DIGITS, MONEY_PLACES)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose whole cents where there are no decimal numbers."""
        chosen = Integer() if dialect.name == "sqlite" else self.impl_instance
        return dialect.type_descriptor(chosen)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ANN401 - as inherited
        """Treat the other operand as money, too, unless it scales the amount."""
        if op in SCALING:
            return Integer() if isinstance(value, int) else self.impl_instance
        return self

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:  # noqa: ANN401 - cents or Decimal
        """Refuse what is not an exact amount; PostgreSQL alone would round it, or take NaN."""
        if value is None:
            return None
        amount = _exact(value)
        return int(amount.scaleb(MONEY_PLACES)) if dialect.name == "sqlite" else amount

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ANN401 - cents or Decimal
        """Return a Decimal with two places."""
        if value is None:
            return None
        return Decimal(value).scaleb(-MONEY_PLACES if dialect.name == "sqlite" else 0)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ANN401 - a function
        """What is done to each value: nothing to asyncpg's, which are decimals already."""
        return None if dialect.driver == "asyncpg" else super().result_processor(dialect, coltype)


class LowerCase(TypeDecorator[str]):
    """Text that is kept and compared in lower case, like an e-mail address.

    An index on lower(column) would do, but SQLAlchemy cannot reflect one from SQLite, so
    autogenerate could not see it.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Lower the case of whatever is stored or looked for."""
        return None if value is None else value.lower()


def _exact(value: Decimal | int) -> Decimal:
    if type(value) is Decimal and value.same_quantum(CENT):
        return value  # two places: by far the most
    if isinstance(value, bool) or not isinstance(value, AMOUNT):
        raise TypeError(f"money is a Decimal or an int, not {type(value).__name__}")
    amount = Decimal(value)
    rounded = round(amount, MONEY_PLACES) if amount.is_finite() else None
    if amount != rounded or rounded is None:
        raise ValueError(f"money has at most {MONEY_PLACES} decimal places and is finite")
    return rounded
