"""Everything that can be known of a change's revisions before they are merged, in one go."""

from pathlib import Path

from dbctl.ci import page, shelf
from dbctl.ci.book import Book, Result
from dbctl.ci.failing import relative
from dbctl.ci.findings import Findings
from dbctl.ci.fresh import Fresh, Range, fresh
from dbctl.ci.model import CiCheck, Level, Note, Outcome
from dbctl.ci.runner import Runner
from dbctl.database.change import Change
from dbctl.errors import ConfigurationError, RevisionGraphError, UnreachableError
from dbctl.lint.check import worst
from dbctl.migrate import graph, place
from dbctl.pipeline import linting
from dbctl.rehearse.rehearsal import Asked, rehearse
from dbctl.settings import Settings

LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "hint": "notice"}


def check(
    settings: Settings,
    runner: Runner,
    *,
    against: str | None = None,
    rehearsed: Settings | None = None,
) -> CiCheck:
    """Heads, models, round trip, lint and rehearsal of the revisions that are new since `against`.

    Without a git ref the newest revision counts as new. `rehearsed` are the settings of the
    database that is copied; without them the job's own one is, if something is pending there.
    """
    base = against or runner.target
    found = examined(settings, runner, base, rehearsed)
    book = found.book
    written = page.page(found, base, settings.project.root)
    shelf.keep(settings.project, base, shelf.Page(written, book.passed))
    return CiCheck(runner.name, base, tuple(book.steps), tuple(book.notes), book.passed)


def examined(
    settings: Settings, runner: Runner, base: str | None, rehearsed: Settings | None
) -> Findings:
    """The same with all that was found."""
    found = Findings(Book(runner, settings.project))
    if not found.book.step("heads", lambda: _heads(settings)):
        return found
    span = _span(settings, base)
    found.new = span.new
    _on_an_empty_database(settings, span, found)
    if span.new:
        found.book.step("lint", lambda: _lint(settings, base, found))
        _rehearsal(rehearsed or settings, base, found, asked=rehearsed is not None)
    else:
        for name in ("lint", "rehearsal"):
            found.book.skip(name, "no new revision")
    return found


def _heads(settings: Settings) -> Result:
    """One head, or one for each branch of the history that has a label."""
    found = graph.read(settings.project)
    heads = found.heads
    unlabelled = [one for one in heads if not found.revisions[one].labels]
    if not heads:
        return Result("passed", "no revisions yet")
    if heads[1:] and unlabelled:
        first = found.revisions[unlabelled[-1]]
        raise RevisionGraphError(
            f"{len(heads)} revisions are heads: {', '.join(heads)}",
            hint=f'`dbctl merge heads -m "..."` joins them; see {first.file}:1',
        )
    return Result("passed", ", ".join(heads))


def _span(settings: Settings, base: str | None) -> Range:
    """The revisions of the change; without a git ref the newest one."""
    whole = graph.read(settings.project)
    if base is None:
        return Range(whole, tuple(whole.heads[:1]))
    files = linting.changed_files(settings, base)
    return Range(whole, tuple(one.revision for one in whole.ordered if one.file.resolve() in files))


def _on_an_empty_database(settings: Settings, span: Range, found: Findings) -> None:
    """From nothing to the newest revision, the models, and back."""
    book = found.book
    with fresh(settings, span) as empty:
        if not book.step("from nothing", lambda: _built(empty, found)):
            for name in ("models", "round trip"):
                book.skip(name, "the revisions do not run on an empty database")
            return
        book.step("models", lambda: _models(empty, book))
        if not span.new:
            book.skip("round trip", "no new revision")
        elif not span.is_one_way:
            book.skip("round trip", "the change begins at several revisions")
        else:
            book.step("round trip", lambda: _round_trip(empty, span))


def _built(empty: Fresh, found: Findings) -> Result:
    empty.start()
    found.plan = empty.plan()
    ran = empty.up()
    found.changes = empty.changes()
    return Result("passed", f"{_count(ran, 'new revision')}, {_changed(found.changes)}")


def _changed(changes: tuple[Change, ...]) -> str:
    return f"{_count(len(changes), 'change')} of the schema"


def _models(empty: Fresh, book: Book) -> Result:
    try:
        found = empty.models()
    except ConfigurationError as error:
        return Result("skipped", error.message)
    if found.in_sync:
        return Result("passed", "they say what the revisions make")
    first = found.differences[0]
    said = f"{first.kind} {first.object} {first.detail}".strip()
    more = f", and {len(found.differences) - 1} more" if found.differences[1:] else ""
    book.remark(Note("error", f"the models say more than the revisions: {said}{more}"))
    return Result("failed", f"{_count(len(found.differences), 'difference')}: {said}")


def _round_trip(empty: Fresh, span: Range) -> Result:
    empty.round_trip()
    return Result("passed", f"{_count(len(span.new), 'revision')} down and up again")


def _lint(settings: Settings, base: str | None, found: Findings) -> Result:
    wish = linting.Wish(since=base) if base else linting.Wish(span=found.new[0])
    linted = found.linted = linting.lint(settings, wish)
    for one in linted.findings:
        said = f"{one.message}\n{one.fix}".strip()
        found.book.remark(Note(LEVELS[one.level], said, one.file, one.line, f"lint: {one.rule}"))
    errors, warnings, _ = worst(linted.findings)
    detail = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    return Result("failed" if errors else "warned" if warnings else "passed", detail)


def _rehearsal(settings: Settings, base: str | None, found: Findings, *, asked: bool) -> None:
    """On a copy of the database where the change is still to come."""
    if not asked and not _is_behind(settings):
        found.book.skip(
            "rehearsal",
            "the job's database has the revisions already: --rehearse ENV names another",
        )
        return
    found.book.step("rehearsal", lambda: _rehearsed(settings, base, found))


def _is_behind(settings: Settings) -> bool:
    try:
        look = place.look(settings)
    except (UnreachableError, ConfigurationError):
        return False
    return bool(look.at) and bool(graph.read(settings.project).pending(look.at))


def _rehearsed(settings: Settings, base: str | None, found: Findings) -> Result:
    done = found.rehearsal = rehearse(settings, Asked(app_at=base))
    outcome: Outcome = "passed" if done.verdict == "safe" else "failed"
    for one in done.revisions:
        for reason in one.reasons:
            file = relative(Path(one.file), settings.project.root)
            found.book.remark(Note("error", reason, file, 1, f"rehearsal: {one.verdict}"))
    return Result(outcome, "; ".join((done.verdict, *done.reasons[:1])))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
