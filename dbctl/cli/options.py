"""The root options, and the settings a command makes of them.

They may stand anywhere on the line: `join` gives them to every command and group, so they are
parsed as options there and never taken from another option's value or from behind `--`.
"""

import sys
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

if TYPE_CHECKING:
    from dbctl.settings import Settings

# Typer before 0.12.5 draws help with Rich whatever `rich_markup_mode` says, unless Rich is missing.
typer.core.rich = None  # type: ignore[attr-defined]  # newer ones have no such name


class LogFormat(StrEnum):
    """How a line on stderr looks."""

    text = "text"
    json = "json"


@dataclass
class Said:
    """What the user said with root options, from wherever on the line."""

    env: str | None = None
    url: str | None = None
    config: Path | None = None
    section: str | None = None
    x: list[str] | None = None
    json: bool = False
    yes: bool = False
    quiet: bool = False
    verbose: int = 0
    debug: bool = False
    no_color: bool = False
    log_format: LogFormat | None = None
    words: tuple[str, ...] = ()


def said(ctx: typer.Context) -> Said:
    """The root options of this invocation."""
    found: Said = ctx.find_root().obj
    return found


def settings(ctx: typer.Context, *, url_needed: bool = True) -> "Settings":
    """The settings of this invocation, read now; see `Settings.load`. Raises ConfigurationError."""
    from dbctl.settings import Settings

    options = said(ctx)
    chosen = Settings.load(
        env=options.env,
        url=options.url,
        config=options.config,
        section=options.section,
        arguments=options.x or (),
        url_needed=url_needed,
    )
    return chosen.asking(_own_url)


def _own_url(chosen: "Settings") -> Optional[str]:
    """What the project's env.py says, which is run for it only when a URL is needed."""
    from dbctl.migrate import ownurl

    return ownurl.found(chosen)


def settings_to_write(ctx: typer.Context) -> "Settings":
    """The settings of a command that changes the database.

    Raises RefusedError when a Neon branch is named and the URL leads to another one.
    """
    chosen = settings(ctx)
    if chosen.neon_branch:
        from dbctl.neon import pinned

        pinned.require_branch(chosen)
    return chosen


def _keep(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> None:  # noqa: ANN401
    """Remember what was said; what was not said leaves an earlier word alone."""
    if value and param.name:
        setattr(said(ctx), param.name.removeprefix(_APART), value)


def _version(ctx: typer.Context, value: bool) -> None:
    """Say the version and be done: --json, wherever it stands, has been read by then."""
    if value:
        from dbctl.cli.version import text

        sys.stdout.write(text(json=said(ctx).json) + "\n")
        sys.stdout.flush()
        raise typer.Exit


def _root(  # noqa: PLR0913 - one parameter an option
    *,
    env: Annotated[Optional[str], typer.Option("--env", callback=_keep, hidden=True)] = None,
    url: Annotated[Optional[str], typer.Option("--url", callback=_keep, hidden=True)] = None,
    config: Annotated[Optional[Path], typer.Option("--config", callback=_keep, hidden=True)] = None,
    section: Annotated[
        Optional[str], typer.Option("--name", "-n", callback=_keep, hidden=True)
    ] = None,
    x: Annotated[Optional[list[str]], typer.Option("-x", callback=_keep, hidden=True)] = None,
    json: Annotated[
        bool, typer.Option("--json", callback=_keep, hidden=True, is_eager=True)
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", callback=_keep, hidden=True)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", callback=_keep, hidden=True)] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, callback=_keep, hidden=True)
    ] = 0,
    debug: Annotated[bool, typer.Option("--debug", callback=_keep, hidden=True)] = False,
    no_color: Annotated[bool, typer.Option("--no-color", callback=_keep, hidden=True)] = False,
    log_format: Annotated[
        Optional[LogFormat], typer.Option("--log-format", callback=_keep, hidden=True)
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, hidden=True)] = False,
) -> None:
    """Typer makes the options of this signature; it is never called."""


def _made() -> list[Any]:
    """The root options as parameters that can be handed to any command of this Typer."""
    app = typer.Typer(add_completion=False)
    app.command()(_root)
    found = [param for param in typer.main.get_command(app).params if param.name != "help"]
    for param in found:
        param.expose_value = False
    return found


ROOT_OPTIONS = _made()
_APART = "root_"


def _apart(option: Any, names: set[str]) -> Any:  # noqa: ANN401
    """The option under a name that none of the command's own parameters has.

    An argument `url` and the option `--url` would otherwise be one value.
    """
    if option.name not in names:
        return option
    made = copy(option)
    made.name = f"{_APART}{option.name}"
    return made


def join(command: Any) -> Any:  # noqa: ANN401 - Typer's own click, whose module moved
    """Give the root options to `command` and to every command below it; its own ones stay."""
    own = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    names = {param.name for param in command.params}
    command.params = [
        *command.params,
        *(_apart(param, names) for param in ROOT_OPTIONS if not own.intersection(param.opts)),
    ]
    for below in getattr(command, "commands", {}).values():
        join(below)
    return command
