"""A list of findings as wide as the terminal, and never more than 20 lines."""

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions
from rich.text import Text

from dbctl.cli.text import clean, count
from dbctl.cli.views.canvas import line
from dbctl.pipeline.model import Symptom

LINES = 20
INDENT = 9  # the mark before the name of a check, and what is between them
STYLES = {"ok": "green", "warning": "yellow", "error": "red"}
MARKS = {"ok": "ok", "warning": "warn", "error": "error"}


class Findings:
    """Drawn when its width is known."""

    def __init__(self, findings: Sequence[Symptom]) -> None:
        self._findings = findings
        self._names = max((len(one.check) for one in findings), default=0)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Every finding in full; in fewer words, at last, where there is no room for that."""
        width = options.max_width
        well = [one for one in self._findings if one.level == "ok"]
        rest = [one for one in self._findings if one.level != "ok"]
        drawn = self._drawn(self._findings, width)
        if len(drawn) > LINES:
            drawn = self._drawn(self._findings, width, short=True)
        if len(drawn) > LINES and well:
            drawn = self._drawn([_together(well), *rest], width, short=True)
        yield from drawn if len(drawn) <= LINES else drawn[: LINES - 1]
        if len(drawn) > LINES:
            yield line((f"and {count(len(drawn) - LINES + 1, 'line')} more: see --json", "dim"))

    def _drawn(self, findings: Sequence[Symptom], width: int, *, short: bool = False) -> list[Text]:
        return [text for one in findings for text in self._one(one, width, short=short)]

    def _one(self, one: Symptom, width: int, *, short: bool) -> Iterator[Text]:
        indent = " " * (self._names + INDENT)
        cut = short and one.level == "ok"
        first, *more = _wrapped(one.detail, width - len(indent), lines=1 if cut else None)
        mark = (f"{MARKS[one.level]:<5}", STYLES[one.level])
        yield line(mark, f"  {one.check:<{self._names}}  ", first)
        for text in more:
            yield line(indent, text)
        # A command stays on one line, so that it can be copied.
        if one.fix:
            fix = line(indent, ("fix: ", "dim"), (one.fix, "bold"))
            fix.no_wrap, fix.overflow = True, "ignore"
            yield fix


def _together(well: Sequence[Symptom]) -> Symptom:
    return Symptom("", "ok", ", ".join(one.check for one in well))


def _wrapped(text: str, width: int, *, lines: int | None) -> list[str]:
    """`text` in lines of `width`; of the rest of it three dots, where `lines` is a limit."""
    found = textwrap.wrap(
        clean(text), max(width, 20), max_lines=lines, placeholder="...", break_on_hyphens=False
    )
    return found or [""]
