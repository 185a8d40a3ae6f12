"""Neon's own command, run against the stand-in: the judge of its faith."""

import os
import tempfile
from pathlib import Path

from tests import runner
from tests.neon.standin import StandIn
from tests.runner import Finished

# Read before the tests' environment is cleaned.
FOLDER = Path(os.environ.get("NEON_JUDGE_DIR") or Path(tempfile.gettempdir()) / "dbctl-neon-judge")
PROGRAM = FOLDER / "node_modules" / ".bin" / "neon"
MISSING = f"no `neon` in {FOLDER}: sh tests/neon/install_judge.sh (needs node and npm)"


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
