"""How the admin shows a mapped class: its columns as fields, and what may be done to its rows.

Columns whose name speaks of a secret are no fields: they are neither shown, nor searched, sorted,
filtered, exported or set.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from sqlalchemy import Column, Enum, Float
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Mapper, RelationshipProperty, class_mapper
from sqlalchemy.sql.functions import FunctionElement
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.contrib.sqla.converters import ModelConverter
from starlette_admin.contrib.sqla.exceptions import NotSupportedColumn
from starlette_admin.converters import converts
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.fields import BaseField, DecimalField, EnumField, FloatField, StringField
from starlette_admin.helpers import slugify_class_name
from starlette_admin.routing import route
from starlette_admin.views import CustomView

from dbctl.errors import DbctlError
from dbctl.records.violations import translated

SECRET = re.compile(
    r"passw|passphrase|secret|token|hash|salt|api_?key|private_?key|otp|credential", re.IGNORECASE
)


class Converter(ModelConverter):
    """Fields for every type of column: what has none of its own is shown as text."""

    def convert(self, *args: Any, **kwargs: Any) -> BaseField:  # noqa: ANN401 - starlette-admin's
        """The field of a column."""
        try:
            return super().convert(*args, **kwargs)
        except NotSupportedColumn:
            return StringField(kwargs["name"], read_only=True, exclude_from_create=True)

    def get_converter(self, col_type: Any) -> Callable[..., BaseField]:  # noqa: ANN401
        """What makes the field of a type; a Float is no Numeric any more in SQLAlchemy 2.1."""
        if isinstance(col_type, Float):
            return self.conv_float
        return super().get_converter(col_type)

    def conv_float(self, **kwargs: Any) -> BaseField:  # noqa: ANN401
        """A number with a fraction."""
        kind = DecimalField if kwargs["type"].asdecimal else FloatField
        return kind(**self._field_common(**kwargs))

    @converts("Enum")
    def conv_enum(self, *args: Any, **kwargs: Any) -> BaseField:  # noqa: ANN401
        """A choice; the choices may be words instead of a class."""
        kind: Enum = kwargs["type"]
        if kind.enum_class is not None:
            return super().conv_enum(*args, **kwargs)
        words = [(word, word) for word in kind.enums]
        return EnumField(**self._field_common(*args, **kwargs), choices=words)


class Rows(ModelView):
    """The rows of one mapped class. Nothing can be changed unless `write` says so."""

    page_size = 25
    write = False
    creatable = False

    def can_create(self, request: Request) -> bool:  # noqa: ARG002 - starlette-admin's
        """Whether a form can hold all that a new row needs."""
        return self.write and self.creatable

    def can_edit(self, request: Request) -> bool:  # noqa: ARG002 - starlette-admin's
        """Whether rows may be changed."""
        return self.write

    def can_delete(self, request: Request) -> bool:  # noqa: ARG002 - starlette-admin's
        """Whether rows may be deleted."""
        return self.write

    def can_import(self, request: Request) -> bool:  # noqa: ARG002 - starlette-admin's
        """Rows come in with `dbctl seed`, which says what it refuses."""
        return False

    async def find_by_pk(self, request: Request, pk: Any) -> Any:  # noqa: ANN401 - a mapped object
        """The row of a key; None where there is none, or the text is no key at all."""
        try:
            with translated():
                return await super().find_by_pk(request, pk)
        except (ValueError, DbctlError):
            return None

    async def handle_exception(self, request: Request, exc: Exception) -> None:
        """Say in the form what the database refuses."""
        if isinstance(exc, StatementError):
            self._refuse(exc)
        await super().handle_exception(request, exc)

    def _refuse(self, error: StatementError) -> NoReturn:
        try:
            with translated(self.model.metadata):
                raise error
        except DbctlError as refused:
            raise FormValidationError({self._blamed(refused.message): refused.message}) from error

    def _blamed(self, message: str) -> str:
        """The field of the form under which a refusal stands: one that it names, else the first."""
        left_out = {str(self.pk_attr), *self.exclude_fields_from_edit}
        fields = [field.name for field in self.fields if field.name not in left_out]
        return next((name for name in fields if name in message), (fields or ["id"])[0])

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Delete rows. Raises ActionFailed when others point at them."""
        try:
            with translated(self.model.metadata, deleting=True):
                return await super().delete(request, pks)
        except DbctlError as refused:
            raise ActionFailed(refused.message) from refused


class Tables(CustomView):
    """The first page: where to go, and whether anything can be changed."""

    def __init__(self, tables: Sequence[Rows], *, write: bool) -> None:
        super().__init__(menu_label="Tables", route_name="index", add_to_menu=False)
        self._said = {"tables": tables, "write": write}

    @route("")
    async def index(self, request: Request) -> Response:
        """The page."""
        assert self.templates is not None, "an admin mounts its views"  # noqa: S101 - a type
        return self.templates.TemplateResponse(request, "tables.html", self._said)


def views(classes: Iterable[type], *, write: bool) -> tuple[Rows, ...]:
    """A view for every class, by the names of their tables."""
    mappers: list[Mapper[Any]] = list(map(class_mapper, classes))
    mappers.sort(key=lambda mapper: str(mapper.local_table))
    shown = [mapper for mapper in mappers if not mapper.single]  # else another one has its rows
    names = [mapper.class_.__name__ for mapper in shown]
    alone = frozenset(name for name in names if names.count(name) == 1)
    return tuple(_view(mapper, alone, write=write) for mapper in shown)


def _view(mapper: Mapper[Any], alone: frozenset[str], *, write: bool) -> Rows:
    columns, relations = shown_columns(mapper), _parents(mapper, alone)
    covered = {column.key for one in relations for column in one.local_columns}
    fields = [name for name in columns if name not in covered or name in _keys(mapper)]
    kept = {
        "fields": [*fields, *(one.key for one in relations)],
        "fields_default_sort": [(name, False) for name in _keys(mapper)],
        "exclude_fields_from_create": (filled := _filled(mapper)),
        "exclude_fields_from_edit": filled,
        "write": write,
        "creatable": not _wanting(mapper),
    }
    kind: Any = type(f"{mapper.class_.__name__}Rows", (Rows,), kept)
    name, table = mapper.class_.__name__, str(getattr(mapper.local_table, "name", ""))
    key = slugify_class_name(name) if name in alone else slugify_class_name(name) + f"-{table}"
    label = table.replace("_", " ").capitalize() or name
    made: Rows = kind(mapper.class_, menu_label=label, key=key, converter=Converter())
    return made


def shown_columns(mapper: Mapper[Any]) -> list[str]:
    """The names of the attributes that are columns and no secrets."""
    return [
        attribute.key
        for attribute in mapper.column_attrs
        if not _is_secret(attribute.key, *(getattr(c, "name", "") for c in attribute.columns))
    ]


def _is_secret(*names: str | None) -> bool:
    return any(SECRET.search(name or "") for name in names)


def _keys(mapper: Mapper[Any]) -> Sequence[str]:
    return [mapper.get_property_by_column(column).key for column in mapper.primary_key]


def _parents(mapper: Mapper[Any], alone: frozenset[str]) -> list[RelationshipProperty[Any]]:
    """What a row belongs to. What belongs to a row may be millions: it has a list of its own."""
    return [
        one
        for one in mapper.relationships
        if one.direction.name == "MANYTOONE"
        and one.entity.class_.__name__ in alone
        and not _is_secret(one.key)
    ]


def _filled(mapper: Mapper[Any]) -> list[str]:
    """What the server fills in by itself, as the time of a change: no form sets it."""
    return [
        one.key
        for one in mapper.column_attrs
        for column in one.columns
        if isinstance(column, Column)
        and (column.onupdate is not None or _is_function(column.server_default))
    ]


def _is_function(default: Any) -> bool:  # noqa: ANN401 - a DefaultClause, or none
    return isinstance(getattr(default, "arg", None), FunctionElement)


def _wanting(mapper: Mapper[Any]) -> list[str]:
    """Columns that a new row must have and no form may set: a password's hash."""
    hidden = {one.key for one in mapper.column_attrs} - set(shown_columns(mapper))
    attributes = (mapper.column_attrs[name] for name in hidden)
    columns = (column for one in attributes for column in one.columns)
    return [
        column.key
        for column in columns
        if not (column.nullable or column.default or column.server_default)
    ]
