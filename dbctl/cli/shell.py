"""The SQL shell on a terminal."""

import contextlib
import sys
from typing import Annotated, Optional

import typer

from dbctl.cli.options import settings
from dbctl.cli.text import clean
from dbctl.database.condition import Answer
from dbctl.database.model import Ended
from dbctl.errors import AnswerIsNo, UsageError

app = typer.Typer(rich_markup_mode=None)


@app.command()
def shell(
    ctx: typer.Context,
    command: Annotated[
        Optional[str], typer.Option("--command", "-c", help="run this SQL and leave")
    ] = None,
) -> Ended:
    """Open an SQL shell on the database.

    psql or sqlite3 when they are installed, else one of dbctl's own; the exit code is theirs.
    """
    from dbctl.database import shell as rooms

    return rooms.shell(settings(ctx), Console(), command)


class Console:
    """Standard input and output, for dbctl's own shell."""

    def __init__(self) -> None:
        self.live = bool(sys.stdin and sys.stdin.isatty())
        if self.live:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401 - gives input() its line editing

    def read(self, prompt: str) -> str:
        """The next line; "" when there are no more."""
        try:
            return f"{input(clean(prompt))}\n" if self.live else sys.stdin.readline()
        except EOFError:
            sys.stdout.write("\n")
            return ""
        except UnicodeDecodeError as error:
            raise UsageError("the input is not UTF-8", hint="convert it first") from error

    def show(self, answer: Answer) -> None:
        """Rows in columns as wide as they need, or what was done."""
        from dbctl.cli.views.shell import drawn

        sys.stdout.write(drawn(answer))
        sys.stdout.flush()

    def refuse(self, problem: AnswerIsNo) -> None:
        """Why it failed."""
        hint = f"\nhint: {problem.hint}" if problem.hint else ""
        sys.stderr.write(clean(f"error: {problem.message}{hint}\n", keep="\n"))
