"""The words of the seed room."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True)
class SeededFile:
    """One file and what became of its rows; a script's file has no table ("")."""

    file: str
    table: str
    inserted: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Seeded:
    """A run over all files: one transaction. `rows` counts the inserted and the updated ones.

    `dry_run`: everything was done and then rolled back.
    """

    files: tuple[SeededFile, ...]
    rows: int
    seconds: float
    dry_run: bool = False

    @property
    def tables(self) -> dict[str, int]:
        """Inserted rows by table."""
        found: dict[str, int] = {}
        for one in self.files:
            if one.table:
                found[one.table] = found.get(one.table, 0) + one.inserted
        return found


@dataclass(frozen=True)
class SeedFile:
    """One seed file against the ledger: when it was last loaded (null: never), with how many rows.

    `changed` is a file that holds something else than what was loaded.
    """

    file: str
    table: str
    state: Literal["loaded", "changed", "new"]
    loaded: str | None
    rows: int | None


@dataclass(frozen=True)
class SeedStatus:
    """The seed files of an environment; `ledger` is False where nothing says what was loaded."""

    environment: str
    folder: str
    files: tuple[SeedFile, ...]
    ledger: bool


@dataclass(frozen=True)
class Generated:
    """Generated rows by table, in the order in which they were written; one transaction."""

    rows: dict[str, int]
    seconds: float


class Format(StrEnum):
    """A format of seed files that a table can be written in."""

    csv = "csv"
    jsonl = "jsonl"
    yaml = "yaml"


@dataclass(frozen=True)
class DumpedFile:
    """One written file; `left_out` are columns that it does not have: secrets."""

    file: str
    table: str
    rows: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Dumped:
    """Tables written as seed files."""

    files: tuple[DumpedFile, ...]
    seconds: float
