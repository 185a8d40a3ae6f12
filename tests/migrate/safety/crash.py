"""A command that is killed before its statement number K.

    python -m tests.migrate.safety.crash PREPARE WORD...

For K = 1, 2, ... it runs the shell command PREPARE, then `dbctl WORD...` in a child that SIGKILL
ends before statement K, then the same once more to its end; a line of JSON says how both ended and
what the database URL held in between and afterwards. It stops when K is never reached.
"""

import json
import os
import signal
import subprocess
import sys

from sqlalchemy import Engine, event

from tests.migrate.safety import swarm
from tests.schema import rows_of, schema_of

LAST = 400


def dying(number: int, words: list[str]) -> int:
    """Run dbctl, and die before its statement `number`, a COMMIT counted too."""
    left = [number]

    def count(*_: object) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    return swarm.dbctl(words)


def ended(pid: int) -> int:
    """How a child ended: its exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def looked(url: str) -> str:
    """A database as text: its schema, its rows, its version."""
    return f"{schema_of(url)} {sorted(rows_of(url).items())}"


def main(prepare: str, words: list[str]) -> None:
    """Die at every statement in turn."""
    swarm.preload()
    for number in range(1, LAST):
        subprocess.run(prepare, shell=True, check=True, capture_output=True)
        killed = ended(swarm.forked(lambda number=number: dying(number, words)))  # type: ignore[misc]
        between = looked(os.environ["URL"])
        again = ended(swarm.forked(lambda: swarm.dbctl(words), os.environ["OUT"]))
        after = looked(os.environ["URL"])
        print(json.dumps([number, killed, between, again, after]), flush=True)  # noqa: T201
        if killed != -signal.SIGKILL:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
