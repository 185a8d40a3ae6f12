"""A rehearsal in Markdown, as a pull request shows it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from dbctl.rehearse import words
from dbctl.rehearse.model import Rehearsal, Rehearsed, Statement

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&-])")
_MARK = {"safe": "SAFE", "risky": "**RISKY**", "failed": "**FAILED**"}


def text(found: Rehearsal, root: Path) -> str:
    """The whole report."""
    return "\n".join(_lines(found, root)) + "\n"


def _lines(found: Rehearsal, root: Path) -> Iterator[str]:
    yield f"## Migration rehearsal: {_MARK[found.verdict]}"
    yield ""
    yield f"{_plain(words.summary(found))}."
    yield ""
    if found.revisions:
        yield from _table(
            ["revision", "verdict", "time", "blocks", "rewrites", "values lost", "way back"],
            (_row(one) for one in found.revisions),
        )
        yield ""
    yield from (f"- {_plain(reason)}" for reason in found.reasons)
    yield from (f"- {_plain(remark)}" for remark in words.remarks(found))
    for one in found.revisions:
        yield ""
        yield from _details(one, root)


def _row(one: Rehearsed) -> list[str]:
    locks = (
        f"{_plain(lock.relation)} ({'+'.join(lock.blocks)}, {words.seconds(lock.likely)})"
        for lock in words.blocking(one)
    )
    return [
        f"{_code(one.revision)} {_plain(one.message)}",
        _MARK[one.verdict],
        words.took(one.seconds, one.estimate),
        "<br>".join(locks) or "nobody",
        _plain(", ".join(one.rewrites)) or "none",
        "<br>".join(_plain(str(lost)) for lost in one.lost) or "none",
        one.round_trip,
    ]


def _details(one: Rehearsed, root: Path) -> Iterator[str]:
    yield f"<details><summary>{_plain(one.revision)}: {_plain(one.message)}</summary>"
    yield ""
    yield from _table(
        ["at", "statement", "time", "did"],
        (_statement(said, root) for said in one.statements),
    )
    yield ""
    yield from _table(
        ["lock on", "mode", "held", "blocks"],
        (
            [
                _plain(lock.relation),
                words.mode(lock),
                words.took(lock.seconds, lock.estimate),
                " and ".join(lock.blocks) or "nobody",
            ]
            for lock in one.locks
        ),
    )
    yield ""
    yield from (f"- {_plain(said)}" for said in one.differences)
    yield "</details>"


def _statement(said: Statement, root: Path) -> list[str]:
    done = [*words.did(said), *([said.error] if said.error else [])]
    return [
        _plain(words.place(said, root)),
        _code(said.sql),
        words.took(said.seconds, said.estimate),
        _plain(", ".join(done)),
    ]


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _plain(value: str) -> str:
    """Text in which nothing is a mark of Markdown or of HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()))


def _code(value: str) -> str:
    """SQL or a name, in more backquotes than stand in it; a bar would end the table's cell."""
    value = " ".join(value.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", value)), default=0) + 1)
    return f"{fence} {value} {fence}"
