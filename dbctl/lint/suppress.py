"""Comments that answer for a finding: `# dbctl: ignore RULE -- reason`.

Behind a statement, or alone above it. Without a reason it answers for nothing, and is a finding.
"""

from collections.abc import Sequence

from dbctl.lint.model import Flaw
from dbctl.lint.source import Ignored, Source


def settled(source: Source, findings: Sequence[Flaw]) -> tuple[list[Flaw], int]:
    """The findings that nobody answered for, and how many somebody did."""
    if not source.ignored:
        return list(findings), 0
    kept = [one for one in findings if not any(_answers(c, one, source) for c in source.ignored)]
    return kept, len(findings) - len(kept)


def _answers(comment: Ignored, finding: Flaw, source: Source) -> bool:
    named = finding.rule in comment.rules or "all" in comment.rules
    if not (named and comment.reason) or finding.rule == "ignore-without-reason":
        return False
    start, end = source.statement(finding.line)
    if start <= comment.line <= end:
        return True
    return comment.alone and _leads(source, comment.line, start)


def _leads(source: Source, line: int, start: int) -> bool:
    """Whether only comments and empty lines are between a comment and the line `start`."""
    between = source.text.splitlines()[line : start - 1]
    return line < start and all(not one.strip() or one.strip()[0] == "#" for one in between)
