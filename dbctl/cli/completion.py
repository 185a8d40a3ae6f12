"""The command that prints a shell's completion script; completing itself is complete.py."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from dbctl.cli.complete import script

app = typer.Typer(rich_markup_mode=None)


class Shell(StrEnum):
    """The shells that have a script."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


@dataclass(frozen=True)
class CompletionScript:
    """What the shell is to evaluate at its start."""

    shell: str
    script: str


@app.command()
def completion(shell: Annotated[Shell, typer.Argument(help="your shell")]) -> CompletionScript:
    """Print the script that completes words.

    Its first line says where it goes. Then the key completes commands, options, environments,
    revision ids and tables; nothing is imported or run for that, and no database is asked.
    """
    return CompletionScript(shell.value, script(shell.value))
