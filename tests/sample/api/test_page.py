"""docs/api.md says what the application is."""

import re
from pathlib import Path

from dbctl import Settings
from dbctl.sample.api.app import create_app
from dbctl.sample.api.limits import ACCOUNTS
from dbctl.sample.api.options import PREFIX, Options
from dbctl.sample.api.parameters import MOST
from tests.sample.api.conftest import API

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
ROUTE = re.compile(r"((?:[A-Z]+`?, `)*[A-Z]+) (/[\w/{}]*)`")


def written() -> set[tuple[str, str]]:
    """Every method and path of the page's table."""
    rows = "".join(re.findall(r"^\| (`[A-Z]+.*?) \|", PAGE, re.MULTILINE))
    return {
        (method, path)
        for methods, path in ROUTE.findall(rows)
        for method in re.findall(r"[A-Z]+", methods)
    }


def test_every_route_is_on_the_page_and_no_other() -> None:
    paths = create_app(Settings.load()).openapi()["paths"]
    assert written() == {
        (method.upper(), path.removeprefix(API))
        for path, methods in paths.items()
        for method in methods
    }


def test_every_option_is_on_the_page_with_its_default() -> None:
    rows = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| ?`?(\w*)`? \|", PAGE, re.MULTILINE))
    defaults = {name: field.default for name, field in Options.model_fields.items()}
    assert rows == {f"{PREFIX}{k.upper()}": str(v or "") for k, v in defaults.items()}


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    default = Options.model_validate({})
    assert (default.attempts_per_minute, ACCOUNTS, MOST) == (10, 5, 100)
    assert "ten attempts a minute" in PAGE
    assert "fifty for all accounts" in PAGE
    assert "`limit` (1 to 100)" in PAGE
    assert "(15 minutes)" in PAGE
    assert "(14 days)" in PAGE
