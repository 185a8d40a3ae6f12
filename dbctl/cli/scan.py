"""Names for shell completion, out of the project's files: read as bytes, never run or imported.

However many and large they are, the scan ends: by number, by bytes, and by the clock.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dbctl import project
from dbctl.project import Project

Candidate = tuple[str, str]
# Its summary, the kinds of its arguments, its options: as in words.py.
Command = tuple[str, tuple[str, ...], dict[str, tuple[str, str]]]
FILES_AT_MOST = 5000
BYTES_AT_MOST = 32_000_000
HEADER_BYTES = 8192
FILE_BYTES = 1_000_000
# Where no model of the project is: installed packages, built files, and the made-up ones of tests.
SKIPPED = {"__pycache__", "build", "dist", "node_modules", "site-packages", "test", "tests"}


class _Late(Exception):  # noqa: N818 - ends the scan, nothing else
    """The time is over."""


def found(kind: str, said: dict[str, str], *, seconds: float) -> list[Candidate]:
    """The names of one kind (env, revision, table), until time or a bad file ends it."""
    names: list[Candidate] = []
    with suppress(Exception), _limited(seconds):
        for candidate in _SOURCES[kind](_project(said)):
            names.append(candidate)  # one by one: what is there stays when time is over
    return names


def commands(said: dict[str, str], word: str, *, seconds: float) -> dict[str, Command]:
    """A word that the project adds, and the verbs below it as its source says; {} without one."""
    with suppress(Exception), _limited(seconds):
        from dbctl.cli import guestscan

        return guestscan.commands(_project(said), word)
    return {}


def _project(said: dict[str, str]) -> Project:
    named = said.get("--config") or os.environ.get("DBCTL_CONFIG")
    section = said.get("--name") or said.get("-n")
    return project.find(Path.cwd(), Path(named) if named else None, section)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """End the block after `seconds`, even inside a file system that does not answer."""

    def late(*_: object) -> None:
        raise _Late

    if not hasattr(signal, "setitimer"):
        yield  # Windows: the other limits have to do
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _Late:
        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _environments(at: Project) -> Iterator[Candidate]:
    """Those of [tool.dbctl.env], and those that a file .env.NAME makes."""
    yield from ((str(name), "") for name in at.tool.get("env", {}))
    for entry in os.scandir(at.root):
        name = entry.name.removeprefix(".env.")
        if name != entry.name and name.isidentifier():
            yield name, ""


def _revisions(at: Project) -> Iterator[Candidate]:
    """Ids with their messages, and `label@head` for every branch label."""
    revision = re.compile(r"^revision\b[^=\n]*=\s*[\"']([^\"'\n]+)[\"']", re.MULTILINE)
    labels = re.compile(r"^branch_labels\b[^=\n]*=([^\n]*)", re.MULTILINE)
    message = re.compile(r"\A(?:\s|#[^\n]*\n)*[rRuU]?(?:\"\"\"|''')(.*)")
    for text in _texts(_revision_files(at), HEADER_BYTES):
        if header := revision.search(text):
            doc = message.match(text)
            yield header[1], doc[1].partition('"""')[0] if doc else ""
        for line in labels.findall(text):
            yield from ((f"{name}@head", "") for name in re.findall(r"[\"']([^\"']+)[\"']", line))


def _revision_files(at: Project) -> Iterator[str]:
    deep = at.alembic.get("recursive_version_locations", "").lower() in ("true", "1", "yes")
    for folder in at.version_folders:
        for path in _python(str(folder)):
            if deep or os.path.dirname(path) == str(folder):  # noqa: PTH120 - Path is dear here
                yield path


def _tables(at: Project) -> Iterator[Candidate]:
    """Names that models and revisions give to tables."""
    name = re.compile(
        r"(?:__tablename__[^=\n]{0,40}=|\b(?:create_table|Table)\()\s*[\"']([^\"'\n]{1,100})[\"']"
    )
    root = at.ini.parent if at.bundled and at.ini else at.root
    for text in _texts(_python(str(root)), FILE_BYTES):
        yield from ((table, "") for table in name.findall(text))


def _words(at: Project) -> Iterator[Candidate]:
    """The words that the project adds to the root."""
    from dbctl.cli.joined import words

    yield from ((word.name, word.help) for word in words(at).values() if not word.fault)


def _python(root: str) -> Iterator[str]:
    """Python files below `root`, in name order; links to folders are not followed."""
    for folder, folders, files in os.walk(root):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in SKIPPED)
        yield from (f"{folder}/{f}" for f in sorted(files) if f.endswith(".py"))


def _texts(paths: Iterator[str], size: int) -> Iterator[str]:
    """The first `size` bytes of each plain file, until there were too many."""
    left = BYTES_AT_MOST
    for number, path in enumerate(paths):
        if number >= FILES_AT_MOST or left <= 0:
            return
        # A pipe would wait for a writer for ever.
        if os.path.isfile(path) and os.access(path, os.R_OK):  # noqa: PTH113 - as above
            with open(path, "rb") as file:  # noqa: PTH123
                data = file.read(size)
            left -= len(data)
            yield data.decode("utf-8", "replace")


_SOURCES: dict[str, Callable[[Project], Iterator[Candidate]]] = {
    "env": _environments,
    "revision": _revisions,
    "table": _tables,
    "word": _words,
}
