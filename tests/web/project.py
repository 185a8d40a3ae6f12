"""A small project with a web application, for `dbctl serve`."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import runner

TOML = '[tool.dbctl]\nmetadata = "models:Base"\napp = "{app}"\n'
MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    pass
class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
WEB = """\
import asyncio, json, os
NAMES = ("DBCTL_ENV", "DBCTL_URL", "DATABASE_URL")
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    await asyncio.sleep(1.5 if scope["path"] == "/slow" else 0)
    said = {name: os.environ.get(name) for name in NAMES} | {"pid": os.getpid()}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
def factory():
    return app
def broken():
    raise RuntimeError("no")
number = 3
"""


def make(folder: Path, app: str = "web:app") -> Path:
    """A project without revisions, whose application says what it was told."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(TOML.format(app=app), encoding="utf-8")
    (folder / "models.py").write_text(MODELS, encoding="utf-8")
    (folder / "web.py").write_text(WEB, encoding="utf-8")
    (folder / "data.db").touch()
    assert runner.in_process("init", cwd=folder).code == 0
    return folder


def with_revision(folder: Path) -> Path:
    """The same with a revision that is pending."""
    assert runner.in_process("migrate", "-m", "things", cwd=folder).code == 0
    return folder


@dataclass
class Running:
    """A server that runs: what it has said, its address, its process."""

    process: "subprocess.Popen[str]"
    base: str
    said: str

    def text(self, path: str = "/") -> str:
        """What it answers."""
        with urllib.request.urlopen(self.base + path, timeout=20) as response:
            return str(response.read().decode())

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop. The exit code; what it said meanwhile is in `said`."""
        os.kill(self.process.pid, number)
        self.said += self.process.communicate(timeout=30)[1]
        return self.process.returncode


@contextmanager
def serving(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Iterator[Running]:
    """`dbctl serve` on a free port while the block runs."""
    command = [sys.executable, "-m", "dbctl", "serve", "--port", "0", *words]
    with listening(command, cwd=cwd, env=env) as running:
        yield running


@contextmanager
def listening(
    command: list[str], *, cwd: Path, env: dict[str, str] | None = None
) -> Iterator[Running]:
    """A process that becomes a server, while the block runs."""
    environment = runner.environment({"PYTHONUNBUFFERED": "1", **(env or {})})
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Running(process, *_begun(process))
        finally:
            if process.poll() is None:
                process.kill()


def _begun(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Its address and what it has said by then."""
    said = ""
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        if line.startswith("serving on "):
            return line.split()[2].rstrip(";,"), said
    raise AssertionError(said)
