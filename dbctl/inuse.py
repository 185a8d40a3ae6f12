"""Which branch of the database the project's commands act on, by environment: a small file.

It lies in a folder that git does not look into, and no secret is in it. What it means for a URL is
in database/using.py.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dbctl.errors import ConfigurationError, ProviderError

FOLDER, FILE = ".dbctl", "branch.json"
SOURCE = f"{FOLDER}/{FILE}"


class InUse(NamedTuple):
    """A branch: its name, its URL without a password, and that of the database it comes from."""

    name: str
    url: str
    main: str


def read(root: Path, env: str) -> InUse | None:
    """The branch that is in use in an environment. Raises ConfigurationError for a broken file."""
    found = _entries(root).get(env)
    if found is None:
        return None
    try:
        return InUse(**found)
    except TypeError:
        raise _broken(root) from None


def write(root: Path, env: str, used: InUse | None) -> bool:
    """Remember the branch, or with None that there is none; False when it already was so."""
    entries = dict(_entries(root))
    before = entries.pop(env, None)
    if used:
        entries[env] = used._asdict()
    if entries.get(env) == before:
        return False
    path = root / SOURCE
    try:
        prepare(path.parent)
        spare = path.with_suffix(".new")
        spare.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
        spare.replace(path)
    except OSError as error:
        raise ProviderError(f"cannot write {path}: {error.strerror}") from error
    return True


def prepare(folder: Path) -> None:
    """Make the folder; git leaves it out."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _entries(root: Path) -> Mapping[str, Any]:
    path = root / SOURCE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _broken(root) from None
    if not isinstance(found, dict):
        raise _broken(root)
    return found


def _broken(root: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{root / SOURCE} cannot be read", hint="remove it: it only says which branch is in use"
    )
