"""Drawings of rows in dbctl's own shell: plain text, never folded, so that it can be piped."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.cells import cell_len

from dbctl.cli.text import clean, count
from dbctl.database.condition import Answer


def drawn(value: Answer) -> str:
    """Columns, a line, the rows and their number; the status of a statement without rows."""
    if not value.columns:
        return f"{clean(value.status)}\n"
    names = [clean(name) for name in value.columns]
    rows = [[_text(cell) for cell in row] for row in value.rows]
    widths = [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)]
    right = [any(isinstance(cell, int | float | Decimal) for cell in c) for c in _columns(value)]
    lines = [
        _line(names, widths, [False] * len(names)),
        "-+-".join("-" * width for width in widths),
        *(_line(row, widths, right) for row in rows),
        f"({count(len(rows), 'row')})",
    ]
    return "\n".join(lines) + "\n"


def _columns(value: Answer) -> Iterator[Sequence[object]]:
    """The cells of each column, without the empty ones and what only looks like a number."""
    for at in range(len(value.columns)):
        yield [row[at] for row in value.rows if not isinstance(row[at], bool)]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        " " * (width - cell_len(cell)) + cell
        if on_the_right
        else cell + " " * (width - cell_len(cell))
        for cell, width, on_the_right in zip(cells, widths, right, strict=True)
    )
    return " | ".join(padded).rstrip()


def _text(cell: object) -> str:
    """A value as text: nothing for NULL, bytes as PostgreSQL writes them."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return clean(f"\\x{cell.hex()}" if isinstance(cell, bytes | memoryview) else str(cell))
