"""Drawings of the command line's own results."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.completion import CompletionScript


def completion(value: CompletionScript) -> Iterator[RenderableType]:
    """The script as it is."""
    yield Text(value.script.removesuffix("\n"))


VIEWS = {CompletionScript: completion}
