"""CSV as RFC 4180 has it, in UTF-8, with a line of names. What a cell means: cell.py."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, NoReturn

from dbctl.seed.report import Problems, shortened
from dbctl.seed.rows import SIZE, Batch

FIELD = 16 * 1024 * 1024  # characters; the module's own limit is 131,072
_BREAK = re.compile(r"\r\n|\r|\n")


def read(path: Path, problems: Problems) -> Iterator[Batch]:
    """Its rows in batches. Raises UnicodeDecodeError, and SeedRefusedError for what is no CSV."""
    before = csv.field_size_limit(FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield from _Reader(text, problems).batches()
    finally:
        csv.field_size_limit(before)


class _Reader:
    """One open file."""

    def __init__(self, text: Any, problems: Problems) -> None:  # noqa: ANN401 - a text file
        self._text = text
        self._problems = problems
        self._csv = csv.reader(text, strict=True)

    def batches(self) -> Iterator[Batch]:
        names, first, before = self._names(), self._csv.line_num, self._csv.line_num
        while rows := self._some(before):
            lines, whole = self._whole(rows, len(names), self._lines(rows, before))
            before = self._csv.line_num
            if whole:
                yield Batch(names, whole, lines, self._text.buffer.tell(), first)

    def _names(self) -> tuple[str, ...]:
        """The first line that is not blank."""
        try:
            names = next((row for row in self._csv if row), [])
        except csv.Error as error:
            self._refuse(1, error)
        for name, times in Counter(names).items():
            if times > 1:
                self._problems.say(self._csv.line_num, f": {shortened(name)} stands there twice")
        self._problems.settle()
        return tuple(names)

    def _some(self, before: int) -> list[list[str]]:
        rows: list[list[str]] = []
        try:
            rows.extend(islice(self._csv, SIZE))
        except csv.Error as error:
            self._refuse(before + 1 + sum(map(_height, rows)), error)
        return rows

    def _refuse(self, line: int, error: csv.Error) -> NoReturn:
        self._problems.say(line, f": {error}")
        self._problems.settle()
        raise AssertionError("there was a problem")

    def _whole(
        self, rows: list[list[str]], width: int, lines: Sequence[int]
    ) -> tuple[Sequence[int], list[list[str]]]:
        """The rows with as many fields as there are names, and their lines."""
        if set(map(len, rows)) == {width}:
            return lines, rows
        for line, row in zip(lines, rows, strict=True):
            if row and len(row) != width:
                have = f"{len(row)} field{'s' if len(row) > 1 else ''}"
                self._problems.say(line, f": {have}, the first line has {width}")
        kept = [at for at, row in enumerate(rows) if len(row) == width]
        return [lines[at] for at in kept], [rows[at] for at in kept]

    def _lines(self, rows: list[list[str]], before: int) -> Sequence[int]:
        """The line where each row begins."""
        if self._csv.line_num - before == len(rows):
            return range(before + 1, before + 1 + len(rows))
        return list(accumulate(map(_height, rows[:-1]), initial=before + 1))


def _height(row: list[str]) -> int:
    """How many lines a row takes."""
    return 1 + sum(len(_BREAK.findall(field)) for field in row)
