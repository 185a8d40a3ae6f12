"""Whose account, which project, which branch: settings, and the file `.neon` behind them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dbctl.database.url import LOOPBACK
from dbctl.errors import ConfigurationError
from dbctl.settings import Settings

FILE = ".neon"


@dataclass(frozen=True)
class Access:
    """How to reach the API and what is meant there; "" is not said."""

    host: str
    key: str = field(repr=False)
    organisation: str = ""
    project: str = ""
    branch: str = ""


def access(settings: Settings, project: str | None = None, cwd: Path | None = None) -> Access:
    """What a command needs. `project` is a flag, which wins over settings and file.

    Raises ConfigurationError without a key, or with a host to which it must not be sent.
    """
    file = written(cwd or Path.cwd())
    key = settings.neon_api_key.get_secret_value() if settings.neon_api_key else ""
    if not key:
        raise ConfigurationError(
            "no key for Neon's API", hint="set NEON_API_KEY; keys are made in Neon's console"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError(
            "NEON_API_KEY is not a key: it holds other signs than letters, digits, - and _",
            hint="copy it again, without spaces and line ends",
        )
    return Access(
        host=_host(settings.neon_api_host),
        key=key,
        organisation=file.get("orgId", ""),
        project=project or settings.neon_project_id or file.get("projectId", ""),
        branch=settings.neon_branch or file.get("branch", ""),
    )


def _host(said: str) -> str:
    """The API's address. Raises ConfigurationError for one that would make the key public."""
    parts = urlsplit(said if "://" in said else f"https://{said}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            "NEON_API_HOST is no address", hint="write https://console.neon.tech/api/v2"
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigurationError(
            f"NEON_API_HOST is http://{parts.hostname}: anybody on the way could read the key",
            hint="write https://",
        )
    return parts.geturl().rstrip("/")


def written(start: Path) -> dict[str, str]:
    """What the nearest `.neon` file says, {} where there is none. Raises ConfigurationError."""
    found = next((one for one in _upward(start) if one.is_file()), None)
    if found is None:
        return {}
    try:
        said: Any = json.loads(found.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot read {found}: {type(error).__name__}",
            hint='write {"projectId": "...", "branch": "..."}, or remove the file',
        ) from None
    if not isinstance(said, dict):
        raise ConfigurationError(f"{found} is not a JSON object", hint="mend or remove it")
    return {name: value for name, value in said.items() if isinstance(value, str)}


def _upward(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        yield folder / FILE
