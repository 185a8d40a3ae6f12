"""What a rule says of itself: its docstring."""

import inspect

from dbctl.errors import UsageError
from dbctl.lint.model import Explained
from dbctl.lint.registry import NAMES, RULES, name_of


def explained(name: str) -> Explained:
    """The documentation of one rule. Raises UsageError when there is no such rule."""
    import difflib

    for rule in RULES:
        if name_of(rule) == name.replace("_", "-"):
            text = inspect.cleandoc(rule.__doc__ or "")
            return Explained(name_of(rule), rule.LEVEL, rule.DIALECTS, text)
    near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.4)
    raise UsageError(
        f"there is no rule {name!r}",
        hint=f"did you mean {near[0]}?" if near else "docs/lint.md lists them",
    )
