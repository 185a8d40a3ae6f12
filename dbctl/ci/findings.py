"""What the steps of a check found, for the page about the change."""

from dataclasses import dataclass

from dbctl.ci.book import Book
from dbctl.database.change import Change
from dbctl.lint.model import Linted
from dbctl.migrate.model import Planned
from dbctl.rehearse.model import Rehearsal


@dataclass
class Findings:
    """Everything; `new` are the revisions of the change."""

    book: Book
    new: tuple[str, ...] = ()
    plan: tuple[Planned, ...] = ()
    changes: tuple[Change, ...] = ()
    linted: Linted | None = None
    rehearsal: Rehearsal | None = None
