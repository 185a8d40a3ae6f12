"""Questions. Each has a flag; without a terminal a question is a refusal that names it."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from dbctl.cli.mask import masked
from dbctl.cli.options import said
from dbctl.cli.text import clean, count, size
from dbctl.errors import NotConfirmedError

if TYPE_CHECKING:
    from dbctl.database.condition import Client
    from dbctl.database.consent import Consent, Demand, Loss

SHOWN = 8
WIDTH = 80

ConfirmName = Annotated[
    Optional[str],
    typer.Option("--confirm-name", help="the database's name, which a protected one demands"),
]
NoSnapshot = Annotated[
    bool, typer.Option("--no-snapshot", help="destroy a protected database without a snapshot")
]
SnapshotFirst = Annotated[
    Optional[bool],
    typer.Option("--snapshot/--no-snapshot", help="take one first; default: where protected"),
]


def confirm(ctx: typer.Context, question: str, loss: "Loss") -> None:
    """Show what will be lost and ask. Raises NotConfirmedError unless the answer is yes."""
    _show(ctx, loss)
    _require_yes(ctx, question)


def sure(ctx: typer.Context, question: str, *stake: str) -> None:
    """Show what is at stake where no tables can be counted, a line each, and ask as `confirm`."""
    if not said(ctx).quiet:
        sys.stderr.write("".join(f"{_fitted(clean(line))}\n" for line in stake))
    _require_yes(ctx, question)


def _require_yes(ctx: typer.Context, question: str) -> None:
    if said(ctx).yes:
        return
    if not _at_terminal():
        raise NotConfirmedError(f"not confirmed: {question}", hint="add --yes to do it")
    if not _yes(question):
        raise NotConfirmedError("not confirmed; nothing was changed")


def agree(
    ctx: typer.Context, question: str, demand: "Demand", name: str | None, no_snapshot: bool
) -> "Consent":
    """Show what will be lost and ask for what the demand leaves open; what was agreed to.

    A database that is not protected wants a yes. A protected one wants its name, here or in
    `name`, and what nobody can say at a terminal: then it is a refusal with the command to run.
    Raises RefusedError.
    """
    from dbctl.database import guard
    from dbctl.database.consent import Consent

    if not demand.protection and name is None:
        confirm(ctx, question, demand.loss)
        return Consent(yes=True)
    _show(ctx, demand.loss)
    consent = Consent(said(ctx).yes, name, no_snapshot)
    typing = name is None and _at_terminal()
    if guard.missing(demand, replace(consent, name=demand.name) if typing else consent):
        lacking = guard.missing(demand, consent)
        raise guard.refused(demand, lacking, _command(said(ctx).words, demand))
    if typing and _typed(question, demand.name) != demand.name:
        raise NotConfirmedError("not confirmed; nothing was changed")
    return replace(consent, yes=True, name=demand.name)


def name_typed(ctx: typer.Context, question: str, demand: "Demand", name: str | None) -> None:
    """Ask for the database's name, which no `--yes` stands for. Raises RefusedError without it."""
    _show(ctx, demand.loss)
    if name is None and _at_terminal():
        name = _typed(question, demand.name)
    if name is None:
        line = _command(said(ctx).words, replace(demand, protection=""))
        raise NotConfirmedError(f"not confirmed: {question}", hint=line)
    if name != demand.name:
        raise NotConfirmedError(f"{name!r} is not its name; nothing was changed")


def _at_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty())


def _yes(question: str) -> bool:
    """Ask on stderr: stdout is for the result. The end of the input is a no."""
    while True:
        answer = _answer(f"{question} [y/N]: ").lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False


def _typed(question: str, name: str) -> str:
    """What somebody types for the database's name."""
    return _answer(f"{question} type its name, {name}: ")


def _answer(prompt: str) -> str:
    sys.stderr.write(clean(prompt))
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _command(words: Sequence[str], demand: "Demand") -> str:
    """The line that does it, made from the one that did not; passwords are `***`."""
    from dbctl.database import guard

    end = words.index("--") if "--" in words else len(words)
    kept = [*_unsaid(words[:end]), "--confirm-name", demand.name]
    if demand.protection and not demand.snapshot and "--no-snapshot" not in kept:
        kept.append("--no-snapshot")
    line = shlex.join(["dbctl", *kept, *words[end:]])
    if demand.protection:
        line = f"{guard.VARIABLE}={shlex.quote(demand.name)} {line}"
    return masked(line)


def _unsaid(words: Sequence[str]) -> Iterator[str]:
    """The words of a line without the name that was said; the URL masked."""
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in ("--confirm-name", "--url") and not equals:
            value = next(rest, "")
        if option == "--url":
            yield from ("--url", _masked(value))
        elif option != "--confirm-name":
            yield word


def _masked(text: str) -> str:
    """The URL as it was said if there is no secret in it."""
    from dbctl.database.url import Url

    url = Url.parse(text)
    return text if url.text == url.masked else url.masked


def _show(ctx: typer.Context, loss: "Loss") -> None:
    if not said(ctx).quiet:
        sys.stderr.write("".join(f"{_fitted(clean(line))}\n" for line in _lines(loss)))


def _lines(loss: "Loss") -> Iterator[str]:
    """Where it is, what is at stake, the largest first, and who would notice."""
    where = f"{loss.place}, {size(loss.use.bytes)}" if loss.use and loss.use.bytes else loss.place
    yield where
    yield _sum(loss)
    rows = sorted(loss.tables, key=lambda table: -table.rows)
    yield from (f"  {table.name}: {count(table.rows, 'row')}" for table in rows[:SHOWN])
    if len(rows) > SHOWN:
        yield f"  and {count(len(rows) - SHOWN, 'table')} more"
    yield from (f"  column {name}" for name in loss.columns)
    yield from (f"  {name} runs more than can be seen: read it" for name in loss.unread)
    yield from _clients(loss.use.clients if loss.use else ())


def _sum(loss: "Loss") -> str:
    if not loss.tables and not loss.columns:
        return "no drop is named" if loss.unread else "nothing would be lost"
    tables = f"{count(len(loss.tables), 'table')} with {count(loss.rows, 'row')}"
    return f"{loss.fate}: {tables if loss.tables else count(len(loss.columns), 'column')}"


def _clients(clients: Sequence["Client"]) -> Iterator[str]:
    if clients:
        sessions = sum(one.sessions for one in clients)
        yield f"connected now: {count(sessions, 'other session')}"
    for one in clients[:SHOWN]:
        who = f" as {one.user}" if one.user else ""
        whence = f" from {one.address}" if one.address else ""
        yield f"  {one.application or 'unnamed'}{who}{whence}: {count(one.sessions, 'session')}"
    if len(clients) > SHOWN:
        yield f"  and {len(clients) - SHOWN} more"


def _fitted(line: str) -> str:
    """A line of at most 80 columns; what is cut is dots."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."
