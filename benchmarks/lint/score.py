"""Counts how often a tool was right, and draws the tables."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from peers import Verdicts

from tests.lint.effects import DANGERS

Labels = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Score:
    """A tool's answers to the cases that it was asked about and that are not mere advice."""

    tool: str
    right: int
    missed: tuple[str, ...]
    false: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def recall(self) -> float:
        """The share of the dangerous cases that were called so."""
        return self.right / (self.right + len(self.missed) or 1)

    @property
    def precision(self) -> float:
        """The share of the alarms that were right; 1.0 without any."""
        alarms = self.right + len(self.false)
        return self.right / alarms if alarms else 1.0

    @property
    def row(self) -> tuple[str, ...]:
        """One line of the table."""
        counts = (self.right, len(self.missed), len(self.false), len(self.silent))
        rates = (f"{self.recall:.2f}", f"{self.precision:.2f}")
        return (self.tool, *rates, *map(str, counts))


HEAD = ("tool", "recall", "precision", "right", "missed", "false", "could not")


def decided(labels: Labels) -> dict[str, bool]:
    """Whether each case is dangerous; cases that are only worth advice are neither."""
    return {
        name: one["dangerous"]
        for name, one in labels.items()
        if one["dangerous"] or "advice" not in one
    }


def score(verdicts: Verdicts, labels: Labels, names: Collection[str]) -> Score:
    """How right the tool was about those of `names` that it judged."""
    told = {name: yes for name, yes in decided(labels).items() if name in names}
    told = {name: yes for name, yes in told.items() if name in verdicts.judged}
    dangerous = {name for name, yes in told.items() if yes}
    return Score(
        verdicts.tool,
        len(dangerous & verdicts.dangerous),
        tuple(name for name in told if name in dangerous - verdicts.dangerous),
        tuple(name for name in told if name in verdicts.dangerous - dangerous),
        tuple(sorted(verdicts.silent & set(told))),
    )


def by_kind(every: list[Verdicts], labels: Labels) -> list[tuple[str, ...]]:
    """For each kind of danger the share of its cases that each tool calls dangerous."""
    rows = []
    for kind in DANGERS:
        cases = {name for name, one in labels.items() if kind in one["kinds"]}
        shares = [_share(cases & one.judged, one.dangerous) for one in every]
        if cases:
            rows.append((kind, str(len(cases)), *shares))
    return rows


def _share(cases: set[str], dangerous: set[str]) -> str:
    return f"{len(cases & dangerous) / len(cases):.2f}" if cases else "-"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown, which is readable as text too."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([drawn[0], rule, *drawn[1:]])
