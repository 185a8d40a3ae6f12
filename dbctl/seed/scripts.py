"""Seed files that are run instead of read: SQL as it is, and Python with a function `seed`.

Both in the transaction of the whole run, which they must not end.
"""

import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dbctl.database.importing import importing
from dbctl.database.sqltext import Typed
from dbctl.errors import ConfigurationError, SeedRefusedError
from dbctl.seed.files import File
from dbctl.seed.jsonfile import require_small
from dbctl.seed.report import shortened
from dbctl.seed.stage import Counts
from dbctl.seed.writer import RefusalError, Writer

LIMIT = 16 * 1024 * 1024  # bytes of a script
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_ENDS = re.compile(
    r"(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION)\b",
    re.IGNORECASE,
)
_ATOMIC = re.compile(r"\bBEGIN\s+ATOMIC\b", re.IGNORECASE)
_END = re.compile(r"END\s*", re.IGNORECASE)


async def run(writer: Writer, file: File) -> Counts:
    """Run one script; the rows that it inserted and updated. Raises SeedRefusedError."""
    before = await writer.written()
    if file.path.suffix.lower() == ".sql":
        await _sql(writer, file.path)
    else:
        await _python(writer, file.path)
    after = await writer.written()
    return Counts(after[0] - before[0], after[1] - before[1])


async def _sql(writer: Writer, path: Path) -> None:
    for statement, line in statements(_text(path), writer.dialect.name):
        _require_allowed(path, line, statement)
        try:
            await writer.script(statement)
        except RefusalError as error:
            raise SeedRefusedError(
                f"{path}:{line}: the database refuses it: {error}", hint="nothing was written"
            ) from error


def _text(path: Path) -> str:
    require_small(path, LIMIT, "SQL", "write rows as CSV or JSON Lines, which may be of any size")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SeedRefusedError(f"{path} is not UTF-8", hint="save the file in UTF-8") from error


def statements(text: str, dialect: str) -> Iterator[tuple[str, int]]:
    """The statements of a script, each with the line where it begins.

    Semicolons in quotes, dollar quotes, comments, and bodies of functions and triggers end none.
    """
    typed, at = Typed(dialect), 0
    held: list[str] = []
    for part in [*typed.add(text), typed.waiting]:
        held.append(part)
        whole = ";\n".join(held)
        if not part or (_ATOMIC.search(whole) and not _END.fullmatch(part.split(";")[-1].strip())):
            continue
        at = text.index(held[0], at)
        yield whole, text.count("\n", 0, at + _leading(held[0])) + 1
        at += sum(map(len, held))
        held = []
    if any(held):
        yield ";\n".join(held), text.count("\n", 0, text.index(held[0], at)) + 1


def _leading(statement: str) -> int:
    """How many characters stand before its first word."""
    match = _LEADING.match(statement)
    return match.end() if match else 0


def _require_allowed(path: Path, line: int, statement: str) -> None:
    words = statement[_leading(statement) :]
    if _ENDS.match(words):
        raise SeedRefusedError(
            f"{path}:{line}: {shortened(words)} would end the transaction of the whole run",
            hint="leave it out: dbctl begins a transaction, and ends it",
        )


async def _python(writer: Writer, path: Path) -> None:
    """Call `seed(session)`; a commit of the session's keeps nothing yet."""
    async with AsyncSession(
        bind=writer.connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
    ) as session:
        try:
            with importing(str(path), below=path.parent):
                function = _function(_loaded(path), path)
                if inspect.iscoroutinefunction(function):
                    await function(session)
                else:
                    await session.run_sync(function)
                await session.commit()
        except ConfigurationError as error:
            where = error.hint.removeprefix("see ")
            why = error.message.partition(": ")[2] or error.message
            raise SeedRefusedError(
                f"{where if where.startswith('/') else path}: {why}", hint="nothing was written"
            ) from error


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"dbctl_seed_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SeedRefusedError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _function(module: ModuleType, path: Path) -> Any:  # noqa: ANN401 - the user's
    found = getattr(module, "seed", None)
    if not callable(found):
        raise SeedRefusedError(
            f"{path} has no function `seed`",
            hint="write `def seed(session): ...` or `async def seed(session): ...`",
        )
    return found
