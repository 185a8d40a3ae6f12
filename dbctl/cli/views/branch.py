"""Drawings of the branches of the database."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import RenderableType

from dbctl.branch.model import (
    Branch,
    BranchChange,
    BranchCreated,
    BranchDifference,
    BranchList,
    BranchUrl,
    Hook,
    InUse,
    Pruned,
)
from dbctl.cli.text import size
from dbctl.cli.views.canvas import View, following, line, row, table
from dbctl.database.change import Change, RowsChange

SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def branches(value: BranchList) -> Iterator[RenderableType]:
    """A line a branch, a mark before the one that commands act on."""
    made = table(
        "", "branch", "parent", "revision", "age", "left", "size", right=["age", "left", "size"]
    )
    for one in value.branches:
        left = "expired" if one.expired else _far(one.expires_at, value.seen_at)
        cells = (one.parent or "", _revision(one), _far(one.created_at, value.seen_at), left)
        row(made, "*" if one.in_use else "", one.name, *cells, size(one.bytes), style=_style(one))
    yield made
    yield line((f"{_count(len(value.branches) - 1)}", "dim"))
    gone = any(one.expired or one.state == "unfinished" for one in value.branches)
    if gone:
        yield following("dbctl branch prune")


def _style(one: Branch) -> str:
    if one.expired or one.state == "unfinished":
        return "yellow"
    return "green" if one.in_use else ""


def _revision(one: Branch) -> str:
    return "unfinished" if one.state == "unfinished" else ", ".join(one.revision or ())


def branch(value: Branch) -> Iterator[RenderableType]:
    """Everything about one branch."""
    marks = [
        *(["main"] if value.main else []),
        *(["in use"] if value.in_use else []),
        *(["expired"] if value.expired else []),
        *(["unfinished"] if value.state == "unfinished" else []),
    ]
    yield line((value.name, "bold"), f"  {', '.join(marks)}" if marks else "")
    yield from _facts(
        ("id", value.id),
        ("parent", value.parent),
        ("revision", ", ".join(value.revision or ())),
        ("created", _when(value.created_at)),
        ("by", value.creator),
        ("git", value.git),
        ("expires", _when(value.expires_at)),
        ("size", size(value.bytes)),
    )


def created(value: BranchCreated) -> Iterator[RenderableType]:
    """The branch, how to reach it, and what to do with it."""
    if value.created:
        after = f" from {value.parent} after {value.seconds:.1f} s"
        yield line(("created", "green"), f" {value.name}{after}")
    else:
        yield line(f"{value.name} is there already")
    yield from _facts(("id", value.id), ("url", value.url), ("expires", _when(value.expires_at)))
    yield following(f"dbctl branch use {_quoted(value.name)}")


def url(value: BranchUrl) -> Iterator[RenderableType]:
    """The URL alone, so that it can be copied."""
    yield line(value.url)


def change(value: BranchChange) -> Iterator[RenderableType]:
    """What happened to a branch."""
    if value.changed:
        word = "deleted" if value.action == "delete" else "reset"
        yield line((word, "green"), f" {value.name}")
    else:
        yield line(f"{value.name}: nothing to do")


def used(value: InUse) -> Iterator[RenderableType]:
    """Where commands act from now on."""
    name = value.name or "the main database"
    if not value.changed:
        yield line(f"{value.environment}: {name} is in use already")
        return
    made = ", which was made now" if value.created else ""
    yield line(f"{value.environment}: commands act on ", (name, "green"), f" from now on{made}")
    yield from _facts(("url", value.url))
    if value.name:
        yield following("dbctl status")


def pruned(value: Pruned) -> Iterator[RenderableType]:
    """What went, or would go."""
    if not value.branches:
        yield line("nothing to delete")
        return
    made = table("branch", "why")
    for one in value.branches:
        row(made, one.name, one.reason)
    yield made
    word = ("would be deleted", "yellow") if value.dry_run else ("deleted", "green")
    yield line(word, f": {_count(len(value.branches))}")


def difference(value: BranchDifference) -> Iterator[RenderableType]:
    """What a migration would call it, then the tables whose rows differ."""
    both = f"{value.from_} and {value.to}"
    if value.same:
        what = "schema and rows" if value.data is not None else "schema"
        yield line(("same", "green"), f" {what} in {both}")
        return
    yield line((f"from {value.from_} to {value.to}", "bold"))
    for one in value.schema:
        yield from _change(one)
    if value.data:
        yield from _rows(value.data)


def _change(one: Change) -> Iterator[RenderableType]:
    sign, color = SIGNS[one.kind]
    yield line((f"{sign} {one.object}", color), f"  {_short(one.after or one.before)}")
    if one.kind == "changed":
        yield line((f"  was  {_short(one.before)}", "dim"))


def _short(text: str | None) -> str:
    first, _, more = (text or "").strip().partition("\n")
    return f"{first} ..." if more else first


def _rows(found: tuple[RowsChange, ...]) -> Iterator[RenderableType]:
    made = table(
        "table", "before", "after", "+", "-", "~", "keys", right=["before", "after", "+", "-", "~"]
    )
    for one in found:
        numbers = (one.rows_before, one.rows_after, one.added, one.removed, one.changed)
        cells = ("" if number is None else f"{number:,}" for number in numbers)
        row(made, one.table, *cells, ", ".join(one.keys))
    yield made


def hook(value: Hook) -> Iterator[RenderableType]:
    """Which file has the hook."""
    if not value.changed:
        yield line(f"{value.file}: nothing to do")
        return
    word = "written" if value.action == "install" else "taken out of"
    yield line((word, "green"), f" {value.file}")


def _facts(*facts: tuple[str, str | None]) -> Iterator[RenderableType]:
    for name, said in facts:
        if said:
            yield line((f"{name:<8} ", "dim"), said)


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def _far(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    seconds = abs((moment - now).total_seconds())
    return next((f"{seconds // one:.0f} {unit}" for one, unit in SPANS if seconds >= one), "now")


def _count(number: int) -> str:
    return "1 branch" if number == 1 else f"{number:,} branches"


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)


VIEWS: dict[type, View] = {
    Branch: branch,
    BranchChange: change,
    BranchCreated: created,
    BranchDifference: difference,
    BranchUrl: url,
    BranchList: branches,
    Hook: hook,
    InUse: used,
    Pruned: pruned,
}
