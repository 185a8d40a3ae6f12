"""A failed step says its one cause beside the line that is to blame."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbctl.ci.model import Note
from dbctl.ci.runner import Runner
from dbctl.errors import DbctlError
from dbctl.project import Project

# "see migrations/versions/x.py:12", "seeds/users.csv:3:7 ..."; the line may be missing.
_PLACE = re.compile(
    r"(?P<file>[^\s:'\"`(]+\.(?:py|csv|json|jsonl|ya?ml|sql|toml|ini))(?::(?P<line>\d+))?"
)


@contextmanager
def annotated(runner: Runner, project: Project) -> Iterator[None]:
    """Show what goes wrong in the block to whoever reads the change, and let it go on."""
    try:
        yield
    except DbctlError as error:
        runner.annotate(note(error, project))
        raise


def note(error: DbctlError, project: Project) -> Note:
    """The error as a remark about the line that its text names."""
    file, line = _place(error, project)
    hint = f"\nhint: {error.hint}" if error.hint else ""
    title = f"dbctl: {error.kind.replace('_', ' ')}"
    return Note("error", f"{error.message}{hint}", file, line, title)


def _place(error: DbctlError, project: Project) -> tuple[str | None, int | None]:
    """The first file that the hint or the message names, as it is called in the repository."""
    for text in (error.hint, error.message):
        for found in _PLACE.finditer(text):
            path = (project.root / found["file"]).resolve()
            if path.is_file():
                return relative(path, project.root), int(found["line"]) if found["line"] else None
    return None, None


def relative(path: Path, root: Path) -> str:
    """How a file is called in the repository that holds it; pages of a change name files so."""
    top = next((one for one in (root, *root.parents) if (one / ".git").exists()), root)
    try:
        return path.resolve().relative_to(top.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
