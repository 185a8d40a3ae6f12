"""Records docs/tour.svg: real commands in a copy of the checkout, drawn by Rich as one picture.

`python -m tests.docs.tour` writes the file anew; a test holds it against what commands print now.
"""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from html import unescape
from io import StringIO
from pathlib import Path
from re import findall, sub

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

CHECKOUT = Path(__file__).parents[2]
PICTURE = CHECKOUT / "docs" / "tour.svg"
WIDTH = 80
STEPS = (
    "dbctl up",
    "dbctl tables list",
    "echo '    subtitle: Mapped[str | None]' >> dbctl/sample/models.py",
    "dbctl check",
    "dbctl migrate -m 'Subtitles of posts'",
    "dbctl upgrade",
    "dbctl --json check",
)
COPIED = ("dbctl", "migrations", "alembic.ini", "pyproject.toml")
SHOWN_AS = "~/dbctl"

_BLACK, _RED, _GREEN, _YELLOW = (72, 79, 88), (255, 123, 114), (86, 211, 100), (227, 179, 65)
_BLUE, _MAGENTA, _CYAN, _WHITE = (121, 192, 255), (210, 168, 255), (86, 212, 221), (230, 237, 243)
_COLOURS = [_BLACK, _RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN, _WHITE]
THEME = TerminalTheme((13, 17, 23), (201, 209, 217), _COLOURS, _COLOURS)

# Rich's own format fetches its font from elsewhere; a picture in a README may not.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "Fira Code", Menlo, Consolas,
 "DejaVu Sans Mono", monospace; font-variant-ligatures: none;
 font-size: {char_height}px; line-height: {line_height}px }}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 16px; font-weight: bold }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def recorded() -> str:
    """The tour as an SVG: every step run now, in a terminal of 80 columns."""
    console = Console(width=WIDTH, record=True, file=StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory(prefix="t") as home:
        folder = _copied(Path(home))
        for number, step in enumerate(STEPS):
            console.print(*[""] * (number > 0), _prompt(step), sep="\n")
            for line in _output(step, folder):
                console.print(line, soft_wrap=True)
    return console.export_svg(
        title="dbctl: a database in a minute", theme=THEME, code_format=FORMAT, unique_id="tour"
    )


def text(svg: str) -> list[str]:
    """What a recorded picture says, line by line, without what differs from run to run."""
    lines: dict[int, str] = {}
    for number, words in findall(r'clip-path="url\(#tour-line-(\d+)\)">([^<]*)</text>', svg):
        lines[int(number)] = lines.get(int(number), "") + unescape(words).replace("\xa0", " ")
    return [_lasting(lines[number]) for number in sorted(lines)]


def _lasting(line: str) -> str:
    """`line` with dates, revisions made now, seconds and SQLite's version taken out."""
    for pattern in (r"\d{4}_\d\d_\d\d_", r"\b(?=[a-f]*\d)[0-9a-f]{12}", r"\d+\.\d+(\.\d+)?", r"\s"):
        line = sub(pattern, "", line)
    return line


def _copied(home: Path) -> Path:
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, home / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, home)
    return home


def _prompt(step: str) -> Text:
    return Text.assemble(("$ ", "bold green"), (step, "bold white"))


def _output(step: str, folder: Path) -> Iterator[Text]:
    """The lines that a shell prints for `step` on a terminal."""
    printed = _on_terminal(["sh", "-c", step], folder).replace(str(folder), SHOWN_AS)
    if not printed:
        return
    # What a carriage return goes back over is wiped: a line shows what was written last.
    for line in printed.replace("\r\n", "\n").rstrip("\n").split("\n"):
        yield Text.from_ansi(line.rpartition("\r")[2].removeprefix("\x1b[K"))


def _on_terminal(command: list[str], folder: Path) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    with subprocess.Popen(
        command, cwd=folder, env=_environment(folder), stdin=theirs, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        return _read(ours)


def _environment(folder: Path) -> dict[str, str]:
    """A `dbctl` first on the PATH, which is the copy's."""
    script = folder / ".bin" / "dbctl"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dbctl "$@"\n')
    script.chmod(0o755)
    path = f"{script.parent}:{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": str(folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}


def _read(terminal: int) -> str:
    """Everything printed until the last process has closed the terminal."""
    found = b""
    with open(terminal, "rb", buffering=0) as stream:
        while True:
            try:
                part = stream.read(4096)
            except OSError:  # how Linux says that it was closed
                part = b""
            if not part:
                return found.decode().replace("\r\n", "\n")
            found += part


if __name__ == "__main__":
    PICTURE.write_text(recorded(), encoding="utf-8")
