"""Runs `dbctl` and plain `alembic` the way a user does, and says what came of it."""

import importlib
import io
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

# All that a command gets from the environment of the tests; the COV ones let coverage follow.
INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "VIRTUAL_ENV",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)


@dataclass(frozen=True)
class Finished:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout; anything else there is an error."""
        try:
            return json.loads(self.out)
        except json.JSONDecodeError as error:
            raise AssertionError(f"stdout is not one JSON document: {error}\n{self}") from None

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.out.splitlines()

    @property
    def error_lines(self) -> list[str]:
        """The lines of stderr."""
        return self.err.splitlines()

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: next to nothing, and `extra`."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    # Wherever the command runs, it is the dbctl that these tests belong to.
    return kept | {"PYTHONPATH": str(_root())} | dict(extra or {})


def dbctl(
    *args: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 60,
) -> Finished:
    """Run `python -m dbctl` as a process of its own; stdin is empty unless given."""
    command = [sys.executable, "-m", "dbctl", *map(str, args)]
    return run(command, cwd=cwd, env=env, stdin=stdin, timeout=timeout)


def alembic(
    *args: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Finished:
    """Run the plain `alembic` command, which knows nothing of dbctl."""
    script = Path(sysconfig.get_path("scripts")) / "alembic"
    return run([str(script), *map(str, args)], cwd=cwd, env=env, timeout=timeout)


def run(
    command: list[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 60,
) -> Finished:
    """Run `command` in the clean environment.

    Raises subprocess.TimeoutExpired when it needs more than `timeout` seconds.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(env),
        input=stdin or "",
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=timeout,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def in_process(
    *args: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Finished:
    """Run dbctl's entry point in this process: faster, with the same meaning as `dbctl`."""
    from dbctl.cli.main import main

    out, err = _text(), _text()
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment(env), clear=True))
        stack.enter_context(chdir(cwd or Path.cwd()))
        stack.enter_context(_imports())
        stack.enter_context(patch.object(sys, "stdin", _text(stdin or "")))
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        code = _exit_code(main, [str(arg) for arg in args])
    return Finished(code, _written(out), _written(err))


def _exit_code(main: Any, args: list[str]) -> int:
    try:
        main(args)
    except SystemExit as end:
        return _number(end.code)
    raise AssertionError("main returned; it must end with SystemExit")


def _number(code: str | int | None) -> int:
    """What the shell would see: a text becomes 1, nothing becomes 0."""
    if isinstance(code, str):
        print(code, file=sys.stderr)  # noqa: T201 - as the interpreter does
        return 1
    return code or 0


@contextmanager
def _imports() -> Iterator[None]:
    """Forget, before and after, what was imported from a project: the next one has its own."""
    path = list(sys.path)
    importlib.invalidate_caches()
    _forget()
    try:
        yield
    finally:
        sys.path[:] = path
        _forget()


def _forget() -> None:
    """Drop every module that is neither Python's, nor installed, nor the checkout's."""
    homes = [str(one) for one in (_root(), sys.prefix, sys.base_prefix)]
    lasting = tuple({f"{path}{os.sep}" for one in homes for path in (one, os.path.realpath(one))})
    for name, module in list(sys.modules.items()):
        place = _place(module)
        if place and name != "__main__" and not place.startswith(lasting):
            del sys.modules[name]


def _place(module: ModuleType) -> str | None:
    """The file of a module, the folder of a package without one, None for a built-in one."""
    return getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), None)


def _text(content: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content.encode()), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


def _root() -> Path:
    spec = find_spec("dbctl")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.parent
