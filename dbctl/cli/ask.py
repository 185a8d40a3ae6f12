"""Questions. Each has a flag; without a terminal a question is a refusal that names it."""

import sys

import typer

from dbctl.cli.options import said
from dbctl.cli.text import clean, count
from dbctl.database.model import Loss
from dbctl.errors import NotConfirmedError

SHOWN = 8


def confirm(ctx: typer.Context, question: str, loss: Loss) -> None:
    """Show what will be lost and ask. Raises NotConfirmedError unless the answer is yes."""
    options = said(ctx)
    if not options.quiet:
        sys.stderr.write(_lines(loss))
    if options.yes:
        return
    if not (sys.stdin and sys.stdin.isatty()):
        raise NotConfirmedError(f"not confirmed: {question}", hint="add --yes to do it")
    if not _yes(question):
        raise NotConfirmedError("not confirmed; nothing was changed")


def _yes(question: str) -> bool:
    """Ask on stderr: stdout is for the result. The end of the input is a no."""
    while True:
        sys.stderr.write(f"{clean(question)} [y/N]: ")
        sys.stderr.flush()
        answer = sys.stdin.readline().strip().lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False


def _sum(loss: Loss) -> str:
    if not loss.tables and not loss.columns:
        return "no drop is named" if loss.unread else "nothing would be lost"
    tables = f"{count(len(loss.tables), 'table')} with {count(loss.rows, 'row')}"
    return f"would be lost: {tables if loss.tables else count(len(loss.columns), 'column')}"


def _lines(loss: Loss) -> str:
    """What is at stake, the largest first."""
    rows = sorted(loss.tables, key=lambda table: -table.rows)
    lines = [f"{loss.place}: {_sum(loss)}"]
    lines += [f"  {table.name}: {count(table.rows, 'row')}" for table in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(f"  and {count(len(rows) - SHOWN, 'table')} more")
    lines += [f"  column {name}" for name in loss.columns]
    lines += [f"  {name} runs more than can be seen: read it" for name in loss.unread]
    return "".join(clean(line) + "\n" for line in lines)
