"""Whether the code at another git reference still works on the migrated copy.

Its files are taken out of git into a folder of their own, and its models are imported by another
process there: what this process has imported stays what it is.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from dbctl import git
from dbctl.database.server import address
from dbctl.errors import ConfigurationError, ProviderError, UsageError
from dbctl.rehearse.model import AppCheck, Break
from dbctl.settings import Settings

LIMIT = 300.0  # seconds for importing and trying every model
_MODULE = "dbctl.rehearse.tryout"


def check(copy: Settings, ref: str) -> AppCheck:
    """Select, insert and update on every mapped table of the models at `ref`; rolled back.

    Raises UsageError for a reference that git does not know, ConfigurationError without models.
    """
    root = copy.project.root
    with tempfile.TemporaryDirectory(prefix="dbctl_app_") as folder:
        home = Path(folder)
        prefix = _extracted(root, ref, home)
        said = _asked(copy, home / prefix)
    if "error" in said:
        return AppCheck(ref, 0, (Break("", "", "import", str(said["error"])),))
    breaks = tuple(Break(**one) for one in said["breaks"])
    return AppCheck(ref, int(said["tables"]), breaks)


def require_ref(root: Path, ref: str) -> None:
    """Raises UsageError before anything is copied, when git does not know the reference."""
    unknown = UsageError(f"git knows no {ref!r} here", hint="name a branch, a tag or a commit")
    if ref.startswith("-"):
        raise unknown
    try:
        git.output(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except git.NoGitError:
        raise ConfigurationError("git is not installed", hint="--app-at needs it") from None
    except git.GitError:
        raise unknown from None


def _extracted(root: Path, ref: str, home: Path) -> str:
    """Write the files at `ref` below `home`; where the project is among them."""
    try:
        prefix = git.text(root, "rev-parse", "--show-prefix", errors="surrogateescape").strip()
        archive = git.output(root / _up(prefix), "archive", "--format=tar", ref, limit=LIMIT)
    except git.GitError as error:
        raise ProviderError(f"git cannot take out {ref!r}: {error}") from None
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(home, filter="data")
    return prefix


def _up(prefix: str) -> str:
    return "/".join([".."] * prefix.strip().count("/")) or "."


def _asked(copy: Settings, home: Path) -> dict[str, Any]:
    """What the other process found. The URL goes through its input: nobody else can read it."""
    order = {"url": address(copy).text, "root": str(home), "metadata": copy.metadata}
    house = str(Path(__file__).parent.parent.parent)
    before = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([house, *([before] if before else [])])
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", _MODULE],
        input=json.dumps(order),
        cwd=home,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=LIMIT,
    )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return {"error": last}
    found: dict[str, Any] = json.loads(lines[-1])
    return found
