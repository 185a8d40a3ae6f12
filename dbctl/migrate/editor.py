"""Open a revision's file in the user's editor."""

import os
import shlex
import shutil
import subprocess

from dbctl.errors import ConfigurationError, ProviderError
from dbctl.migrate import read
from dbctl.settings import Settings

USUAL = ("sensible-editor", "nano", "vi", "notepad")


def edit(settings: Settings, revision: str) -> None:
    """Wait until the editor is closed. Raises ProviderError when it fails."""
    files = [one.file for one in read.show(settings, revision).revisions]
    command = [*_editor(), *files]
    try:
        ended = subprocess.run(command, check=False)  # noqa: S603 - the user's own editor
    except OSError as error:
        raise ProviderError(f"cannot start {command[0]}: {error.strerror}") from error
    if ended.returncode:
        raise ProviderError(f"{command[0]} ended with exit {ended.returncode}")


def _editor() -> list[str]:
    """What $VISUAL or $EDITOR says, else the first usual one that is installed."""
    said = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if said:
        return shlex.split(said)
    for name in USUAL:
        if found := shutil.which(name):
            return [found]
    raise ConfigurationError("there is no editor", hint="set EDITOR")
