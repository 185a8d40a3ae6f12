"""HTML for the pages of dbctl's own: everything is escaped, nothing comes from elsewhere."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

HIDING = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def folder(name: str) -> Path:
    """A folder that comes with this package: templates, assets."""
    return Path(__file__).parent / name


@cache
def environment() -> Environment:
    """The templates; a name that is not given is an error, and values are always escaped."""
    made = Environment(
        loader=PackageLoader("dbctl.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["milliseconds"] = lambda seconds: f"{seconds * 1000:,.0f} ms"
    return made


@cache
def _styled() -> tuple[str, str]:
    """The stylesheet, and the hash by which the policy knows it."""
    sheet = (folder("templates") / "home.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return sheet, digest


def drawn(name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A page of ours. Its policy lets the browser load nothing but its own style."""
    sheet, digest = _styled()
    body = environment().get_template(name).render(**values, style=sheet)
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(body, status, headers={**HIDING, "Content-Security-Policy": policy})
