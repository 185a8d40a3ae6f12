"""Seed files as rows of text and simple values, each with its line.

A file is named after its table, with a number before it for the order: `02_items.csv`.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dbctl.errors import SeedRefusedError

_NAME = re.compile(r"(?:\d+[_-])?(?P<table>\w+)")
_BETWEEN = re.compile(r"[\s,]*")
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
            _require_once(path, reader.fieldnames or ())
            for values in reader:
                yield _complete(path, reader.line_num, values)
        except csv.Error as error:
            # DictReader's own count is that of the last good row.
            line = reader.reader.line_num
            raise SeedRefusedError(f"{path}:{line}: {error}") from error


def _require_once(path: Path, names: Sequence[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise SeedRefusedError(f"{path}:1: {twice[0]!r} stands there twice")


def _complete(path: Path, line: int, values: dict[Any, Any]) -> Row:
    """A CSV row with as many fields as the header. An empty field is NULL."""
    if None in values or any(value is None for value in values.values()):
        raise SeedRefusedError(f"{path}:{line}: not as many fields as the first line has")
    return Row({key: value or None for key, value in values.items()}, line)


def _json(path: Path) -> Iterator[Row]:
    text = path.read_text(encoding="utf-8-sig")
    decoder = json.JSONDecoder(parse_float=str, object_pairs_hook=_pairs)
    try:
        data = _listed(path, decoder.decode(text))
    except json.JSONDecodeError as error:
        raise SeedRefusedError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from error
    except _TwiceError as error:
        raise SeedRefusedError(f"{path}: a row has {error.args[0]!r} twice") from error
    for values, line in zip(data, _json_lines(text, decoder), strict=True):
        yield Row(values, line)


class _TwiceError(Exception):
    """An object has one name twice."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise _TwiceError(names.most_common(1)[0][0])
    return made


def _json_lines(text: str, decoder: json.JSONDecoder) -> Iterator[int]:
    """The line on which each element of the list in `text` begins; the text is known to be one."""
    at, line = text.index("[") + 1, text.count("\n", 0, text.index("["))
    seen = text.index("[")
    while text[at := _BETWEEN.match(text, at).end()] != "]":  # type: ignore[union-attr]  # always matches
        line += text.count("\n", seen, at)
        seen = at
        yield line + 1
        _, at = decoder.raw_decode(text, at)


class _Strict(yaml.SafeLoader):
    """YAML whose plain words are text: `no` is no boolean and `010` no number.

    What a value is, its column says.
    """


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    made = dict(loader.construct_pairs(node, deep=True))
    if len(made) < len(node.value):
        raise yaml.constructor.ConstructorError(None, None, "a name twice", node.start_mark)
    return made


# What a tag other than these would make is refused: a value is text, a list or a mapping.
_Strict.yaml_constructors = {
    None: yaml.SafeLoader.construct_undefined,
    "tag:yaml.org,2002:null": yaml.SafeLoader.construct_yaml_null,
    "tag:yaml.org,2002:str": yaml.SafeLoader.construct_yaml_str,
    "tag:yaml.org,2002:seq": lambda loader, node: loader.construct_sequence(node, deep=True),
    "tag:yaml.org,2002:map": _mapping,
}
_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag == "tag:yaml.org,2002:null"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(path: Path) -> Iterator[Row]:
    try:
        loader = _Strict(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{mark.line + 1}:{mark.column + 1}" if mark else "1"
        reason = getattr(error, "problem", None) or "not YAML"
        raise SeedRefusedError(f"{path}:{at}: {reason}") from error
    rows = _listed(path, data)
    lines = [one.start_mark.line + 1 for one in node.value] if node else []
    for values, line in zip(rows, lines, strict=True):
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
