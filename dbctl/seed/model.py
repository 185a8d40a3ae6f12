"""The words of the seed room."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SeededFile:
    """One file and what became of its rows; a row that is there already is left as it is."""

    file: str
    table: str
    inserted: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Seeded:
    """A run over all files: one transaction. `rows` counts the inserted ones."""

    files: tuple[SeededFile, ...]
    rows: int
    seconds: float

    @property
    def tables(self) -> dict[str, int]:
        """Inserted rows by table."""
        found: dict[str, int] = {}
        for one in self.files:
            found[one.table] = found.get(one.table, 0) + one.inserted
        return found
