"""The seed files of a project: which there are, in which order, and their rows.

A file is named after its table, with a number before it where the order is not that of the foreign
keys: `users.csv`, `02_items.csv`. What lies in a folder named after an environment is for that one.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from dbctl.errors import NotFoundError, SeedRefusedError
from dbctl.seed import cell, csvfile, jsonfile, order, yamlstrict
from dbctl.seed.report import Problems
from dbctl.seed.rows import Batch

_NAME = re.compile(r"(?:(?P<number>\d+)[_-])?(?P<table>\w[\w.]*)")
SCRIPTS = frozenset({".sql", ".py"})
Reader = Callable[[Path, Problems], Iterator[Batch]]
READERS: dict[str, Reader] = {
    ".csv": csvfile.read,
    ".json": jsonfile.read,
    ".jsonl": jsonfile.read_lines,
    ".yaml": yamlstrict.read,
    ".yml": yamlstrict.read,
}


@dataclass(frozen=True)
class Row:
    """One row: column name to value, and the line where it begins."""

    values: dict[str, Any]
    line: int


@dataclass(frozen=True)
class File:
    """One seed file; `name` is its path below the folder of seeds, `number` None without one."""

    path: Path
    table: str
    name: str = ""
    number: int | None = None

    @property
    def is_script(self) -> bool:
        """Whether it is run instead of read."""
        return self.path.suffix.lower() in SCRIPTS

    @property
    def parsed(self) -> bool:
        """Whether its values have types; CSV has text alone."""
        return self.path.suffix.lower() != ".csv"

    def batches(self, problems: Problems) -> Iterator[Batch]:
        """Its rows, some at a time. Raises SeedRefusedError when it cannot be read."""
        try:
            yield from READERS[self.path.suffix.lower()](self.path, problems)
        except UnicodeDecodeError as error:
            raise _undecodable(self.path) from error
        except RecursionError as error:
            raise SeedRefusedError(f"{self.path}: nested too deep") from error
        except OSError as error:
            raise SeedRefusedError(f"cannot read {self.path}: {error.strerror}") from error

    def rows(self) -> Iterator[Row]:
        """Its rows one by one. Raises SeedRefusedError when it cannot be read."""
        problems = Problems(self.path)
        for batch in self.batches(problems):
            for values, line in zip(batch.rows, batch.lines, strict=True):
                said = values if self.parsed else cell.read(values)
                yield Row(dict(zip(batch.names, said, strict=True)), line)
        problems.settle()

    def digest(self) -> str:
        """The SHA-256 of what it holds. Raises SeedRefusedError when it cannot be read."""
        try:
            with self.path.open("rb") as content:
                return hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            raise SeedRefusedError(f"cannot read {self.path}: {error.strerror}") from error


def found(folder: Path, env: str = "", metadata: MetaData | None = None) -> tuple[File, ...]:
    """The seed files of a folder, then those of its folder `env`; () when there is no such folder.

    In each the numbered ones by number, then the others as foreign keys want it, scripts that bear
    no table's name last.
    """
    places = order.positions(metadata) if metadata is not None else {}
    return tuple(
        file
        for place in ((folder, folder / env) if env else (folder,))
        for file in sorted(_files(place, folder), key=lambda file: _rank(file, places))
    )


def _files(place: Path, root: Path) -> Iterator[File]:
    for path in place.glob("*"):
        kind = path.suffix.lower()
        match = _NAME.fullmatch(path.stem)
        if not match or not path.is_file():
            continue
        # A script whose name begins with a line below is one that others import.
        if kind in READERS or (kind in SCRIPTS and not path.name.startswith("_")):
            number = int(match["number"]) if match["number"] else None
            yield File(path, match["table"], path.relative_to(root).as_posix(), number)


def _rank(file: File, places: dict[str, int]) -> tuple[Any, ...]:
    if file.number is not None:
        return (0, file.number, file.path.name)
    return (1, places.get(file.table, len(places)), file.path.name)


def chosen(files: Sequence[File], only: Sequence[str]) -> tuple[File, ...]:
    """The files with these names: of a file, with or without its ending, or of a table.

    Raises NotFoundError for a name that none of them has.
    """
    for name in only:
        if not any(name in _names(file) for file in files):
            raise NotFoundError(
                f"there is no seed file or table {name!r}", hint="see `dbctl seed status`"
            )
    return tuple(file for file in files if not only or _names(file) & set(only))


def _names(file: File) -> set[str]:
    return {file.table, file.name, file.path.name, file.path.stem, str(file.path)}


def _undecodable(path: Path) -> SeedRefusedError:
    """Where the first bytes stand that are no UTF-8."""
    content = path.open("rb")
    with content:
        for line, text in enumerate(content, 1):
            try:
                text.decode()
            except UnicodeDecodeError as error:
                column = len(text[: error.start].decode()) + 1
                seen = text[error.start : error.start + 1].hex()
                return SeedRefusedError(
                    f"{path}:{line}:{column} is not UTF-8 (the byte 0x{seen})",
                    hint="save the file in UTF-8; nothing was written",
                )
    return SeedRefusedError(f"{path} is not UTF-8", hint="save the file in UTF-8")
