"""What is known of a change as one page of Markdown."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dbctl.ci.findings import Findings
from dbctl.ci.model import CiStep, Outcome
from dbctl.database.change import Change
from dbctl.lint.model import Flaw
from dbctl.migrate.model import Planned
from dbctl.rehearse import markdown

# GitHub takes 65,536 characters in a comment, and a mebibyte in a summary.
LONGEST = 60_000
_SIGNS: dict[Outcome, str] = {
    "passed": "passed",
    "failed": "**FAILED**",
    "warned": "warning",
    "skipped": "skipped",
}


def page(found: Findings, base: str | None, root: Path) -> str:
    """The whole page, or what fits into a comment."""
    verdict = "passed" if found.book.passed else "failed"
    since = f" since `{_cell(base)}`" if base else ""
    parts = [
        f"## Database changes: {verdict}",
        f"{_revisions(found.new)}{since}.",
        _steps(found.book.steps),
        *_plan(found.plan),
        *_schema(found.changes),
        *_lint(found.linted.findings if found.linted else ()),
        *([markdown.text(found.rehearsal, root)] if found.rehearsal else []),
    ]
    return cut("\n\n".join(part.strip() for part in parts) + "\n")


def cut(text: str) -> str:
    """What fits into a comment; of a longer page the beginning, whole lines."""
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST].rpartition("\n")[0]
    fences = head.count("\n```") % 2
    closed = head.count("<details>") - head.count("</details>")
    end = "\n```" * fences + "\n\n</details>" * closed
    return f"{head}{end}\n\nCut here: the page has {len(text):,} characters.\n"


def _revisions(new: tuple[str, ...]) -> str:
    if not new:
        return "No new revision"
    return f"{len(new)} new {'revision' if len(new) == 1 else 'revisions'}"


def _steps(steps: Iterable[CiStep]) -> str:
    rows = (
        f"| {one.name} | {_SIGNS[one.outcome]} | {_cell(one.detail)} | {one.seconds:.1f} s |"
        for one in steps
    )
    return "\n".join(("| check | result | | |", "|---|---|---|--:|", *rows))


def _plan(plan: tuple[Planned, ...]) -> Iterator[str]:
    if not plan:
        return
    yield "### Plan"
    for one in plan:
        sql = f"```sql\n{_fenced(one.sql)}\n```" if one.sql else _cell(one.note)
        title = f"<code>{_cell(one.revision)}</code> {_cell(one.message)}"
        yield f"<details><summary>{title}</summary>\n\n{sql}\n\n</details>"


def _schema(changes: tuple[Change, ...]) -> Iterator[str]:
    if not changes:
        return
    yield "### Schema"
    rows = (f"{_MARKS[one.kind]} {_one(one)}" for one in changes)
    yield "```diff\n" + _fenced("\n".join(rows)) + "\n```"


_MARKS = {"added": "+", "removed": "-", "changed": "!"}


def _one(change: Change) -> str:
    if change.kind == "changed":
        return f"{change.object}: {change.before} -> {change.after}"
    return f"{change.object}: {change.after or change.before}".rstrip(": ")


def _lint(findings: tuple[Flaw, ...]) -> Iterator[str]:
    if not findings:
        return
    yield "### Lint"
    rows = (
        f"| {one.level} | `{_cell(one.file)}:{one.line}` | {one.rule} | {_cell(one.message)} |"
        for one in findings
    )
    yield "\n".join(("| level | where | rule | |", "|---|---|---|---|", *rows))


def _cell(text: str) -> str:
    """Text in a table: one line, and nothing of it is markup."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    return _html(line).replace("|", "\\|").replace("`", "'")


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fenced(text: str | None) -> str:
    """Text in a fence: no line of it closes the fence."""
    return (text or "").strip().replace("```", "` ` `")
