"""Show what is known of a change where people read it: the step's summary, a comment."""

from pathlib import Path

from dbctl.ci import check, shelf
from dbctl.ci.model import CiReport
from dbctl.ci.runner import Runner
from dbctl.errors import ProviderError
from dbctl.settings import Settings

MARK = "<!-- dbctl ci report -->"  # by which the one comment of a request is found again


def report(
    settings: Settings,
    runner: Runner,
    *,
    against: str | None = None,
    rehearsed: Settings | None = None,
    body: Path | None = None,
) -> CiReport:
    """Write the page of the last check, which is made now if the revisions are others.

    Raises ProviderError when a file cannot be written.
    """
    base = against or runner.target
    found = shelf.kept(settings.project, base)
    if found is None:
        check.check(settings, runner, against=against, rehearsed=rehearsed)
        found = shelf.kept(settings.project, base) or shelf.Page("", passed=False)
    files = [where] if (where := runner.summarise(found.markdown)) else []
    if body:
        _write(body, f"{MARK}\n{found.markdown}")
        files.append(str(body))
    return CiReport(runner.name, found.passed, found.markdown, tuple(files))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise ProviderError(f"cannot write {path}: {error.strerror}") from error
