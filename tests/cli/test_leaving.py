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


WAL = """
import sqlite3, sqlalchemy.dialects.sqlite
kept = sqlite3.connect("mine.db")
kept.execute("PRAGMA journal_mode = WAL")
kept.execute("CREATE TABLE t (a)")
kept.execute("INSERT INTO t VALUES (1)")
kept.commit()
"""


def test_a_file_that_nobody_closed_has_its_log_written_back(tmp_path: Path) -> None:
    done = runner.run([sys.executable, "-c", LINE.format(before=WAL)], cwd=tmp_path)
    assert done.code == 0, done
    assert [path.name for path in tmp_path.glob("mine.db*")] == ["mine.db"]


def test_what_cannot_be_written_at_the_end_is_no_success(tmp_path: Path) -> None:
    line = f"{sys.executable} -m dbctl heads > /dev/full"
    done = runner.run(["sh", "-c", line], cwd=tmp_path)
    assert (done.code, done.err.splitlines()[0][:17]) == (9, "error: the output"), done
