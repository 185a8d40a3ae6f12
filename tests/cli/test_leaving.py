"""The end of the process: quick, and nobody who wanted to be told of it is passed over."""

import sys
from pathlib import Path

import pytest

from tests import runner

LINE = """
import atexit, os, sys, threading, time
from dbctl.cli import main
sys.argv = ["dbctl", "heads", "--json"]
{before}
main.main()
"""
ENDINGS = {
    "at exit": "atexit.register(lambda: sys.stderr.write('told'))",
    "a thread": "threading.Timer(0.3, lambda: os.write(2, b'told')).start()",
}


@pytest.mark.parametrize("before", ENDINGS.values(), ids=ENDINGS)
def test_whoever_wants_to_know_of_the_end_is_told(before: str, tmp_path: Path) -> None:
    done = runner.run([sys.executable, "-c", LINE.format(before=before)], cwd=tmp_path)
    assert (done.code, done.err[-4:]) == (0, "told"), done
    assert done.json["heads"]


def test_what_cannot_be_written_at_the_end_is_no_success(tmp_path: Path) -> None:
    line = f"{sys.executable} -m dbctl heads > /dev/full"
    done = runner.run(["sh", "-c", line], cwd=tmp_path)
    assert (done.code, done.err.splitlines()[0][:17]) == (9, "error: the output"), done
