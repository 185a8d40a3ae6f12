"""Drawings of a rehearsal: what ran when, and which locks were held meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import clean
from dbctl.cli.views.canvas import WIDTH, View, following, line
from dbctl.rehearse import words
from dbctl.rehearse.model import Lock, Rehearsal, Rehearsed, Statement

_STYLES = {"safe": "bold green", "risky": "bold yellow", "failed": "bold red"}
_BAR, _NAME, _LINES, _LOCKS = 24, 33, 12, 8
_PAUSE = "·"


def rehearsed(value: Rehearsal) -> Iterator[RenderableType]:
    """The verdict, then each revision on its own axis of time, then the reasons."""
    yield line(
        (value.verdict.upper(), _STYLES[value.verdict]),
        "  ",
        words.summary(value),
        (f"  rehearsed on {value.branch}", "dim"),
    )
    for one in value.revisions:
        yield line("")
        yield from _revision(one)
    yield line("")
    for remark in words.remarks(value):
        yield from _folded(remark, "- ", "")
    yield from _more_reasons(value)
    if value.report:
        yield line("wrote ", (value.report, "green"))
    if value.revisions:
        yield following(
            "dbctl upgrade" if value.verdict == "safe" else "dbctl rehearse --report rehearsal.html"
        )


def _more_reasons(value: Rehearsal) -> Iterator[RenderableType]:
    """Reasons that belong to no revision."""
    own = {f"{one.revision}: {reason}" for one in value.revisions for reason in one.reasons}
    for reason in value.reasons:
        if reason not in own:
            yield from _folded(reason, "! ", "yellow")


def _revision(one: Rehearsed) -> Iterator[RenderableType]:
    time = words.took(one.seconds, one.estimate)
    yield line(
        (one.revision, "bold"),
        f"  {one.message}  ",
        (one.verdict, _STYLES[one.verdict]),
        (f"  {time}", "dim"),
    )
    total = max(one.seconds, *(lock.from_ + lock.seconds for lock in one.locks), 1e-9)
    for said in one.statements[:_LINES]:
        yield _statement(said, total)
        yield from _folded(", ".join(words.did(said)), "        ", "dim")
    if (more := len(one.statements) - _LINES) > 0:
        yield line((f"        and {words.count(more, 'more statement')}", "dim"))
    shown = sorted(one.locks, key=lambda lock: (not lock.blocks, -lock.likely))
    for lock in shown[:_LOCKS]:
        yield from _lock(lock, total)
    yield line(
        ("  ", ""),
        (words.TRIPS[one.round_trip], "dim" if one.round_trip in ("same", "skipped") else "yellow"),
    )
    for reason in one.reasons:
        yield from _folded(reason, "  ! ", "red" if one.verdict == "failed" else "yellow")


def _folded(text: str, mark: str, style: str) -> Iterator[Text]:
    """A long text on several lines, below each other behind its mark."""
    folded = wrap(clean(text), WIDTH - len(mark), break_on_hyphens=False)
    for number, part in enumerate(folded):
        yield line((f"{' ' * len(mark) if number else mark}{part}", style))


def _statement(said: Statement, total: float) -> Text:
    """`:16 CREATE INDEX ...`, when it ran, how long."""
    where = f":{said.line}" if said.line is not None else Path(said.file).name
    text = _fit(f"  {where:<5} {said.sql}", _NAME + 12)
    made = line(text.ljust(_NAME + 12), "  ")
    made.append(_bar(said.from_, said.seconds, total, "cyan" if not said.error else "red"))
    made.append(
        f" {words.seconds(said.seconds):>7}", style="bold" if said.seconds > total / 2 else ""
    )
    return made


def _lock(lock: Lock, total: float) -> Iterator[Text]:
    """Relation and mode, from when until when it was held, whom it kept out."""
    style = {0: "dim", 1: "yellow", 2: "red"}[len(lock.blocks)]
    text = _fit(f"  lock  {lock.relation} {words.mode(lock)}", _NAME + 12)
    made = line((text.ljust(_NAME + 12), ""), "  ")
    made.append(_bar(lock.from_, lock.seconds, total, style))
    made.append(f" {words.seconds(lock.seconds):>7}")
    yield made
    if lock.blocks:
        there = f", about {words.seconds(lock.estimate)} there" if lock.estimate is not None else ""
        yield line((f"        {words.blocks(lock)}{there}", style))


def _bar(start: float, length: float, total: float, style: str) -> Text:
    """A stretch of time on the revision's axis; the shortest is still seen."""
    begin = min(round(start / total * _BAR), _BAR - 1)
    cells = max(1, min(round(length / total * _BAR), _BAR - begin))
    made = Text()
    made.append(_PAUSE * begin, style="dim")
    made.append("█" * cells, style=style)
    made.append(_PAUSE * (_BAR - begin - cells), style="dim")
    return made


def _fit(text: str, width: int) -> str:
    text = clean(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"


VIEWS: dict[type, View] = {Rehearsal: rehearsed}
