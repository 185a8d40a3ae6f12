"""Cells of CSV: what a spreadsheet would run, and the empty text beside NULL.

A spreadsheet takes a cell that begins with = + - @ or a control character for a formula, quoted or
not. Such a text is written behind an apostrophe, and so is the empty text, since an empty cell is
NULL. Reading drops the apostrophe again, where it stands before one of these or alone: `'tis` is
nobody's formula and stays.

Source: OWASP, "CSV Injection".
"""

from collections.abc import Sequence

MARK = "'"
_RUNS = frozenset("=+-@\t\r\n")
_MARKED = _RUNS | {MARK}
_QUOTED = frozenset(',"\r\n')


def written(text: str) -> str:
    """A text as the content of a cell that is neither run nor NULL."""
    if not text or text[0] in _RUNS or _is_marked(text):
        return MARK + text
    return text


def read(cells: Sequence[str]) -> Sequence[str | None]:
    """The texts of the cells of a row, None for NULL."""
    if MARK in "".join(cells):
        return [_text(cell) for cell in cells]
    return [cell or None for cell in cells] if "" in cells else cells


def column(cells: Sequence[str]) -> Sequence[str | None]:
    """The texts of the cells of a column, None for NULL: `read`, the other way round."""
    # Joined they are looked through at once; a line break inside a cell costs a closer look only.
    joined = "\n".join(cells)
    if joined[:1] == MARK or f"\n{MARK}" in joined:
        return [_text(cell) for cell in cells]
    return [cell or None for cell in cells] if "" in cells else cells


def _text(cell: str) -> str | None:
    return cell[1:] if _is_marked(cell) else cell or None


def _is_marked(cell: str) -> bool:
    return cell[:1] == MARK and (len(cell) == 1 or cell[1] in _MARKED)


def line(cells: Sequence[str]) -> str:
    """A line of CSV; a cell with a line break, a comma or a quote in it is quoted."""
    # The csv module leaves a lone carriage return bare, and its reader then ends the line there.
    joined = ",".join(map(_quoted, cells))
    return f"{joined}\n" if joined else '""\n'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.intersection(text) else text
