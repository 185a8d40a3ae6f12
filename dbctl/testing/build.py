"""Makes a template: `dbctl up` in a process of its own, so that no test sees what it imports."""

import os
import subprocess
import sys

from dbctl.database.url import Url
from dbctl.errors import ConfigurationError
from dbctl.testing.wish import ENV, Wish

LIMIT = 1800.0  # seconds
# They say which database is worked with, and this is another one.
MISLEADING = ("NEON_BRANCH", "DBCTL_NEON_BRANCH", "DBCTL_ALLOW_DESTRUCTIVE")


def build(wish: Wish, url: Url) -> None:
    """Create the database at `url`, migrate it, and seed it if that was wished.

    Raises ConfigurationError with what the command said when it fails.
    """
    words = [sys.executable, "-m", "dbctl", "--quiet", "up", "--lock-wait", "60"]
    words.append("--seed" if wish.seed else "--no-seed")
    if wish.from_models:
        words.append("--from-models")
    done = subprocess.run(  # noqa: S603 - the words are ours
        words,
        cwd=wish.root,
        env=_environment(wish, url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=LIMIT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise ConfigurationError(
            f"the template database cannot be made: {done.stderr.strip()}",
            hint=f"`dbctl up --env {ENV}` on a new database would say the same",
        )


def _environment(wish: Wish, url: Url) -> dict[str, str]:
    """The run's own environment, with the URL in it: a command line is for all to read."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    config = {"DBCTL_CONFIG": str(wish.named_config)} if wish.named_config else {}
    # What pytest put on the path of imports, the project's revisions may need too.
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, **config, "PYTHONPATH": path, "DBCTL_URL": url.text, "DBCTL_ENV": ENV}
