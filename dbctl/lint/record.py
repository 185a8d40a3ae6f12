"""Runs a revision's functions with nobody at the other end, and writes down what they do."""

import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from alembic.operations import Operations
from alembic.operations.batch import BatchOperationsImpl
from alembic.runtime.migration import MigrationContext

from dbctl.lint import facts as f
from dbctl.lint import operations, sql, standin
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.source import Careful, Source, Stopped

LIMIT = 5_000
_NEAR = 20  # facts among which a line that fails in each turn of a loop is told once
# What a query of the system's own tables asks: it is answered by what the catalogue knows.
_SYSTEM = re.compile(r"\b(pg_\w+|information_schema|sqlite_master|sqlite_schema)\b|PRAGMA", re.I)
_FROM = re.compile(r"\bfrom\s+(?:only\s+)?[\"\w.]*?\"?(\w+)\"?[\s,;)]", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_WORDS = {"public", "main", "table", "index", "r", "i", "e", "BASE TABLE", "foreign key", "c"}


@dataclass
class Recorder:
    """Everything that one function of one revision does; `standin.Listener` of its connection."""

    source: Source
    revision: str
    dialect: Any
    catalogue: Catalogue
    driver: str = ""
    recording: f.Recording = field(default_factory=f.Recording)
    batch: bool = False
    _transaction: int = 0
    _autocommit: bool = False
    _rendered: list[str] | None = None
    _reads: Counter[tuple[int, str]] = field(default_factory=Counter)
    _sent: int = 0
    _silent: bool = False

    def add(self, made: Iterable[f.Fact], **more: Any) -> None:
        """Write facts down, each with its place and its transaction."""
        at = self.source.place(sys._getframe(1))
        for one in made:
            whole = replace(
                one,
                at=one.at if one.at.line else at,
                transaction=self._transaction,
                autocommit=self._autocommit,
                batch=self.batch,
                looped=one.looped or self.source.in_loop(at.line),
                **more,
            )
            self.recording.facts.append(whole)
            self.catalogue = self.catalogue.after(whole, self.revision)
            self._turn(whole)

    def _turn(self, fact: f.Fact) -> None:
        """A COMMIT in the text ends the transaction, BEGIN starts one."""
        if isinstance(fact, f.Setting) and fact.name == "transaction":
            # psycopg asks the server whether a transaction is open, and begins another one.
            ended = fact.value in ("commit", "rollback") and self.driver != "psycopg"
            self._autocommit = ended
            self._transaction += 1
        elif self._autocommit:
            self._transaction += 1

    def sent(self, text: str, element: object) -> int:
        """A statement reaches the driver."""
        self.count()
        found = operations.statement(element, self.dialect)
        if self._rendered is not None:
            self._rendered.append(text)
            if not (found and isinstance(found[0], f.CreateType | f.DropType)):
                return 1
        if found is not None:
            self.add(found, sql=text)
        elif not self._silent:
            self._text(text)
        return 1 if self._first(("sent", text)) else 0

    def count(self) -> None:
        """One step more. Raises Stopped when there are too many: a loop that nothing ends."""
        self._sent += 1
        if self._sent > LIMIT:
            raise Stopped(f"more than {LIMIT:,} statements")

    def _first(self, what: tuple[str, str]) -> bool:
        """Whether this has not happened at this line before."""
        place = self.source.place(sys._getframe(1)).line, what[0]
        self._reads[place] += 1
        return self._reads[place] == 1

    def _text(self, text: str) -> None:
        found = sql.statements(text)
        at = self.source.place(sys._getframe(1))
        if len(found) > 1:
            self.add([f.Several(count=len(found))], sql=text)
        for start, one, made in found:
            place = self.source.within(at, text, start)
            # That rows are read is known when they are looked at.
            kept = [replace(fact, at=place) for fact in made if not isinstance(fact, f.ReadRows)]
            self.add(kept, sql=one, text=True)

    def read(self, text: str, parameters: object) -> bool:
        """Rows are looked at."""
        if self._rendered is not None:
            return False
        if _SYSTEM.search(text):
            self.looked()
            return self._known(text, parameters)
        found = _FROM.search(f"{text} ")
        if found and text.lstrip()[:6].upper() in ("SELECT", "WITH  ", "WITH\n"):
            self.add([f.ReadRows(table=found[1])], sql=text)
        return self._first(("read", text))

    def _known(self, text: str, parameters: object) -> bool:
        """Whether everything that the query names is there."""
        given = parameters.values() if isinstance(parameters, dict) else parameters
        said = [*_LITERAL.findall(text), *(one for one in given or () if isinstance(one, str))]  # type: ignore[attr-defined]
        names = self.catalogue.names()
        wanted = [one for one in said if one not in _WORDS]
        return bool(wanted) and all(one in names for one in wanted)

    def looked(self) -> None:
        """The schema is looked at."""
        if self._rendered is None and not self._silent:
            self.add([f.ReadRows(schema=True)])

    def autocommits(self, *, on: bool) -> None:
        """Isolation level AUTOCOMMIT, or no longer."""
        self._autocommit = on
        self._transaction += 1

    def operation(
        self, name: str, original: Callable[..., Any], /, *args: Any, **options: Any
    ) -> None:
        """One of Alembic's own: its facts, and the SQL that would be sent."""
        self.count()
        made = tuple(operations.METHODS[name](self.dialect, *args, **options))
        self._rendered, broken = [], ""
        try:
            original(*args, **options)
        except Exception as error:  # noqa: BLE001 - a dialect that cannot, a name that is missing
            broken = f"{type(error).__name__}: {' '.join(str(error).split())}"
        finally:
            text, self._rendered = ";\n".join(self._rendered), None
        self.add(made, sql=text.strip(), broken=broken)

    def flush(self, original: Callable[..., None], batch: Any) -> None:
        """The end of a batch: with ALTER as anywhere, or by building the table anew."""
        self.batch = True
        try:
            if batch._should_recreate():
                self._rebuilt(batch)
            else:
                original(batch)
        finally:
            self.batch = False

    def _rebuilt(self, batch: Any) -> None:
        known = [part for part in batch.batch if part[0] in operations.METHODS]
        table = operations.named(batch.table_name, batch.schema)
        copied = batch.copy_from is not None
        named = bool(batch.naming_convention) or copied
        parts = tuple(name for name, _, _ in known)
        self.add([f.Rebuild(table=table, parts=parts, named=named, copied=copied)])
        for name, args, options in known:
            self.add(operations.METHODS[name](self.dialect, *args, **options))


@contextmanager
def _hooks(recorder: Recorder, context: MigrationContext) -> Iterator[None]:
    """Alembic's operations go to the recorder while the block runs."""

    def method(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: recorder.operation(name, original, *args, **options)

    @contextmanager
    def autocommit() -> Iterator[None]:
        recorder.autocommits(on=True)
        yield
        recorder.autocommits(on=False)

    for name in operations.METHODS:
        setattr(context.impl, name, method(name, getattr(context.impl, name)))
    context.autocommit_block = autocommit  # type: ignore[method-assign]  # on this instance
    flush = BatchOperationsImpl.flush
    with ExitStack() as stack:
        stack.enter_context(
            patch.object(BatchOperationsImpl, "flush", lambda self: recorder.flush(flush, self))
        )
        stack.enter_context(patch.object(time, "sleep", lambda _: None))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Target:
    """Where the revisions are meant to run; `options` are those of `context.configure`.

    `driver` is "" when it is not known.
    """

    dialect: str
    version: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    driver: str = ""


def run(target: Target, source: Source, name: str, revision: str, before: Catalogue) -> Recorder:
    """What the function called `name` does, when the schema is `before`.

    A function that cannot go on without a database is run again statement by statement, those that
    fail are left out.
    """
    recorder = _run(target, source, name, revision, before)
    if recorder is None:
        recorder = _run(target, source, name, revision, before, careful=True)
    assert recorder is not None  # noqa: S101 - what fails is skipped there
    return recorder


def _run(
    target: Target,
    source: Source,
    name: str,
    revision: str,
    before: Catalogue,
    *,
    careful: bool = False,
) -> Recorder | None:
    recorder = Recorder(source, revision, None, before, target.driver)
    with standin.connect(target.dialect, target.version, recorder) as connection:
        recorder.dialect = connection.dialect
        context = MigrationContext.configure(connection, opts=dict(target.options))

        def skipped(error: BaseException, line: int) -> None:
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
            at = f.At(source.file, line, 1, line)
            if not any(one.at == at for one in recorder.recording.facts[-_NEAR:]):
                recorder.add([f.Skipped(at=at, reason=reason)])

        with Operations.context(context), _hooks(recorder, context):
            try:
                careful_ = Careful(skipped, recorder.count) if careful else None
                recorder.recording.reached = source.call(name, careful_)
            except Stopped as stopped:
                skipped(stopped, 0)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a revision does
                if line := source.raised(error, name):
                    at = f.At(source.file, line, 1, line)
                    recorder.add([f.Skipped(at=at, reason=f"raises {type(error).__name__}")])
                elif careful:
                    skipped(error, 0)
                else:
                    return None
    return recorder
