"""The page that `ci check` wrote last, for `ci report` in the next step: nothing is run twice."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from dbctl import inuse
from dbctl.errors import ProviderError
from dbctl.migrate import graph
from dbctl.project import Project

NOTE = "ci-report.json"


class Page(NamedTuple):
    """A page about a change, and whether the change passed."""

    markdown: str
    passed: bool


def keep(project: Project, base: str | None, page: Page) -> None:
    """Keep the page. Raises ProviderError when it cannot be written."""
    folder = project.root / inuse.FOLDER
    text = json.dumps({"key": _key(project, base), **page._asdict()})
    try:
        inuse.prepare(folder)
        spare = folder / f"{NOTE}.new"
        spare.write_text(text, encoding="utf-8")
        spare.replace(folder / NOTE)
    except OSError as error:
        raise ProviderError(f"cannot write {folder / NOTE}: {error.strerror}") from error


def kept(project: Project, base: str | None) -> Page | None:
    """The page about the same revisions against the same git ref; None when there is none."""
    path = project.root / inuse.FOLDER / NOTE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if found.pop("key", None) != _key(project, base):
        return None
    return Page(**found)


def _key(project: Project, base: str | None) -> str:
    """What the page depends on: the git ref and every revision file."""
    made = hashlib.sha256(f"{base}\0".encode("utf-8", "surrogateescape"))
    for path in _files(project):
        made.update(path.read_bytes() + b"\0")
    return made.hexdigest()


def _files(project: Project) -> list[Path]:
    return [one.file for one in graph.read(project).ordered]
