"""The entry point: root help and the version are answered before Typer loads."""

import sys
from typing import NoReturn

HELP: tuple[list[str], ...] = ([], ["--help"], ["-h"], ["help"])


def main(argv: list[str] | None = None) -> NoReturn:
    """Run one command line and leave with its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words in HELP:
        from dbctl.cli.tree import help_text

        sys.stdout.write(help_text() + "\n")
        sys.exit(0)
    if words == ["--version"]:
        from dbctl import __version__

        sys.stdout.write(f"dbctl {__version__}\n")
        sys.exit(0)
    from dbctl.cli.root import command

    sys.exit(command().main(words))
