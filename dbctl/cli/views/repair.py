"""Drawings of what is wrong and what was mended, and of what tables without a version are."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from dbctl.cli.text import count
from dbctl.cli.views.canvas import View, following, line
from dbctl.cli.views.revisions import names
from dbctl.migrate.model import Adopted, Fault, Repaired

SHOWN = 15
KINDS = {
    "mark": "another environment",
    "unknown": "unknown revision",
    "ancestor_row": "ancestor row",
    "unversioned": "no version",
    "step": "never ended",
    "slipped_in": "slipped in",
    "edited": "edited",
    "invalid_index": "invalid index",
    "leftover": "leftover",
}


def repaired(value: Repaired) -> Iterator[RenderableType]:
    """What was done, then every finding with its commands."""
    yield line((value.environment, "bold"), "  ", str(value.database))
    for text in value.done:
        yield line(("done  ", "green"), text)
    if not value.findings:
        yield line(("nothing to mend", "green"))
    for one in value.findings:
        yield from _fault(one)


def _fault(one: Fault) -> Iterator[Text]:
    yield line((KINDS.get(one.kind, one.kind), "yellow"), f"  {one.object}")
    yield line(f"  {one.detail}")
    for at, command in enumerate(one.fixes):
        fix = line(("  fix: " if at == 0 else "   or: ", "dim"), (command, "bold"))
        fix.no_wrap, fix.overflow = True, "ignore"
        yield fix


def adopted(value: Adopted) -> Iterator[RenderableType]:
    """The revision that was stamped, or what is different from the nearest one."""
    if value.adopted:
        yield line(("adopted ", "green"), (names(value.to), "green"), ": the schema is equal")
        yield following("dbctl status")
        return
    if not value.differences:
        yield line("already at ", (names(value.to), "green"), ", whose schema this is")
        return
    yield line(("no revision has this schema", "yellow"), f"; nearest: {names(value.nearest)}")
    for one in value.differences[:SHOWN]:
        yield line("  ", (one.kind, "yellow"), f"  {one.object}", (f"  {one.detail}", "dim"))
    if value.differences[SHOWN:]:
        rest = count(len(value.differences) - SHOWN, "difference")
        yield line((f"  and {rest} more: see --json", "dim"))
    yield line(("missing: only the revision has it; extra: only the database has it", "dim"))
    yield line(("other: what the database has -> what the revision makes", "dim"))
    yield following(f"dbctl stamp {' '.join(value.nearest) or 'base'}, if none of this matters")


VIEWS: dict[type, View] = {Repaired: repaired, Adopted: adopted}
