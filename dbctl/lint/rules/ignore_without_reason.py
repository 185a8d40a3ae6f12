"""A comment silences a rule and does not say why.

It silences nothing until it does; nor does one that names no rule there is.

    op.drop_column("users", "fax")  # dbctl: ignore drop-column -- out of the models since 4.2

Source: docs/lint.md (answering for a finding)
"""

from collections.abc import Iterator

from dbctl.lint.model import Level
from dbctl.lint.seen import Problem, Seen

LEVEL: Level = "warning"
DIALECTS: tuple[str, ...] = ()


def check(seen: Seen) -> Iterator[Problem]:
    """Comments without a reason, or with a name that is no rule's."""
    from dbctl.lint.registry import NAMES

    for one in seen.source.ignored:
        unknown = [name for name in one.rules if name not in (*NAMES, "all") and "/" not in name]
        if unknown:
            yield Problem(
                f"there is no rule {', '.join(unknown)}", "see docs/lint.md", line=one.line
            )
        if not one.reason:
            rules = ", ".join(one.rules)
            yield Problem(
                f"{rules} is silenced without a reason, so it is not silenced",
                f"# dbctl: ignore {rules} -- REASON",
                line=one.line,
            )
