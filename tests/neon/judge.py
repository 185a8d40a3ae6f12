"""Neon's own command, run against the stand-in: the judge of its faith."""

import os
import tempfile
from pathlib import Path

import pytest

from tests import runner
from tests.neon.standin import StandIn
from tests.runner import Finished

# Read before the tests' environment is cleaned.
FOLDER = Path(os.environ.get("NEON_JUDGE_DIR") or Path(tempfile.gettempdir()) / "dbctl-neon-judge")
PROGRAM = FOLDER / "node_modules" / ".bin" / "neon"
ON_CI = os.environ.get("CI", "").lower() == "true"
MISSING = f"no `neon` in {FOLDER}: sh tests/neon/install_judge.sh (needs node and npm)"


def skip_without() -> None:
    """Skip the module that calls this at its top, in one line; CI goes on, and fails."""
    if not PROGRAM.exists() and not ON_CI:
        pytest.skip(MISSING, allow_module_level=True)


class Judge:
    """Runs `neon` with the stand-in as its API."""

    def __init__(self, neon: StandIn) -> None:
        self._env = {
            "NEON_API_KEY": neon.key,
            "NEON_API_HOST": neon.host,
            "NO_UPDATE_NOTIFIER": "1",
        }
        self._project = neon.project_id

    def __call__(self, *args: str, code: int = 0) -> Finished:
        """Run a command on the stand-in's project; it must exit with `code`."""
        project = [] if args[0] == "projects" else ["--project-id", self._project]
        options = [*project, "--no-analytics", "--no-color", "--output", "json"]
        command = [str(PROGRAM), *args, *options]
        done = runner.run(command, env=self._env)
        assert done.code == code, f"neon {' '.join(args)}: {done}"
        return done
