"""JSON: a list of rows; JSON Lines: a row a line, which need not fit into memory."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dbctl.errors import SeedRefusedError
from dbctl.seed.report import Problems, shortened
from dbctl.seed.rows import Batch, batched
from dbctl.seed.values import DEPTH, Plain

LIMIT = 64 * 1024 * 1024  # bytes of a JSON file
LINE = 16 * 1024 * 1024  # characters of a line of JSON Lines
_BLANK = re.compile(r"[ \t\r\n]*")
Found = tuple[dict[str, Any], int, int]


class _TwiceError(Exception):
    """An object has one name twice."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise _TwiceError(names.most_common(1)[0][0])
    return made


# A number stays as it is written until its column says what it is; NaN is for the column to refuse.
_DECODER = json.JSONDecoder(parse_float=Plain, parse_constant=float, object_pairs_hook=_pairs)


def read(path: Path, problems: Problems) -> Iterator[Batch]:
    """The rows of a list. Raises SeedRefusedError for what is no JSON, or larger than `LIMIT`."""
    require_small(path, LIMIT, "JSON", "write JSON Lines (.jsonl), which may be of any size")
    text = path.read_text(encoding="utf-8-sig")
    yield from batched(_elements(text, problems))
    problems.settle()


def require_small(path: Path, limit: int, kind: str, hint: str) -> None:
    """Raises SeedRefusedError for a file that would have to be in memory and is too large."""
    size = path.stat().st_size
    if size > limit:
        have = f"{size / 1_048_576:,.0f} MiB"
        raise SeedRefusedError(
            f"{path} has {have}, {kind} may have {limit // 1_048_576}", hint=hint
        )


def _elements(text: str, problems: Problems) -> Iterator[Found]:
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        problems.say(_line(text, at), ": a list of rows is wanted: [{...}, {...}]")
        problems.settle()
    line, seen, at = 1, 0, _skip(text, at + 1)
    while text[at : at + 1] != "]":
        line, seen = line + text.count("\n", seen, at), at
        values, at = _value(text, at, line, problems)
        if (row := _row(values, line, problems)) is not None:
            yield row, line, at
        at = _past_comma(text, _skip(text, at), problems)
    at = _skip(text, at + 1)
    if at < len(text):
        problems.say(_line(text, at), f":{_column(text, at)}: there is more behind the list")


def _past_comma(text: str, at: int, problems: Problems) -> int:
    """Where the next row begins, or the bracket that ends the list."""
    if text[at : at + 1] == "]":
        return at
    after = _skip(text, at + 1)
    if text[at : at + 1] != "," or text[after : after + 1] == "]":
        problems.say(_line(text, at), f":{_column(text, at)}: another row or the list's end wanted")
        problems.settle()
    return after


def _skip(text: str, at: int) -> int:
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it always matches


def _value(text: str, at: int, line: int, problems: Problems) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        problems.say(_line(text, error.pos), f":{_column(text, error.pos)}: {error.msg}")
    except _TwiceError as error:
        problems.say(line, f": the row has {shortened(error.args[0])} twice")
    except RecursionError:
        problems.say(line, f": more than {DEPTH} lists and mappings in each other")
    except ValueError as error:
        problems.say(line, f": {error}")  # a number with more digits than Python reads
    problems.settle()
    raise AssertionError("there was a problem")


def _row(values: Any, line: int, problems: Problems) -> dict[str, Any] | None:  # noqa: ANN401 - as parsed
    """A row; None for what is none, which is said."""
    if isinstance(values, dict):
        return values
    problems.say(line, ": a row is wanted, with names and values: {...}")
    return None


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at)


def read_lines(path: Path, problems: Problems) -> Iterator[Batch]:
    """The rows of JSON Lines; blank lines are left out."""
    with path.open(encoding="utf-8-sig", newline="\n") as text:
        yield from batched(_lines(text, problems))
    problems.settle()


def _lines(text: Any, problems: Problems) -> Iterator[Found]:  # noqa: ANN401 - a text file
    line = 0
    while content := text.readline(LINE):
        line += 1
        if len(content) == LINE:
            problems.say(line, f": a line of more than {LINE:,} characters")
            problems.settle()
        if content.isspace():
            continue
        found = _parsed(content, line, problems)
        if found is not None:
            yield found, line, text.buffer.tell()


def _parsed(content: str, line: int, problems: Problems) -> dict[str, Any] | None:
    """The row of a line; None when it is none, which is said."""
    try:
        found = _DECODER.decode(content)
    except json.JSONDecodeError as error:
        problems.say(line, f":{error.pos + 1}: {error.msg}")
    except _TwiceError as error:
        problems.say(line, f": the row has {shortened(error.args[0])} twice")
    except RecursionError:
        problems.say(line, f": more than {DEPTH} lists and mappings in each other")
    except ValueError as error:
        problems.say(line, f": {error}")
    else:
        return _row(found, line, problems)
    return None
