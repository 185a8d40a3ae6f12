"""YAML without its surprises: a bare word is text, no name stands twice, nothing is built by tags.

What a value is, its column says; inside a JSON column a bare word is what JSON would read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dbctl.seed.jsonfile import require_small
from dbctl.seed.report import Problems, shortened
from dbctl.seed.rows import Batch, batched
from dbctl.seed.values import Plain

LIMIT = 8 * 1024 * 1024  # bytes
NODES = 2_000_000  # with every alias followed
DEPTH = 50


class _Strict(yaml.SafeLoader):
    """A loader for which plain words are text: `no` is no boolean and `010` no number."""


def _word(_loader: _Strict, node: yaml.ScalarNode) -> str:
    return Plain(node.value) if node.style is None else str(node.value)


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[str, Any]:
    pairs = loader.construct_pairs(node, deep=True)
    made: dict[str, Any] = {}
    for (key, value), (named, _) in zip(pairs, node.value, strict=True):
        if not isinstance(key, str):
            raise _complaint("a name is one word", named)
        if key in made:
            raise _complaint(f"the name {shortened(key)} twice", named)
        made[str(key)] = value
    return made


def _complaint(text: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, text, node.start_mark)


# What a tag other than these would make is refused: a value is text, a list or a mapping.
_Strict.yaml_constructors = {
    None: yaml.SafeLoader.construct_undefined,
    "tag:yaml.org,2002:null": yaml.SafeLoader.construct_yaml_null,
    "tag:yaml.org,2002:str": _word,
    "tag:yaml.org,2002:seq": lambda loader, node: loader.construct_sequence(node, deep=True),
    "tag:yaml.org,2002:map": _mapping,
}
_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag == "tag:yaml.org,2002:null"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path, problems: Problems) -> Iterator[Batch]:
    """The rows of a list. Raises SeedRefusedError for what is no YAML, too large or too deep."""
    require_small(path, LIMIT, "YAML", "write CSV or JSON Lines, which may be of any size")
    text = path.read_text(encoding="utf-8-sig")
    node: yaml.Node | None = None
    data: Any = []
    try:
        node, data = _loaded(text)
    except RecursionError:
        problems.say(1, f": more than {DEPTH} lists and mappings in each other")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.say(line, f": {error.reason}")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{mark.column + 1}: " if mark else " "
        problems.say(mark.line + 1 if mark else 1, f":{at}{getattr(error, 'problem', error)}")
    problems.settle()
    yield from batched(_rows(node, data, problems))
    problems.settle()


def _loaded(text: str) -> tuple[yaml.Node | None, Any]:
    loader = _Strict(text)
    node = loader.get_single_node()
    if node is None:
        return None, []
    _require_small(node)
    return node, loader.construct_document(node)


def _require_small(root: yaml.Node) -> None:
    """Raises ConstructorError for aliases that blow up, and for what is nested too deep."""
    waiting, seen = [(root, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if seen > NODES:
            raise _complaint(f"more than {NODES:,} values, aliases followed", root)
        if depth > DEPTH:
            raise _complaint(f"more than {DEPTH} lists and mappings in each other", node)
        inside = node.value if isinstance(node, yaml.CollectionNode) else ()
        pairs = isinstance(node, yaml.MappingNode)
        waiting += [(one, depth + 1) for each in inside for one in (each if pairs else (each,))]


def _rows(
    node: yaml.Node | None, data: object, problems: Problems
) -> Iterator[tuple[dict[str, Any], int, int]]:
    if not isinstance(data, list):
        problems.say(1, ": a list of rows is wanted: - name: value")
        problems.settle()
    rows = data if isinstance(data, list) else []
    for values, place in zip(rows, node.value if node else [], strict=True):
        line = place.start_mark.line + 1
        if isinstance(values, dict):
            yield values, line, place.end_mark.index
        else:
            problems.say(line, ": a row is wanted, with names and values")
