"""Seed files as rows of text and simple values, each with its line.

A file is named after its table, with a number before it for the order: `02_items.csv`.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dbctl.errors import SeedRefusedError

_NAME = re.compile(r"(?:\d+[_-])?(?P<table>\w+)")
csv.field_size_limit(16 * 1024 * 1024)


@dataclass(frozen=True)
class Row:
    """One row: column name to value, and where it stands."""

    values: dict[str, Any]
    line: int


@dataclass(frozen=True)
class File:
    """One seed file and the table it is for."""

    path: Path
    table: str

    def rows(self) -> Iterator[Row]:
        """Its rows. Raises SeedRefusedError when it cannot be read."""
        try:
            yield from READERS[self.path.suffix](self.path)
        except (UnicodeDecodeError, OSError, RecursionError) as error:
            raise SeedRefusedError(f"cannot read {self.path}: {error}") from error


def found(folder: Path) -> tuple[File, ...]:
    """The seed files of a folder in name order; () when there is no such folder."""
    paths = sorted(path for path in folder.glob("*") if path.suffix in READERS)
    names = [(path, _NAME.fullmatch(path.stem)) for path in paths]
    return tuple(File(path, match["table"]) for path, match in names if match)


def _csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, strict=True)
        try:
            for values in reader:
                yield _complete(path, reader.line_num, values)
        except csv.Error as error:
            raise SeedRefusedError(f"{path}:{reader.line_num}: {error}") from error


def _complete(path: Path, line: int, values: dict[Any, Any]) -> Row:
    """A CSV row with as many fields as the header. An empty field is NULL."""
    if None in values or any(value is None for value in values.values()):
        raise SeedRefusedError(f"{path}:{line}: not as many fields as the first line has")
    return Row({key: value or None for key, value in values.items()}, line)


def _json(path: Path) -> Iterator[Row]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except json.JSONDecodeError as error:
        raise SeedRefusedError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from error
    for number, values in enumerate(_listed(path, data), start=1):
        yield Row(values, number)


class _Strict(yaml.SafeLoader):
    """YAML whose plain words are text: `no` is no boolean and `010` no number.

    What a value is, its column says.
    """


_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag == "tag:yaml.org,2002:null"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(path: Path) -> Iterator[Row]:
    loader = _Strict(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        lines = [one.start_mark.line + 1 for one in node.value] if node else []
        data = loader.construct_document(node) if node else []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{mark.line + 1}:{mark.column + 1}" if mark else "1"
        reason = getattr(error, "problem", None) or "not YAML"
        raise SeedRefusedError(f"{path}:{at}: {reason}") from error
    finally:
        loader.dispose()
    for values, line in zip(_listed(path, data), lines, strict=True):
        yield Row(values, line)


def _listed(path: Path, data: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as parsed
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        return data
    raise SeedRefusedError(f"{path}: a list of rows is wanted, each with names and values")


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".csv": _csv,
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
}
