"""Any request of the API, for what has no command: `dbctl neon api`."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from dbctl.errors import UsageError
from dbctl.neon.client import Neon
from dbctl.neon.words import Verbatim

SECRET = re.compile(r"password|secret|token|api_key|^key$", re.IGNORECASE)
LOGIN = re.compile(r"(://[^\s:/@]*:)[^\s@]*@")
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
WITHOUT_BODY = ("GET", "DELETE")


def fields(pairs: list[str]) -> dict[str, Any]:
    """`name=value` pairs; `branch.name=x` is a name inside another. Raises UsageError.

    Values are JSON where they can be read as such (true, 3, null), else text.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--field {pair!r} has no name or no =", hint="write --field name=x")
        *outer, last = name.split(".")
        inside = found
        for part in outer:
            inside = inside.setdefault(part, {})
            if not isinstance(inside, dict):
                raise UsageError(f"--field {name}: {part} is a value already", hint="name it once")
        inside[last] = _value(value)
    return found


def _value(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except ValueError:
        return text


def body(pairs: list[str], file: Path | None) -> Any:  # noqa: ANN401 - JSON
    """What the request holds, None for nothing. Raises UsageError."""
    if pairs and file:
        raise UsageError("--field and --input say the same twice", hint="leave one out")
    return document(file) if file else fields(pairs) or None


def document(file: Path) -> Any:  # noqa: ANN401 - JSON
    """The JSON in a file, or on stdin for `-`. Raises UsageError."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--input {file} cannot be read as JSON: {type(error).__name__}",
            hint="a file with one JSON document, or - for stdin",
        ) from None


async def call(neon: Neon, method: str, path: str, body: Any, *, reveal: bool) -> Verbatim:  # noqa: ANN401 - JSON
    """Send one request; `{project_id}` in the path is the project. Secrets of the answer are `***`.

    Raises UsageError for a method or a path that is none.
    """
    method = method.upper()
    if method not in METHODS:
        raise UsageError(f"{method} is no method", hint=f"one of {', '.join(METHODS)}")
    if not path.startswith("/") or path.startswith("//"):
        raise UsageError(
            f"{path!r} is no path of the API", hint="write /projects/{project_id}/branches"
        )
    if "{project_id}" in path:
        path = path.replace("{project_id}", await neon.project())
    answer = await (
        neon.api.send(method, path, parameters=_query(body) or None)
        if method in WITHOUT_BODY
        else neon.api.send(method, path, body=body)
    )
    shown = answer if reveal else masked(answer)
    return Verbatim(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")


def _query(body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if body is not None and not isinstance(body, dict):
        raise UsageError("a GET takes names and values only", hint="--field name=value")
    return body or {}


def masked(value: Any, name: str = "") -> Any:  # noqa: ANN401 - JSON
    """The same JSON with `***` for every password and token in it."""
    if isinstance(value, dict):
        return {key: masked(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, name) for one in value]
    if not isinstance(value, str):
        return value
    return "***" if SECRET.search(name) and value else LOGIN.sub(r"\1***@", value)
