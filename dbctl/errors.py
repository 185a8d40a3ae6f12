"""Every error that dbctl raises on purpose, each with its exit code.

DbctlError                    70  a bug: nothing below fits
+-- AnswerIsNo                 1  the question was asked properly; the answer is no
|   +-- NotFoundError              no such row, table or database
|   +-- TakenError                 the name is taken
|   +-- InUseError                 other rows point at this one
|   +-- BadValueError              the database does not take the value
|   +-- PendingError               the database is not at the newest revision
|   +-- NothingToDoError           there would be nothing in the file
|   +-- SeedRefusedError           rows of a seed file were refused
+-- UsageError                 2  the command line cannot be understood
+-- ConfigurationError         3  settings, project, models
|   +-- RevisionGraphError         the revision files do not fit together
|   +-- MissingExtraError          a package that this command needs is not installed
+-- UnreachableError           4  cannot connect, or nobody answered in time
|   +-- WrongPasswordError
|   +-- MissingDatabaseError
|   +-- TimedOutError
+-- RefusedError               5  a guard said no
|   +-- NotConfirmedError          nobody said yes
+-- MigrationFailedError       6  rolled back; the message names the revision
+-- PartlyAppliedError         7  some of it stands; the message says what
+-- LockedError                8  somebody else is migrating, or holds a lock
+-- ProviderError              9  Neon, pg_dump, the file system
|   +-- DamagedError               a snapshot is not what it was
+-- StoppedError             130  Ctrl-C
    +-- TerminatedError      143  SIGTERM
"""

import re
from typing import ClassVar


class DbctlError(Exception):
    """What happened (`message`) and what to do about it (`hint`), both for a person to read."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def kind(self) -> str:
        """The class's name as programs read it: `MissingExtraError` is `missing_extra`."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class AnswerIsNo(DbctlError):  # noqa: N818 - a no is an answer, not a mistake
    """The question was asked properly; the answer is no."""

    exit_code = 1


class NotFoundError(AnswerIsNo):
    """No such row, table or database."""


class TakenError(AnswerIsNo):
    """The name is taken."""


class InUseError(AnswerIsNo):
    """Other rows point at this one."""


class BadValueError(AnswerIsNo):
    """The database does not take the value."""


class PendingError(AnswerIsNo):
    """The database is not at the newest revision."""


class NothingToDoError(AnswerIsNo):
    """There would be nothing in the file."""


class SeedRefusedError(AnswerIsNo):
    """Rows of a seed file were refused; nothing was written.

    `problems` are all that were found, each as `file:line:column value reason`.
    """

    def __init__(self, message: str, *, hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class UsageError(DbctlError):
    """The command line cannot be understood."""

    exit_code = 2


class ConfigurationError(DbctlError):
    """Settings, project or models are not usable."""

    exit_code = 3


class RevisionGraphError(ConfigurationError):
    """The revision files do not fit together, or not to the database."""


class MissingExtraError(ConfigurationError):
    """A package that this command needs is not installed."""


class UnreachableError(DbctlError):
    """Cannot connect."""

    exit_code = 4


class WrongPasswordError(UnreachableError):
    """The server refused the user or the password."""


class MissingDatabaseError(UnreachableError):
    """The server answers, but it has no database of that name."""


class TimedOutError(UnreachableError):
    """Nobody answered in time."""


class RefusedError(DbctlError):
    """A guard said no."""

    exit_code = 5


class NotConfirmedError(RefusedError):
    """Nobody said yes."""


class MigrationFailedError(DbctlError):
    """A revision failed and was rolled back."""

    exit_code = 6


class PartlyAppliedError(DbctlError):
    """Some of it stands; the message says what."""

    exit_code = 7


class LockedError(DbctlError):
    """Somebody else is migrating, or holds a lock."""

    exit_code = 8


class ProviderError(DbctlError):
    """Neon, pg_dump or the file system failed."""

    exit_code = 9


class DamagedError(ProviderError):
    """A snapshot is not what it was."""


class StoppedError(DbctlError):
    """Ctrl-C."""

    exit_code = 130


class TerminatedError(StoppedError):
    """SIGTERM."""

    exit_code = 143


EXIT_CODES: dict[int, str] = {
    0: "done, or the answer is yes",
    1: "the answer is no (pending, drift, findings, no such row, name taken, seed rows refused)",
    2: "usage: the command line cannot be understood",
    3: "configuration, models or the revision graph",
    4: "cannot connect, or timed out",
    5: "refused by a guard, or not confirmed",
    6: "a migration failed and was rolled back; the message names the revision",
    7: "partly applied; `dbctl repair` says what to do",
    8: "another migrator or a blocker holds the lock",
    9: "provider: Neon, pg_dump, the file system",
    70: "a bug in dbctl",
    130: "Ctrl-C",
    143: "SIGTERM",
}
