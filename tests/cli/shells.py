"""Presses the completion key in real shells and says what came of it."""

import os
import pty
import select
import shlex
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import runner

BASH = """\
eval "$(dbctl completion bash)"
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_LINE={line}
COMP_POINT=${{#COMP_LINE}}
COMP_TYPE={type}
{function}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """\
autoload -Uz compinit && compinit -u -D
eval "$(dbctl completion zsh)"
compadd() {{
    local name=${{@[-1]}}
    print -rl -- "${{(@P)name}}"
}}
_files() {{ print -r -- FILES }}
words=({words})
CURRENT=$#words
PREFIX=$words[CURRENT]
_dbctl
"""


def environment(folder: Path) -> dict[str, str]:
    """PATH with a `dbctl` that is the one of these tests."""
    program = folder / "bin" / "dbctl"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dbctl "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return runner.environment({"PATH": path, "HOME": str(folder), "TERM": "dumb"})


def bash(line: str, cwd: Path, *, words: Sequence[str] | None = None, listing: bool = False) -> str:
    """What bash's COMPREPLY holds; `words` is how bash breaks the line, where not at blanks."""
    broken = line.split(" ") if words is None else words
    script = BASH.format(
        words=" ".join(map(shlex.quote, broken)),
        line=shlex.quote(line),
        type=63 if listing else 9,
        function="_dbctl_complete",
    )
    return _run(["bash", "--norc", "-ic", script], cwd)


def zsh(line: str, cwd: Path) -> str:
    """What zsh is given to add."""
    _require("zsh")
    words = " ".join(shlex.quote(word) for word in line.split(" "))
    return _run(["zsh", "-fc", ZSH.format(words=words)], cwd)


def fish(line: str, cwd: Path) -> str:
    """What fish would offer, each with its meaning behind a tab."""
    _require("fish")
    script = f"dbctl completion fish | source; complete -C {shlex.quote(line)}"
    return _run(["fish", "--no-config", "-c", script], cwd)


def _require(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


def _run(command: list[str], cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment(cwd.parent), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False, start_new_session=True,
    )  # fmt: skip
    # An interactive shell without a terminal says so.
    said = [line for line in done.stderr.splitlines() if "job control" not in line]
    assert not [line for line in said if "terminal process group" not in line], done.stderr
    return done.stdout.strip("\n")


def typed(keys: bytes, cwd: Path) -> str:
    """What a terminal shows when `keys` are pressed in an interactive bash."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cwd)
        env = environment(cwd.parent) | {"INPUTRC": os.devnull, "PS1": "$ "}
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], env)
    os.write(terminal, b'eval "$(dbctl completion bash)"; echo rea""dy\n')
    _read(terminal, "\nready")
    os.write(terminal, keys + b"\recho fini''shed\n")
    shown = _read(terminal, "\nfinished")
    os.write(terminal, b"exit\n")
    os.waitpid(child, 0)
    os.close(terminal)
    return shown


def _read(terminal: int, end: str) -> str:
    text, until = "", time.monotonic() + 30
    while end not in text.replace("\r", ""):
        assert time.monotonic() < until, text
        if select.select([terminal], [], [], 0.2)[0]:
            text += os.read(terminal, 65536).decode("utf-8", "replace")
    return text
