"""Every rule is registered, documented, and on the page."""

import inspect
from pathlib import Path

import pytest

from dbctl.lint import rules
from dbctl.lint.registry import NAMES, RULES, name_of
from dbctl.lint.seen import Rule
from tests.docs import lint_page


def test_the_page_is_what_the_rules_say() -> None:
    """Else: python -m tests.docs.lint_page."""
    assert lint_page.PAGE.read_text(encoding="utf-8") == lint_page.page()


def test_every_file_is_registered() -> None:
    """A rule that is in no tuple is asked by nobody."""
    folder = Path(rules.__file__).parent
    files = {one.stem.replace("_", "-") for one in folder.glob("*.py")} - {"--init--"}
    assert files == set(NAMES)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_says_what_where_and_whence(rule: Rule) -> None:
    """A title in one line, and a source."""
    text = inspect.cleandoc(rule.__doc__ or "")
    assert text.splitlines()[0].endswith("."), name_of(rule)
    assert "\nSource: " in text
