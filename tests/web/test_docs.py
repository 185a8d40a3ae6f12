"""The API's documentation, with every file served from here."""

import re

import pytest

from tests.web.conftest import Visitor

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_asks_only_this_server(path: str, on_file: Visitor) -> None:
    page = await on_file.get(path)
    assert page.status_code == 200
    places = re.findall(r'(?:src|href|data-openapi|spec-url)="([^"]+)"', page.text)
    assert "/openapi.json" in places
    for place in places:
        found = await on_file.get(place)
        assert found.status_code == 200, place
    assert "script-src 'self';" in page.headers["content-security-policy"]


async def test_assets_may_be_kept_and_pages_not(on_file: Visitor) -> None:
    assert "max-age" in (await on_file.get("/_assets/docs.js")).headers["cache-control"]
    assert (await on_file.get("/docs")).headers["cache-control"] == "no-store"


async def test_redocs_script_names_no_logo_elsewhere(on_file: Visitor) -> None:
    script = (await on_file.get("/_assets/redoc.standalone.js")).text
    assert "cdn.redoc.ly" not in script
