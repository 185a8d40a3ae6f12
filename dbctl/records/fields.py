"""What a mapped class says of itself: its key, its columns, and how it marks a row as deleted."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Enum,
    Integer,
    String,
    bindparam,
    func,
    inspect,
    literal,
    true,
)
from sqlalchemy.orm import ColumnProperty, Mapper

from dbctl.errors import ConfigurationError, UsageError
from dbctl.records.model import State

PLACE = "{}_is"  # a parameter's name
DELETED_AT, IS_DELETED = "deleted_at", "is_deleted"


class Fields:
    """The mapped columns of one class, by the names of their attributes.

    With `bare` they are the columns of its table, which SQLAlchemy reads at half the cost, unless
    the class shares its table with others or has several.
    """

    def __init__(self, model: type[Any], hidden: Iterable[str] = (), *, bare: bool = False) -> None:
        mapper: Mapper[Any] = inspect(model)
        self.model = model
        self.bare = bare and mapper.polymorphic_on is None and not mapper.inherits
        self.hidden = frozenset(hidden)
        self.properties = {one.key: one for one in mapper.column_attrs if _is_plain(one)}
        self.key = tuple(mapper.get_property_by_column(one).key for one in mapper.primary_key)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - an instrumented attribute
        """The attribute itself. Raises UsageError when there is none that may be seen."""
        if name not in self.properties or name in self.hidden:
            raise UsageError(
                f"there is no column {name!r}", hint=f"there are {', '.join(self.shown)}"
            )
        return self._column(name)

    def _column(self, name: str) -> Any:  # noqa: ANN401 - a column or an instrumented attribute
        return self.properties[name].columns[0] if self.bare else getattr(self.model, name)

    @property
    def shown(self) -> tuple[str, ...]:
        """Every name that may be seen."""
        return tuple(name for name in self.properties if name not in self.hidden)

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that hold text."""
        return tuple(name for name in self.shown if _is_text(self.sql_type(name)))

    @property
    def has_bin(self) -> bool:
        """Whether a row can be deleted and come back."""
        return DELETED_AT in self.properties

    def sql_type(self, name: str) -> Any:  # noqa: ANN401 - a TypeEngine
        """The SQL type of a column."""
        return self.properties[name].columns[0].type

    def kind(self, name: str) -> type[Any] | None:
        """The Python type of a column's values, None when it has none of its own."""
        try:
            # A decorated type does not say: what it is made of does.
            kind: type[Any] = getattr(self.sql_type(name), "impl", self.sql_type(name)).python_type
        except NotImplementedError:
            return None
        return kind

    def nullable(self, name: str) -> bool:
        """Whether the column may be null."""
        return bool(self.properties[name].columns[0].nullable)

    def value(self, name: str, value: Any) -> ColumnElement[Any]:  # noqa: ANN401 - what it holds
        """A value to compare the column with; a whole number may be larger than the column's."""
        if isinstance(value, BindParameter):
            return value
        return literal(value, self._wide(name))

    def place(self, name: str) -> BindParameter[Any]:
        """Where such a value will stand in a statement that is made once for all of them."""
        _ = self[name]
        return bindparam(PLACE.format(name), type_=self._wide(name))

    def _wide(self, name: str) -> Any:  # noqa: ANN401 - a TypeEngine
        kind = self.sql_type(name)
        return BigInteger() if isinstance(kind, Integer) else kind

    def equals(self, name: str, value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - what it holds
        """The condition that the column holds the value."""
        if value is None:
            is_null: ColumnElement[bool] = self[name].is_(None)
            return is_null
        same: ColumnElement[bool] = self[name] == self.value(name, value)
        return same

    def in_state(self, state: State) -> ColumnElement[bool]:
        """The condition for rows that are kept or deleted."""
        if state == State.all or (state == State.kept and not self.has_bin):
            return true()
        self.require_bin()
        marked = self._column(DELETED_AT)
        found: ColumnElement[bool] = (
            marked.is_(None) if state == State.kept else marked.is_not(None)
        )
        return found

    def marks(self, *, deleted: bool) -> Mapping[str, Any]:
        """What a deletion writes into a row, and what a restoration does."""
        self.require_bin()
        found: dict[str, Any] = {DELETED_AT: func.now() if deleted else None}
        return {**found, IS_DELETED: deleted} if IS_DELETED in self.properties else found

    def require_bin(self) -> None:
        """Raises ConfigurationError when a row of this class can only be deleted for good."""
        if not self.has_bin:
            raise ConfigurationError(
                f"{self.model.__name__} has no column {DELETED_AT}: its rows have no bin",
                hint="purge deletes for good; or add the column",
            )


def _is_plain(column: ColumnProperty[Any]) -> bool:
    """Whether it is stored: not an expression that is computed at each load."""
    return hasattr(column.columns[0], "nullable")


def _is_text(kind: Any) -> bool:  # noqa: ANN401 - a TypeEngine
    """Whether it is kept as text that can be searched; an enumeration is not."""
    kept = getattr(kind, "impl", kind)
    return isinstance(kept, String) and not isinstance(kept, Enum)
