"""The values of a table as seed files have them, so that reading gives the same values again."""

import enum
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import yaml
from sqlalchemy import JSON, Column, DateTime, Dialect

from dbctl.errors import SeedRefusedError
from dbctl.seed import cell, values

Write = Callable[[Any], Any]


def simple(column: Column[Any], dialect: Dialect) -> Write:
    """A function from the column's Python values to text, numbers, lists and mappings."""
    kind = values.plain(column.type)
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)

    def write(value: Any) -> Any:  # noqa: ANN401 - a column's value
        if value is None or isinstance(kind, JSON):
            return value
        if isinstance(value, enum.Enum):
            return bind(value) if bind else value.name
        if isinstance(value, datetime):
            return _moment(value, zoned=isinstance(kind, DateTime) and bool(kind.timezone))
        return _plain(value, column)

    return write


def _plain(value: Any, column: Column[Any]) -> Any:  # noqa: ANN401
    if isinstance(value, list | tuple):
        return [_plain(one, column) for one in value]
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if isinstance(value, dict):
        return value
    if type(value).__module__ == "ipaddress":
        return str(value)
    raise SeedRefusedError(
        f"{column.table.name}.{column.name} holds a {type(value).__name__},"
        " which a seed file cannot hold",
        hint="leave the table out, or write a script (.py) that makes its rows",
    )


def _moment(value: datetime, *, zoned: bool) -> str:
    """ISO 8601, with a zone where the column has one; SQLite gives none and means UTC."""
    if not zoned:
        return value.isoformat()
    return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _span(value: timedelta) -> str:
    """Days and a clock, which hold every microsecond."""
    sign = "-" if value < timedelta(0) else ""
    clock = abs(value)
    hours, rest = divmod(clock.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{clock.microseconds:06}" if clock.microseconds else ""
    return f"{sign}{clock.days} days, {hours:02}:{minutes:02}:{seconds:02}{fraction}"


_WRITERS: tuple[tuple[Any, Write], ...] = (
    ((bool, int, float, str), lambda value: value),
    (Decimal, lambda value: f"{value:f}"),
    (bytes, lambda value: f"\\x{value.hex()}"),
    (memoryview, lambda value: f"\\x{value.hex()}"),
    (uuid.UUID, str),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, _span),
)


def text(column: Column[Any], dialect: Dialect) -> Write:
    """The same for CSV, which has nothing but text; NULL is the empty cell."""
    is_json, write = isinstance(values.plain(column.type), JSON), simple(column, dialect)

    def written(value: Any) -> str:  # noqa: ANN401
        made = write(value)
        if made is None:
            return ""
        if is_json or isinstance(made, list):
            return cell.written(json.dumps(made, ensure_ascii=False))
        if isinstance(made, dict):
            raise SeedRefusedError(
                f"{column.table.name}.{column.name} holds mappings, which in CSV would be text",
                hint="write another format: --format jsonl",
            )
        if isinstance(made, bool):
            return str(made).lower()
        if isinstance(value, str | datetime) or isinstance(made, str):
            return _number(value) or cell.written(made)
        return repr(made) if isinstance(made, float) else str(made)

    return written


def _number(value: Any) -> str:  # noqa: ANN401
    """A negative number is no formula: it stays one."""
    return f"{value:f}" if isinstance(value, Decimal) else ""


def csv_lines(_names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows of texts as CSV."""
    return "".join(cell.line(row) for row in rows)


def json_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as JSON, one a line."""
    return "".join(
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
    )


class _Name(str):
    """The name of a column."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """YAML in which every text is marked as one: bare are only names and numbers."""


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _name_node(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(value))


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(_Name, _name_node)


def yaml_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as items of a YAML list."""
    keys = [_Name(name) for name in names]
    found = [dict(zip(keys, row, strict=True)) for row in rows]
    if not found:
        return ""
    return str(yaml.dump(found, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000))
