"""A rehearsal as one page of HTML that needs nothing from anywhere; light or dark as the reader."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from dbctl.rehearse import words
from dbctl.rehearse.model import Lock, Rehearsal, Rehearsed, Statement

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2329; --dim: #5d6873; --line: #d9dee3; --soft: #f4f6f8;
  --paper: #fff; --safe: #1a7f45; --risky: #9a6700; --failed: #b42318; --run: #2d6cb5;
  --writes: #d08700; --all: #cc3a2b; --nobody: #aab4be; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --dim: #95a1ad; --line: #333c45;
  --soft: #1d242b; --paper: #14191e; --safe: #4cc07c; --risky: #e0b040; --failed: #f2705f;
  --run: #62a0ea; --writes: #e0a030; --all: #ef6a5a; --nobody: #5d6873; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 0; }
code, .sql { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: .1rem .55rem; border-radius: 1rem; font-size: .8rem;
  font-weight: 600; text-transform: uppercase; letter-spacing: .03em; border: 1.5px solid; }
.safe { color: var(--safe); } .risky { color: var(--risky); } .failed { color: var(--failed); }
.dim { color: var(--dim); } ul { padding-left: 1.2rem; margin: .6rem 0; }
section { border: 1px solid var(--line); border-radius: .6rem; margin: 1.25rem 0;
  overflow: hidden; }
header { display: flex; flex-wrap: wrap; gap: .35rem .8rem; align-items: baseline;
  padding: .75rem 1rem; background: var(--soft); }
header .time { margin-left: auto; } .body { padding: .5rem 1rem 1rem; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) 34% 6.5rem; gap: .2rem .9rem;
  padding: .4rem 0; border-top: 1px solid var(--line); align-items: center; }
.row:first-child { border-top: 0; } .num { text-align: right; font-variant-numeric: tabular-nums; }
.axis { position: relative; height: .8rem; background: var(--soft); border-radius: .2rem; }
.bar { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: .2rem;
  background: var(--run); } .b0 { background: var(--nobody); } .b1 { background: var(--writes); }
.b2 { background: var(--all); }
h3 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; color: var(--dim);
  margin: 1rem 0 .2rem; }
@media (max-width: 40rem) { .row { grid-template-columns: minmax(0, 1fr) 6rem; }
  .row .axis { grid-column: 1 / -1; grid-row: 2; } }
"""


def text(found: Rehearsal, root: Path) -> str:
    """The whole page."""
    return "\n".join(_lines(found, root)) + "\n"


def _lines(found: Rehearsal, root: Path) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Rehearsal: {found.verdict}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>Migration rehearsal {_badge(found.verdict)}</h1>"
    where = f"{found.dialect}, environment {found.environment}, on the copy {found.branch}"
    yield f'<p>{escape(words.summary(found))}. <span class="dim">{escape(where)}</span></p>'
    yield from _list([*found.reasons, *words.remarks(found)])
    for one in found.revisions:
        yield from _revision(one, root)
    yield "</body>\n</html>"


def _badge(verdict: str) -> str:
    return f'<span class="badge {verdict}">{verdict}</span>'


def _list(said: list[str]) -> Iterator[str]:
    if said:
        yield "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in said) + "</ul>"


def _revision(one: Rehearsed, root: Path) -> Iterator[str]:
    total = max(one.seconds, *(lock.from_ + lock.seconds for lock in one.locks), 1e-9)
    time = words.took(one.seconds, one.estimate)
    yield f"<section>\n<header><h2><code>{escape(one.revision)}</code></h2>"
    yield f"<span>{escape(one.message)}</span> {_badge(one.verdict)}"
    yield f'<span class="time dim">{escape(time)}</span></header>\n<div class="body">'
    yield from _list(list(one.reasons))
    yield "<h3>Statements</h3><div>"
    yield from (_statement(said, total, root) for said in one.statements)
    yield "</div>"
    if one.locks:
        yield "<h3>Locks</h3><div>"
        yield from (_lock(lock, total) for lock in one.locks)
        yield "</div>"
    yield f"<h3>Way back</h3><p>{escape(words.TRIPS[one.round_trip])}</p>"
    yield from _list(list(one.differences))
    yield "</div>\n</section>"


def _statement(said: Statement, total: float, root: Path) -> str:
    done = ", ".join([*words.did(said), *([said.error] if said.error else [])])
    return _row(
        f'<div class="sql">{escape(said.sql)}</div>'
        f'<div class="dim">{escape(words.place(said, root))}'
        f"{' &middot; ' if done else ''}{escape(done)}</div>",
        _bar(said.from_, said.seconds, total, ""),
        words.took(said.seconds, said.estimate),
    )


def _lock(lock: Lock, total: float) -> str:
    return _row(
        f"<div><b>{escape(lock.relation)}</b> {escape(words.mode(lock))}</div>"
        f'<div class="dim">{escape(words.blocks(lock))}</div>',
        _bar(lock.from_, lock.seconds, total, f" b{len(lock.blocks)}"),
        words.took(lock.seconds, lock.estimate),
    )


def _row(left: str, bar: str, time: str) -> str:
    return f'<div class="row"><div>{left}</div>{bar}<div class="num">{escape(time)}</div></div>'


def _bar(start: float, length: float, total: float, kind: str) -> str:
    left = min(start / total * 100, 99.0)
    width = max(min(length / total * 100, 100 - left), 0.5)
    return (
        f'<div class="axis"><div class="bar{kind}" style="left:{left:.1f}%;width:{width:.1f}%">'
        "</div></div>"
    )
