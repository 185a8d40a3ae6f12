"""Drawings of findings in revisions."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import clean, count
from dbctl.cli.views.canvas import WIDTH, View, following, line
from dbctl.lint.model import Explained, Flaw, Linted

STYLES = {"error": "bold red", "warning": "yellow", "hint": "dim"}
INDENT = 8
_CODE = ("op.", "sa.", "with ", "dbctl ")


def linted(value: Linted) -> Iterator[RenderableType]:
    """By file, with line, level and what to write instead; hints one line each, at the end."""
    for file, group in groupby(value.findings, key=lambda one: one.file):
        yield from _file(file, list(group))
    for note in value.notes:
        yield from _wrapped("note:   ", note, "dim")
    yield _sum(value)
    worst = next((one for one in value.findings if one.level == "error"), None)
    first = worst or next((one for one in value.findings if one.level == "warning"), None)
    if first is not None:
        yield following(f"dbctl lint --explain {first.rule}")


def _file(file: str, findings: Sequence[Flaw]) -> Iterator[Text]:
    yield line((file, "bold"))
    for one in findings:
        if one.level != "hint":
            yield from _finding(one)
    hints = [one for one in findings if one.level == "hint"]
    for one in hints:
        yield from _wrapped(f"{one.line:>6}  ", f"hint: {one.message}", "dim")
    yield line("")


def _finding(one: Flaw) -> Iterator[Text]:
    yield line(f"{one.line:>6}  ", (one.level, STYLES[one.level]), f"  {one.rule}")
    yield from _wrapped(" " * INDENT, one.message, "")
    if one.fix:
        first, *rest = _fix(one.fix)
        yield line(" " * INDENT, ("fix: ", "dim"), first)
        yield from (line(" " * (INDENT + 5), text) for text in rest)


def _fix(text: str) -> list[str]:
    """Lines of a fix; code stays as it is, so that it can be copied."""
    if "\n" in text or text.startswith(_CODE):
        return text.splitlines()
    return textwrap.wrap(text, WIDTH - INDENT - 5, break_on_hyphens=False, break_long_words=False)


def _wrapped(before: str, text: str, style: str) -> Iterator[Text]:
    found = textwrap.wrap(clean(text), WIDTH - INDENT, break_on_hyphens=False) or [""]
    for number, part in enumerate(found):
        yield line(before if number == 0 else " " * INDENT, (part, style))


def _sum(value: Linted) -> Text:
    what = count(value.revisions, "revision")
    where = f"{value.dialect} {value.server_version}".strip()
    levels = [one.level for one in value.findings]
    said = [
        (count(levels.count("error"), "error"), "red"),
        (count(levels.count("warning"), "warning"), "yellow"),
        (count(levels.count("hint"), "hint"), "dim"),
    ]
    shown = [part for part in said if not part[0].startswith("0 ")]
    parts: list[str | tuple[str, str]] = [f"{what}, {where}: "]
    for number, part in enumerate(shown):
        parts += [", " if number else "", part]
    answered = f"; {value.ignored} answered for" if value.ignored else ""
    return line(*parts, *([] if shown else [("nothing found", "green")]), answered)


def explained(value: Explained) -> Iterator[RenderableType]:
    """A rule's documentation as it is written."""
    where = ", ".join(value.dialects) or "every dialect"
    yield line((value.rule, "bold"), "  ", (value.level, STYLES[value.level]), f"  {where}")
    yield line("")
    yield from (line(text) for text in value.text.splitlines())


VIEWS: dict[type, View] = {Linted: linted, Explained: explained}
