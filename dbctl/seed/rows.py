"""Rows as a reader hands them on: several with the same names, each with its line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SIZE = 1_000  # rows in a batch


@dataclass(frozen=True)
class Batch:
    """Rows with the same names; `read_bytes` is how far into the file they reach.

    `first` is the line of the names themselves, 0 where every row has its own.
    """

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    lines: Sequence[int]
    read_bytes: int
    first: int = 0


def batched(found: Iterable[tuple[dict[str, Any], int, int]]) -> Iterator[Batch]:
    """Rows with their lines and bytes read, gathered by their names."""
    held: dict[tuple[str, ...], tuple[list[Sequence[Any]], list[int]]] = {}
    count = at = 0
    for values, line, at in found:
        rows, lines = held.setdefault(tuple(values), ([], []))
        rows.append(tuple(values.values()))
        lines.append(line)
        count += 1
        if count == SIZE:
            yield from _batches(held, at)
            held, count = {}, 0
    yield from _batches(held, at)


def _batches(
    held: dict[tuple[str, ...], tuple[list[Sequence[Any]], list[int]]], at: int
) -> Iterator[Batch]:
    for names, (rows, lines) in held.items():
        yield Batch(names, rows, lines, at)
