"""What the steps of a pipeline look like in its log."""

from collections.abc import Iterator

from rich.console import RenderableType

from dbctl.ci.model import CiCheck, CiReport, CiSetup, CiTeardown, Outcome
from dbctl.cli.text import count
from dbctl.cli.views.canvas import following, line, row, table
from dbctl.cli.views.migrate import where
from dbctl.cli.views.revisions import names

STYLES: dict[Outcome, str] = {
    "passed": "green",
    "failed": "bold red",
    "warned": "yellow",
    "skipped": "dim",
}


def setup(value: CiSetup) -> Iterator[RenderableType]:
    """Where the database is, what was done there, and where its URL went."""
    yield where(value.environment, value.database)
    if value.branch:
        yield line(
            "branch    ", (value.branch, "bold"), "  made" if value.created else "  was there"
        )
    ran = len(value.upgrade.applied)
    at = names(value.upgrade.to)
    yield line(
        "revisions ", f"{count(ran, 'revision')} applied, at " if ran else "at ", (at, "green")
    )
    if value.seeded:
        rows = sum(value.seeded.values())
        yield line("seeded    ", f"{count(rows, 'row')} in {count(len(value.seeded), 'table')}")
    yield _models(value)
    yield line("handed on ", ", ".join(value.variables), f"  ({', '.join(value.files)})")
    yield following("dbctl ci check")


def _models(value: CiSetup) -> RenderableType:
    if value.in_sync is None:
        return line("models    ", ("none to compare", "dim"))
    if value.in_sync:
        return line("models    ", ("in step with the revisions", "green"))
    first = value.differences[0]
    said = f"{first.kind} {first.object}"
    return line("models    ", (f"{count(len(value.differences), 'difference')}: {said}", "red"))


def check(value: CiCheck) -> Iterator[RenderableType]:
    """Every step with its outcome."""
    made = table("check", "result", "", "seconds", right=["seconds"])
    for one in value.steps:
        outcome = line((one.outcome, STYLES[one.outcome]))
        row(made, one.name, outcome, one.detail, f"{one.seconds:.1f}")
    yield made
    since = f" since {value.against}" if value.against else ""
    word, style = ("passed", "green") if value.passed else ("failed", "bold red")
    yield line((word, style), since)
    yield following("dbctl ci report")


def report(value: CiReport) -> Iterator[RenderableType]:
    """Where the page is; the page itself where it is nowhere else."""
    if value.files:
        yield line("written to ", ", ".join(value.files))
        return
    for one in value.markdown.splitlines():
        yield line(one)


def teardown(value: CiTeardown) -> Iterator[RenderableType]:
    """What is gone."""
    for name in value.removed:
        yield line("removed ", (name, "bold"))
    for name in value.absent:
        yield line(name, " was gone already")
    if not (value.removed or value.absent):
        yield line("nothing to remove")


VIEWS = {CiSetup: setup, CiCheck: check, CiReport: report, CiTeardown: teardown}
