"""The pages in a real browser, with every way out of the machine closed.

`SCREENSHOTS=DIR` keeps a picture of each page, light and dark, wide and narrow.
"""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests import runner
from tests.conftest import ON_CI
from tests.web.project import serving

PASSWORD = "correct horse battery staple"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ABSENT = "no browser: apt-get install chromium, pip install playwright"
CHECKOUT = Path(__file__).parents[2]
PICTURES = os.environ.get("SCREENSHOTS")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def base(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sample, served by `dbctl serve` on a database with a superuser."""
    file = shutil.copy(sample_file, tmp_path_factory.mktemp("served") / "sample.db")
    url = ("--url", f"sqlite:///{file}")
    user = ("users", "create", "--username", "root", "--email", "root@example.com", "--superuser")
    done = runner.dbctl(*url, *user, "--password-stdin", cwd=CHECKOUT, stdin=PASSWORD)
    assert done.code == 0, str(done)
    with serving(*url, cwd=CHECKOUT) as running:
        yield running.base


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium without a window."""
    if CHROMIUM is None or find_spec("playwright") is None:
        (pytest.fail if ON_CI else pytest.skip)(ABSENT)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


class Visit:
    """A page in a browser that reaches this server and nothing else; `faults` must stay empty."""

    def __init__(self, context: Any, base: str) -> None:
        self.base = base
        self.faults: list[str] = []
        context.route("**/*", self._let)
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _let(self, route: Any) -> None:
        if route.request.url.startswith((f"{self.base}/", "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"asked {route.request.url}")
            route.abort()

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def open(self, path: str) -> Any:
        """Go there."""
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self) -> None:
        """As the superuser, by the form that the admin shows."""
        self.open("/admin/")
        self.page.fill("#username", "root")
        self.page.fill("#password", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_url("**/admin/")


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Any, base: str) -> Iterator[Visit]:
    """A visit with a wide window, in light surroundings unless a test says dark."""
    context = browser.new_context(color_scheme=getattr(request, "param", "light"), viewport=WIDE)
    made = Visit(context, base)
    yield made
    context.close()
    assert made.faults == []


def picture(visit: Visit, name: str) -> None:
    """Keep how the page looks, wide and narrow, when somebody wants to see it."""
    if PICTURES is None:
        return
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            visit.page.set_viewport_size(size)
            file = Path(PICTURES) / f"{name}-{scheme}-{width}.png"
            visit.page.screenshot(path=file, full_page=name == "home")
    visit.page.set_viewport_size(WIDE)


def shade(page: Any) -> int:
    """How light the page's background is, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(colour.removeprefix("rgb(").split(",")[0])


@pytest.mark.parametrize("visit", ["light", "dark"], indirect=True)
def test_the_home_page_is_drawn_as_the_readers_system_is(visit: Visit) -> None:
    page = visit.open("/")
    assert page.locator("section h2").all_text_contents()[:2] == ["Database", "Tables 7"]
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert (shade(page) < 100) == dark
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(visit, "home")


def test_the_home_page_fits_a_telephone(visit: Visit) -> None:
    visit.page.set_viewport_size(NARROW)
    page = visit.open("/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_superuser_signs_in_and_browses_users(visit: Visit) -> None:
    visit.sign_in()
    picture(visit, "admin")
    visit.page.click("text=Users >> nth=0")
    visit.page.wait_for_selector("text=mireille@example.org")
    assert visit.page.locator("tbody tr").count() == 9
    assert "argon2" not in visit.page.content()
    picture(visit, "users")
    visit.page.click("tbody tr >> nth=0")
    visit.page.wait_for_selector("text=Mireille Dubois")
    picture(visit, "user")


def test_the_api_is_documented_with_the_network_closed(visit: Visit) -> None:
    page = visit.open("/docs")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() > 20
    picture(visit, "docs")
    page = visit.open("/redoc")
    page.wait_for_selector("text=Response samples")
    picture(visit, "redoc")


def test_an_operation_can_be_tried_from_the_documentation(visit: Visit) -> None:
    page = visit.open("/docs")
    page.click("#operations-health-health_health")
    page.click("text=Execute")
    page.wait_for_selector(".live-responses-table >> text=ok")
