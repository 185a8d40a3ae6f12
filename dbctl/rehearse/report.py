"""A rehearsal as a file: Markdown for a pull request, one page of HTML, or JSON."""

import dataclasses
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from dbctl.errors import ProviderError, UsageError
from dbctl.rehearse.model import Rehearsal

FORMATS = {
    ".md": "dbctl.rehearse.markdown",
    ".html": "dbctl.rehearse.page",
    ".json": "dbctl.rehearse.report",
}


def require_format(path: Path | None) -> None:
    """Raises UsageError for a file whose ending says nothing, before anything is done."""
    if path is None:
        return
    if path.suffix not in FORMATS:
        raise UsageError(
            f"{path.name}: no report is written in {path.suffix or 'a file without an ending'}",
            hint=f"the file ends in {', '.join(FORMATS)}",
        )
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.absolute().parent}", hint="make it first")


def written(found: Rehearsal, path: Path | None, root: Path) -> Rehearsal:
    """Write the report where one was asked for; `root` is where paths in it start."""
    if path is None:
        return found
    text: Callable[[Rehearsal, Path], str] = import_module(FORMATS[path.suffix]).text
    try:
        path.write_text(text(found, root), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ProviderError(f"cannot write {path}: {error.strerror}") from error
    return dataclasses.replace(found, report=str(path))


def text(found: Rehearsal, _root: Path) -> str:
    """The document that `--json` prints."""
    return json.dumps(_plain(found), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON's types
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {one.name.removesuffix("_"): _plain(getattr(value, one.name)) for one in fields}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
