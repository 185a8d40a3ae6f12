"""The folder of snapshots: one folder each, made under another name and renamed when it is whole.

What is in a snapshot is its provider's affair; here are names, manifests and checksums of files.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from errno import EEXIST, ENOSPC, ENOTEMPTY
from itertools import chain, count
from pathlib import Path
from typing import Any
from uuid import uuid4

from dbctl.errors import DamagedError, NotFoundError, ProviderError, TakenError, UsageError
from dbctl.settings import Settings
from dbctl.snapshot.model import (
    Content,
    Discrepancy,
    FileState,
    Manifest,
    Origin,
    Rest,
    TableState,
)

MANIFEST = "manifest.json"
PARTIAL, LOCK = ".partial", "lock"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
FOLDER_MODE, FILE_MODE = 0o700, 0o600

log = logging.getLogger("dbctl.snapshot")


@dataclass(frozen=True)
class Draft:
    """A snapshot on its way; as long as `lock` is open it is somebody's."""

    path: Path
    lock: int


def folder(settings: Settings) -> Path:
    """Where the project's snapshots are; it may have to be made."""
    return settings.project.root / settings.snapshots


def named(name: str | None, settings: Settings) -> str:
    """A name for a new snapshot. Raises UsageError for one that is no file name everywhere."""
    if name is None:
        moment = f"{settings.env}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        taken = names(folder(settings))
        more = (f"{moment}-{number}" for number in count(2))
        return next(one for one in chain([moment], more) if one not in taken)
    if not NAME.fullmatch(name) or name.endswith(PARTIAL):
        raise UsageError(
            f"{name!r} is no name for a snapshot",
            hint="letters, digits, and - _ . behind the first of them",
        )
    return name


@contextmanager
def draft(home: Path, name: str) -> Iterator[Draft]:
    """A new folder for a snapshot, removed again unless `publish` renamed it.

    Raises TakenError, and ProviderError where the disk is full or may not be written.
    """
    with writing(home):
        _prepare(home)
        if (home / name).exists():
            raise _taken(name)
        path = home / f"{name}.{uuid4().hex[:8]}{PARTIAL}"
        lock = None
        try:
            path.mkdir(mode=FOLDER_MODE)
            lock = hold(path / LOCK)
            yield Draft(path, lock)
        finally:
            shutil.rmtree(path, ignore_errors=True)
            if lock is not None:
                os.close(lock)


def _prepare(home: Path) -> None:
    """Make the folder, which git leaves alone and nobody else may read."""
    home.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    ignore = home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def hold(path: Path) -> int:
    """A descriptor that holds the lock on a file, for as long as it or a child's copy is open."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    with suppress(ImportError):
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def is_held(path: Path) -> bool:
    """Whether somebody works on what this file stands for; without locks nobody knows."""
    try:
        import fcntl

        lock = os.open(path, os.O_RDWR)
    except (ImportError, OSError):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Say in one line that the disk is full or may not be written. Raises ProviderError."""
    try:
        yield
    except OSError as error:
        full = error.errno == ENOSPC
        reason = "no space left on the disk" if full else error.strerror or str(error)
        raise ProviderError(f"cannot write to {home}: {reason}", hint=_advice(full)) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise
        raise ProviderError(f"cannot write to {home}: {error}", hint=_advice(True)) from error


def _advice(full: bool) -> str:
    return "make room, and run again" if full else "`snapshots` of the settings names the folder"


def publish(made: Draft, manifest: Manifest) -> Path:
    """Give a whole snapshot its name: from here on it is there. Raises TakenError."""
    _write(made.path / MANIFEST, _dumped(manifest))
    target = made.path.with_name(manifest.name)
    (made.path / LOCK).unlink()
    _sync(made.path)
    try:
        made.path.rename(target)
    except OSError as error:
        if error.errno not in (ENOTEMPTY, EEXIST):
            raise
        raise _taken(manifest.name) from None
    _sync(target.parent)
    return target


def _taken(name: str) -> TakenError:
    return TakenError(
        f"there is a snapshot {name!r} already",
        hint="choose another name, or `dbctl snapshot delete` it",
    )


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _sync(path: Path) -> None:
    """Make names in a folder last; where folders cannot be synced the system does without."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def measured(path: Path) -> tuple[FileState, ...]:
    """Every file of a snapshot but manifest and lock, with its checksum, on the disk for good."""
    files = sorted(one for one in path.rglob("*") if one.is_file())
    kept = [one for one in files if one.relative_to(path).parts not in ((MANIFEST,), (LOCK,))]
    return tuple(_measured(one, one.relative_to(path).as_posix()) for one in kept)


def _measured(path: Path, name: str) -> FileState:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        with suppress(OSError):
            os.fsync(file.fileno())
    return FileState(name, path.stat().st_size, found)


def damage(home: Path, found: Manifest) -> tuple[Discrepancy, ...]:
    """How the files of a snapshot differ from its manifest, () when they do not."""
    there = {one.name: one for one in measured(home / found.name)}
    return tuple(
        Discrepancy("file", one.name, _said(one), _said(there.get(one.name)))
        for one in found.files
        if there.get(one.name) != one
    )


def _said(file: FileState | None) -> str:
    return f"{file.bytes} bytes, sha256 {file.sha256[:16]}" if file else "is missing"


def _dumped(manifest: Manifest) -> str:
    said = asdict(manifest)
    said["created"] = manifest.created.astimezone(UTC).isoformat().replace("+00:00", "Z")
    said |= {"bytes": manifest.bytes, "rows": manifest.rows}
    return json.dumps({**said, "seal": _seal(said)}, indent=1, ensure_ascii=False) + "\n"


def _seal(said: dict[str, Any]) -> str:
    """A checksum of the manifest itself, so that a changed number in it is noticed."""
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(home: Path, name: str) -> Manifest:
    """The manifest of a snapshot. Raises NotFoundError; DamagedError for one that is damaged."""
    if not NAME.fullmatch(name) or name.endswith(PARTIAL) or not (home / name).is_dir():
        raise NotFoundError(f"there is no snapshot {name!r}", hint="see `dbctl snapshot list`")
    path = home / name / MANIFEST
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        genuine = said.pop("seal") == _seal(said)
        found = _manifest({**said, "name": name})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, type(error).__name__) from None
    if not genuine:
        raise _damaged(path, "its own checksum does not fit")
    return found


def _damaged(path: Path, why: str) -> DamagedError:
    return DamagedError(
        f"{path} is damaged ({why})", hint="`dbctl snapshot delete` removes such a snapshot"
    )


def _manifest(said: dict[str, Any]) -> Manifest:
    content, origin = said["content"], said["origin"]
    tables = {name: TableState(**one) for name, one in content.pop("tables").items()}
    return Manifest(
        said["name"],
        said["provider"],
        datetime.fromisoformat(said["created"]),
        Origin(**{**origin, "revision": tuple(origin["revision"])}),
        Content(**content, tables=tables),
        tuple(FileState(**one) for one in said["files"]),
    )


def names(home: Path) -> tuple[str, ...]:
    """The snapshots that are there, damaged ones too."""
    found = (one for one in home.glob("*") if one.is_dir()) if home.is_dir() else ()
    return tuple(sorted(one.name for one in found if not one.name.endswith(PARTIAL)))


def drafts(home: Path) -> tuple[Rest, ...]:
    """What killed commands left behind in the folder, and what running ones work on."""
    found = home.glob(f"*{PARTIAL}") if home.is_dir() else ()
    return tuple(
        Rest(one.name, "draft", _made(one), size(one), is_held(one / LOCK)) for one in sorted(found)
    )


def _made(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def size(path: Path) -> int:
    """The bytes of a folder's files; one that goes away meanwhile counts nothing."""
    total = 0
    for one in path.rglob("*"):
        with suppress(OSError):
            total += one.stat().st_size if one.is_file() else 0
    return total


def remove(home: Path, name: str) -> bool:
    """Delete a snapshot or a draft; False when it is not there.

    It is renamed first: what a kill leaves of it is a leftover, never half a snapshot.
    """
    path = home / name
    if not path.is_dir():
        return False
    if not name.endswith(PARTIAL):
        doomed = home / f"{name}.{uuid4().hex[:8]}{PARTIAL}"
        path = path.rename(doomed)
    shutil.rmtree(path)
    return True
