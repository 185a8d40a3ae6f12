"""Commands about the branches of the database: at Neon, on PostgreSQL, of a SQLite file."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Optional, TypeVar

import typer

from dbctl.branch.model import (
    Branch,
    BranchChange,
    BranchCreated,
    BranchDifference,
    BranchList,
    BranchUrl,
    Copying,
    Format,
    Hook,
    IfExists,
    InUse,
    Pruned,
)
from dbctl.cli.options import settings
from dbctl.database.model import Ended
from dbctl.errors import UsageError
from dbctl.neon.words import Verbatim

T = TypeVar("T")

app = typer.Typer(rich_markup_mode=None, help="A copy of the database for every task.")
hook = typer.Typer(rich_markup_mode=None, help="Let the database follow git's branch.")
app.add_typer(hook, name="hook")

Named = Annotated[str, typer.Argument(help="its name or id")]
Perhaps = Annotated[Optional[str], typer.Argument(help="its name or id; default: the one in use")]
Parent = Annotated[
    Optional[str], typer.Option("--from", help="a branch; default: the main database")
]
Ttl = Annotated[Optional[str], typer.Option("--ttl", help="nobody needs it after 12h, 2d, 1w")]
Reveal = Annotated[bool, typer.Option("--reveal", help="with the password")]
Spelling = Annotated[
    Optional[Format],
    typer.Option("--format", help="for a driver, a file or GitHub Actions, instead of a report"),
]


def _run(work: Coroutine[Any, Any, T]) -> T:
    from dbctl import loop
    from dbctl.cli import emit

    return loop.run(work, meanwhile=emit.prepare)


@app.command()
def create(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    *,
    parent: Parent = None,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="without rows")] = False,
    ttl: Ttl = None,
    if_exists: Annotated[
        IfExists, typer.Option("--if-exists", help="what to do with one of that name")
    ] = IfExists.fail,
    copying: Annotated[
        Copying, typer.Option("--copy", help="PostgreSQL: how, when somebody is connected")
    ] = Copying.auto,
    end_sessions: Annotated[
        bool, typer.Option("--end-sessions", help="PostgreSQL: of who is connected to the parent")
    ] = False,
    reveal: Reveal = False,
    spelling: Spelling = None,
) -> BranchCreated | Verbatim:
    """Create a branch: a copy of the database that nobody else writes to.

    A PostgreSQL database that is in use is copied through pg_dump.
    """
    from dbctl.branch import commands

    chosen = settings(ctx)
    wish = commands.wish(
        chosen,
        name,
        parent=parent,
        schema_only=schema_only,
        ttl=ttl,
        if_exists=if_exists,
        copying=copying,
        end_sessions=end_sessions,
    )
    return _run(commands.create(chosen, wish, spelling, reveal=reveal))


@app.command(name="list")
def list_(ctx: typer.Context) -> BranchList:
    """List the main database and its branches."""
    from dbctl.branch import commands

    return _run(commands.listed(settings(ctx)))


@app.command()
def show(ctx: typer.Context, name: Perhaps = None) -> Branch:
    """Show one branch."""
    from dbctl.branch import commands

    return _run(commands.show(settings(ctx), name))


@app.command()
def delete(
    ctx: typer.Context,
    name: Named,
    *,
    if_exists: Annotated[
        bool, typer.Option("--if-exists", help="nothing happens when it is gone")
    ] = False,
) -> BranchChange:
    """Delete a branch with everything in it; asks.

    Only what `dbctl branch` made is deleted here.
    """
    from dbctl.branch import commands

    chosen = settings(ctx)
    found = _run(commands.doomed(chosen, name, missing_ok=if_exists))
    if found is None:
        return BranchChange("delete", name, None, changed=False)
    _sure(ctx, "delete this branch?", found)
    return _run(commands.delete(chosen, found))


@app.command()
def reset(ctx: typer.Context, name: Named) -> BranchChange:
    """Make a branch what its parent is now; asks."""
    from dbctl.branch import commands

    chosen = settings(ctx)
    found = _run(commands.doomed(chosen, name, missing_ok=False))
    if found is not None:
        _sure(ctx, "reset this branch?", found)
        return _run(commands.reset(chosen, found))
    return BranchChange("reset", name, None, changed=False)


def _sure(ctx: typer.Context, question: str, found: Branch) -> None:
    from dbctl.cli import ask

    if found.main:
        return  # the refusal that follows says more than a question
    ask.sure(ctx, question, f"the branch {found.name} ({found.id}): what is in it will be lost")


@app.command()
def diff(
    ctx: typer.Context,
    first: Annotated[str, typer.Argument(help="a branch")],
    second: Annotated[Optional[str], typer.Argument(help="another")] = None,
    *,
    data: Annotated[bool, typer.Option("--data", help="compare the rows too")] = False,
) -> BranchDifference:
    """Show what differs from one branch to another; of one alone, from its parent.

    Exit 1 when they differ.
    """
    from dbctl.branch import diff as room

    return _run(room.difference(settings(ctx), first, second, data=data))


@app.command()
def url(
    ctx: typer.Context, name: Perhaps = None, *, reveal: Reveal = False, spelling: Spelling = None
) -> BranchUrl | Verbatim:
    """Print how to reach a branch."""
    from dbctl.branch import commands

    return _run(commands.url(settings(ctx), name, spelling, reveal=reveal))


@app.command()
def use(
    ctx: typer.Context,
    name: Annotated[Optional[str], typer.Argument(help="its name or id")] = None,
    *,
    auto: Annotated[
        bool, typer.Option("--auto", help="git's branch; it is made if missing")
    ] = False,
    off: Annotated[bool, typer.Option("--off", help="the main database again")] = False,
) -> InUse:
    """Let the project's commands act on a branch from now on.

    Each environment has its own. --url and DBCTL_URL are stronger.
    """
    from dbctl.branch import use as room

    if (name is not None) + auto + off != 1:
        raise UsageError("say one of NAME, --auto and --off", hint="dbctl branch use NAME")
    if off:
        return room.off(settings(ctx, url_needed=False))
    return _run(room.use(settings(ctx), name) if name else room.follow(settings(ctx)))


@app.command()
def prune(
    ctx: typer.Context,
    *,
    match: Annotated[Optional[str], typer.Option("--match", help="a pattern: 'pr-*'")] = None,
    older_than: Annotated[
        Optional[str], typer.Option("--older-than", help="made before: 12h, 7d")
    ] = None,
    merged: Annotated[
        bool, typer.Option("--merged", help="its git branch or pull request is merged here")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show them")] = False,
) -> Pruned:
    """Delete expired branches and unfinished ones; asks.

    With a filter also those of which all that is said is true. One in use stays.
    """
    from dbctl.branch import prune as room
    from dbctl.cli import ask

    chosen = settings(ctx)
    wish = room.wish(match, older_than, Path.cwd() if merged else None)
    found = _run(room.candidates(chosen, wish))
    if dry_run or not found:
        return room.shown(found, dry_run=dry_run)
    ask.sure(ctx, "delete these branches?", *(f"{one.name} ({why})" for one, why in found))
    return _run(room.delete(chosen, found))


@app.command()
def run(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="made if it is not there")],
    command: Annotated[list[str], typer.Argument(help="-- and the command")],
    *,
    parent: Parent = None,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="without rows")] = False,
    ttl: Ttl = None,
    rm: Annotated[bool, typer.Option("--rm", help="delete the branch afterwards")] = False,
) -> Ended:
    """Run a command on a branch, and end with its exit code.

    It finds the branch in DATABASE_URL, DBCTL_URL, and on PostgreSQL in PGHOST and the like.
    """
    from dbctl.branch import commands, running

    chosen = settings(ctx)
    wish = commands.wish(
        chosen,
        name,
        parent=parent,
        schema_only=schema_only,
        ttl=ttl,
        if_exists=IfExists.reuse,
    )
    return running.run(chosen, wish, command, remove=rm)


@hook.command()
def install(ctx: typer.Context) -> Hook:
    """Let `git checkout` end with `dbctl branch use --auto`."""
    from dbctl.branch import git

    return git.install(settings(ctx, url_needed=False).project.root)


@hook.command()
def remove(ctx: typer.Context) -> Hook:
    """Take that out of git's hook again."""
    from dbctl.branch import git

    return git.remove(settings(ctx, url_needed=False).project.root)
