"""Commands for bad days: mend what an accident left, and find the version of tables without one."""

from typing import Annotated, Optional

import typer

from dbctl.cli.ask import ConfirmName, confirm, name_typed
from dbctl.cli.options import settings
from dbctl.database.consent import Loss
from dbctl.migrate.model import Adopted, Repaired

app = typer.Typer(rich_markup_mode=None)


@app.command()
def repair(  # noqa: PLR0913 - one parameter an option
    ctx: typer.Context,
    *,
    finish: Annotated[
        Optional[str], typer.Option(help="a revision that never ended: all of it is done")
    ] = None,
    undo: Annotated[
        Optional[str], typer.Option(help="a revision that never ended: none of it is there")
    ] = None,
    remove_ancestor: Annotated[
        bool, typer.Option("--remove-ancestor", help="version rows that another row follows")
    ] = False,
    apply: Annotated[
        Optional[str], typer.Option(help="a revision that was slipped in: run it")
    ] = None,
    mark_applied: Annotated[
        Optional[str], typer.Option(help="a revision that was slipped in: the database has it")
    ] = None,
    accept: Annotated[
        Optional[str], typer.Option(help="a revision whose file was edited: take it as it is")
    ] = None,
    drop_index: Annotated[Optional[str], typer.Option(help="an index that is invalid")] = None,
    leftover: Annotated[
        Optional[str], typer.Option(help="a table that an interrupted rebuild left")
    ] = None,
    mark: Annotated[
        Optional[str], typer.Option(help="the environment that this database is, from now on")
    ] = None,
    confirm_name: ConfirmName = None,
) -> Repaired:
    """Mend what an accident left.

    Alone it lists what is wrong with the command for each, and changes nothing. Exit 1 then.
    """
    wanted = {
        "mark": mark,
        "finish": finish,
        "undo": undo,
        "remove_ancestor": "" if remove_ancestor else None,
        "apply": apply,
        "mark_applied": mark_applied,
        "accept": accept,
        "drop_index": drop_index,
        "leftover": leftover,
    }
    return _repaired(
        ctx, {option: name for option, name in wanted.items() if name is not None}, confirm_name
    )


def _repaired(ctx: typer.Context, wanted: dict[str, str], confirm_name: str | None) -> Repaired:
    """Ask for and do one thing after the other, looking again after each."""
    from dbctl.migrate import mend, repair

    chosen = settings(ctx)
    case, done = repair.examine(chosen), []
    for option, name in wanted.items():
        if option == "mark":
            demand = mend.demand(case)
            name_typed(ctx, f"mark {demand.name} as {name}?", demand, confirm_name)
        else:
            confirm(ctx, *mend.stake(case, option, name))
        done.append(mend.mended(case, option, name))
        case = repair.examine(chosen)
    return repair.result(case, tuple(done))


@app.command()
def adopt(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(help="compare with this one alone; it decides between equal ones")
    ] = "",
    *,
    scratch: Annotated[
        Optional[bool],
        typer.Option(
            "--scratch/--no-scratch",
            help="make an empty database on the server, dropped again; default: on this machine",
        ),
    ] = None,
) -> Adopted:
    """Find the version of tables that have none.

    The revision with this schema, by replaying all of them on an empty database; then stamp it.
    Exit 1 when none has it, with what differs from the nearest.
    """
    from dbctl.migrate import adopt as room

    chosen = settings(ctx)
    match = room.find(chosen, revision, use_scratch=scratch)
    if match.is_new:
        place = f"{chosen.env}: {match.standing.look.place}"
        confirm(ctx, f"stamp {', '.join(match.rows)}, whose schema this is?", Loss(place, ()))
    return room.stamp(chosen, match)
