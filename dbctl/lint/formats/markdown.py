"""A comment for a pull request."""

from collections.abc import Iterator
from itertools import groupby

from dbctl.lint.check import worst
from dbctl.lint.model import Flaw, Linted

_MARKS = {"error": "**error**", "warning": "warning", "hint": "hint"}


def text(found: Linted) -> str:
    """A heading with the numbers, a table for each file, and what to write instead."""
    errors, warnings, hints = worst(found.findings)
    lines = ["## Migrations", ""]
    revisions = f"{found.revisions} revision{'' if found.revisions == 1 else 's'}"
    if not found.findings:
        lines += [f"Nothing dangerous in {revisions}."]
    else:
        lines += [f"{revisions}: {errors} errors, {warnings} warnings, {hints} hints"]
    for file, group in groupby(found.findings, key=lambda one: one.file):
        lines += ["", f"### {_escaped(file)}", "", *_file(list(group))]
    lines += ["", *(f"> {_escaped(note)}" for note in found.notes)] if found.notes else []
    return "\n".join(lines) + "\n"


def _file(findings: list[Flaw]) -> Iterator[str]:
    yield "| line | level | rule | |"
    yield "|--:|---|---|---|"
    for one in findings:
        yield f"| {one.line} | {_MARKS[one.level]} | `{one.rule}` | {_escaped(one.message)} |"
    for one in findings:
        if one.fix and one.level != "hint":
            yield from ("", f"Line {one.line}, `{one.rule}`:", "", *_fenced(one.fix))


def _fenced(code: str) -> list[str]:
    longest = max((len(run) for run in code.split() if set(run) == {"`"}), default=2)
    fence = "`" * max(longest + 1, 3)
    return [f"{fence}python", *code.splitlines(), fence]


def _escaped(text_: str) -> str:
    flat = " ".join(text_.split())
    for mark in "\\`*_<>[]|#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
